"""How the class means of perturbed data lie relative to those of the clean data."""

import numpy as np

from ncsweep_torch.collapse.class_means import CentredMeans, Means
from ncsweep_torch.collapse.records import MetricRecord, per_class
from ncsweep_torch.collapse.vectors import angles_degrees


def alignment_records(own: Means, own_centred: CentredMeans, clean: Means, clean_centred: CentredMeans) -> list[MetricRecord]:
    """Angles in degrees and distances in feature units, for the classes present in both."""
    both = [c for c in own_centred.present if c in clean_centred.present]
    vertices = [each.rows[[each.present.index(c) for c in both]] for each in (own_centred, clean_centred)]
    raw = [own[both], clean[both]]
    return [
        *per_class("simplex_angle", both, angles_degrees(*vertices)),
        *per_class("mean_angle", both, angles_degrees(*raw)),
        *per_class("mean_distance", both, np.sqrt(((raw[0] - raw[1]) ** 2).sum(1))),
    ]

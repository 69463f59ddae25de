"""Evaluations: perturbed images of a split, and the metrics of every layer on them."""

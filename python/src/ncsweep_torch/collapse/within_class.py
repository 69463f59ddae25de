"""Spread within classes relative to spread between them: nc1 and its variants, the separation, the conditioning of Sigma_B."""

import math

import numpy as np

from ncsweep_torch.collapse.records import Floats, MetricRecord, scalar

# An eigenvalue of Sigma_B counts (rank, pseudo-inverse) when it exceeds this share of the largest.
RANK_TOLERANCE = 1e-10


def within_class_records(gram: Floats, counts: Floats, squares: Floats, scatter: Floats) -> list[MetricRecord]:
    """Records from K×K numbers.

    `gram` is MᵀM of the centred means [P, P]; `counts` [P]; `squares` Σ ‖h − mu_y‖² over each class [P]; `scatter` Σ p pᵀ with p = Mᵀ(h − mu_y).
    """
    n, total = len(counts), counts.sum()
    values, trace = _trace_of_pseudo_inverse(gram, scatter)
    between, within = gram.trace(), squares.sum() / total
    nc1 = n / total * trace
    with np.errstate(invalid="ignore", divide="ignore"):
        quotient = within / (between / n)
        condition = values[0] / values[-1] if len(values) > 0 else math.nan
    return [
        *scalar("nc1", nc1),
        *scalar("nc1_per_class", nc1 / n),
        *scalar("nc1_quotient", quotient),
        *scalar("cdnv", _cdnv(gram, counts, squares)),
        *scalar("separation", _separation(gram, scatter, counts)),
        *scalar("sigma_b_rank", len(values)),
        *scalar("sigma_b_condition", condition),
    ]


def _trace_of_pseudo_inverse(gram: Floats, scatter: Floats) -> tuple[Floats, float]:
    """The eigenvalues that count, descending, and Σ over samples of ‖(M Mᵀ)^(−1/2) projected residual‖²; NaN at rank 0.

    With MᵀM = Σ λ_k v_k v_kᵀ the left singular vectors of M are u_k = M v_k / √λ_k, so that the sum is Σ_k v_kᵀ(Σ p pᵀ)v_k / λ_k².
    """
    values, vectors = np.linalg.eigh(gram)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = (values > RANK_TOLERANCE * values[0]) & (values[0] > 0)
    values, vectors = values[kept], vectors[:, kept]
    if len(values) == 0:
        return values, math.nan
    forms = ((scatter @ vectors) * vectors).sum(0)
    return values, float((forms / values**2).sum())


def _cdnv(gram: Floats, counts: Floats, squares: Floats) -> float:
    """NaN when class means coincide, which leaves no distance to divide by."""
    upper = np.triu_indices(len(counts), 1)
    norms, spread = gram.diagonal(), squares / counts
    distances = (norms[:, None] + norms - 2 * gram)[upper]
    if len(distances) == 0 or not (distances > 0).all():
        return math.nan
    return float(((spread[:, None] + spread)[upper] / (2 * distances)).mean())


def _separation(gram: Floats, scatter: Floats, counts: Floats) -> float:
    """D = Tr(SS_W SS_B⁺): centred by the mean over samples, SS_B = Σ f_c (mu_c − mu)(mu_c − mu)ᵀ with f_c the share of class c (He & Su)."""
    total = counts.sum()
    shares = counts / total
    _, trace = _trace_of_pseudo_inverse(_reweighted(gram, shares), _reweighted(scatter, shares))
    return trace / float(total)


def _reweighted(matrix: Floats, shares: Floats) -> Floats:
    """AᵀGA with A turning the columns m_c of M into √f_c (m_c − Σ_k f_k m_k)."""
    shift = matrix @ shares
    centred = matrix - shift[:, None] - shift + shares @ shift
    return np.asarray(np.sqrt(np.outer(shares, shares)) * centred, dtype=np.float64)

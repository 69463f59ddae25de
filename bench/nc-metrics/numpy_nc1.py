"""nc1 of N samples in d dimensions by NumPy, float64: `python numpy_nc1.py pinv|gram N D K` prints the seconds it took and the value.

pinv: Tr(Sigma_W pinv(Sigma_B)) with both d×d, as the formula is written. gram: the same number from K×K products.
"""

import json
import sys
import time

import numpy as np


def example(n, d, classes):
    """The features of run.ts: a multiplicative hash of the position, moved by class."""
    hashed = (np.arange(1, n * d + 1, dtype=np.uint64) * 0x9E3779B1) & 0xFFFFFFFF
    features = ((hashed >> 8).astype(np.float64) * 2.0**-24).astype(np.float32).reshape(n, d)
    labels = np.arange(n) % classes
    features[np.arange(n), labels] += 4
    return features, labels


def centred(features, labels, classes):
    h = features.astype(np.float64)
    means = np.stack([h[labels == c].mean(0) for c in range(classes)])
    return h - means[labels], means - means.mean(0)


def pinv(features, labels, classes):
    residual, m = centred(features, labels, classes)
    within = residual.T @ residual / len(residual)
    between = m.T @ m / classes
    return np.trace(within @ np.linalg.pinv(between, rcond=1e-10, hermitian=True))


def gram(features, labels, classes):
    residual, m = centred(features, labels, classes)
    products = residual @ m.T
    return np.trace(products.T @ products @ np.linalg.matrix_power(np.linalg.pinv(m @ m.T, rcond=1e-10, hermitian=True), 2)) * (
        classes / len(residual)
    )


method, (n, d, classes) = sys.argv[1], map(int, sys.argv[2:])
data = example(n, d, classes)
start = time.perf_counter()
value = {"pinv": pinv, "gram": gram}[method](*data, classes)
print(json.dumps([time.perf_counter() - start, float(value)]))

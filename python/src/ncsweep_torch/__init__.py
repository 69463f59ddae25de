"""Computes the cells of ncsweep's sweeps with PyTorch."""

__version__ = "0.1.0"

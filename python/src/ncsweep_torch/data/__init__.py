"""Datasets: their examples as batches on the device."""

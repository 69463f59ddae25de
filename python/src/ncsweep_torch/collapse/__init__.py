"""Metrics of neural collapse for the features of one layer, in two streaming passes, in float64 on the features' device."""

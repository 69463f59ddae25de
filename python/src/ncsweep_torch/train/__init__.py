"""Training by SGD, on clean or adversarial images."""

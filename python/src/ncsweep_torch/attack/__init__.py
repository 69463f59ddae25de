"""Attacks and noises on images [B,C,H,W] in [0,1]."""

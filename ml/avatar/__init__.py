"""Portraits of Udonge: drawing a training set, cropping faces, learning, sampling."""

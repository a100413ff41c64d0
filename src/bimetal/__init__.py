"""Bimetal: decide between synthetic and human-labelled training data with evidence, run the hybrid, prove it."""

__version__ = "0.1.0"

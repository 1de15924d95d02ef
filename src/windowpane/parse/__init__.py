"""Scenes parsed (semantic segmentation): a class for every pixel."""

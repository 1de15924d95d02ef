"""Scenes parsed: a class for every pixel."""

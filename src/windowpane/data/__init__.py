"""Readers of public and own data sets, generators of lines, and checks before training."""

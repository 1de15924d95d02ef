"""Measures: what is counted, by which protocol; knows no test set."""

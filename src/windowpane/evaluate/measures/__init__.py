"""Measures (metrics): what is counted, by which protocol; knows no test set."""

"""Measures, and the test sets that they are taken on; one file a system."""

"""Evaluation on test sets; one file a system."""

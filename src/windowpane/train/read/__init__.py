"""Training readers."""

"""Training parsers."""

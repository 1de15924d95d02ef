"""Training parsers (semantic segmentation)."""

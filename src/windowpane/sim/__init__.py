"""The outdoor world in which a robot drives (simulator)."""

"""A last layer learned from a person's marks (a linear probe): patches, strokes, nets taught so."""

"""A last layer learned from a person's marks (few-shot transfer learning): patches, strokes, taught nets."""

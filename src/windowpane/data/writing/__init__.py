"""Made-up handwriting and print (synthetic data): hands, strokes, lines."""

"""Made-up handwriting and print: hands, strokes, lines."""

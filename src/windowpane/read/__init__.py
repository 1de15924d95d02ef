"""Read (optical character recognition, OCR): from a picture of a number to its digits."""

"""Training readers (optical character recognition, OCR)."""

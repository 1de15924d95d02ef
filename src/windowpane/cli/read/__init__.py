"""``windowpane read`` (OCR): its options, its three ways to answer, and the files that it writes."""

"""``windowpane detect`` (object detection): its options, what is given and written, and the answers."""

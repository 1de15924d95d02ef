"""Detect (object detection): from a picture to the objects in it, of every size."""

"""Training detectors (object detection)."""

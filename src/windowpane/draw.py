"""Answers and score maps as pictures (visualization), by the name that users know: `windowpane.show.draw`."""

from windowpane.show.anonymize import blurred
from windowpane.show.draw import (
    detection_figure,
    draw_detections,
    draw_labels,
    figure1,
    hinton,
    lattice,
    parsing_figure,
    reading,
)
from windowpane.show.numbers import draw_postal_code, draw_readings

__all__ = [
    "blurred",
    "detection_figure",
    "draw_detections",
    "draw_labels",
    "draw_postal_code",
    "draw_readings",
    "figure1",
    "hinton",
    "lattice",
    "parsing_figure",
    "reading",
]

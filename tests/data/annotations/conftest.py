"""Pictures of one's own with annotations, written as text."""

import cv2
import numpy as np
import pytest

from windowpane.data.annotations import read_boxes
from windowpane.errors import DataError


@pytest.fixture
def write(tmp_path):
    """Write files: pictures of 100 x 50 pixels by their names, all else with a text or bytes."""

    def write(*pictures, **files):
        for seed, name in enumerate(pictures):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            pixels = np.random.default_rng(seed).integers(0, 255, (50, 100, 3), np.uint8)
            cv2.imwrite(str(tmp_path / name), pixels)
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write


@pytest.fixture
def told():
    """Read a set; gives it, and what is told of it as sentences."""

    def told(source, **options):
        faults = []
        dataset = read_boxes(source, lambda file, line, message: faults.append(message), **options)
        if faults:
            with pytest.raises(DataError):
                read_boxes(source, **options)
        return dataset, faults

    return told

"""Pictures that the tests of formats write: small, with another value at every place."""

import io

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def scene():
    """(40, 60, 3) uint8 RGB, smooth; every corner and every channel is different."""
    y, x = np.mgrid[0:40, 0:60]
    return np.stack([x * 4, 255 - y * 6, 40 + x + y], axis=-1).astype(np.uint8)


@pytest.fixture(scope="session")
def saved():
    """Return an array or PIL image as the bytes of a file."""

    def save(picture, kind, **options):
        buffer = io.BytesIO()
        image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    return save

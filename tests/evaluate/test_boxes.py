"""The row of a folder of one's own, with a detector whose answers are known."""

import cv2
import numpy as np
import pytest

from windowpane.detect.detections import Detections
from windowpane.errors import DataError
from windowpane.evaluate import boxes
from windowpane.evaluate import detect as faces

CENTRES = {"a": ["0 .25 .5 .2 .2", "1 .75 .5 .2 .2"], "b": ["0 .5 .5 .4 .4"], "c": []}


@pytest.fixture
def folder(tmp_path):
    """Three pictures of 100 x 100 with a cat and a dog, a large cat, and nothing."""
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    (tmp_path / "classes.txt").write_text("cat\ndog\n")
    for name, lines in CENTRES.items():
        cv2.imwrite(str(tmp_path / "images" / f"{name}.png"), np.full((100, 100, 3), ord(name), np.uint8))
        (tmp_path / "labels" / f"{name}.txt").write_text("\n".join(lines))
    return tmp_path


@pytest.fixture
def net(monkeypatch):
    """A net for dogs and cats: it finds the large cat, takes the dog for a cat, and sees one in nothing."""
    found = {
        "a": ([(15, 40, 35, 60), (65, 40, 85, 60)], [0.9, 0.8], [1, 1]),
        "b": ([(32, 32, 70, 70)], [0.95], [1]),
        "c": ([(0, 0, 30, 30)], [0.05], [1]),
    }

    class Fake:
        def __init__(self, file, *, threshold=0.5):
            self.threshold = threshold

        def detect(self, paths):
            for path in paths:
                places, scores, labels = (np.array(one) for one in found[path.stem])
                sure = scores >= self.threshold
                parts = places[sure].astype(float), scores[sure], labels[sure]
                yield Detections(*parts, ("dog", "cat"), None, 100, 100)

    class Output:
        name, names = "score", ("dog", "cat")

    class File:
        class manifest:  # noqa: N801
            outputs = (Output,)

    monkeypatch.setattr(boxes, "Detector", Fake)
    monkeypatch.setattr(boxes, "load", lambda net: File)


def test_a_folder_of_ones_own_has_a_row(folder, net):
    (row,) = faces.evaluate([str(folder)], net="my.onnx")
    assert (row["pictures"], row["objects"]) == (3, 3)
    assert row["found"] == pytest.approx(2 / 3)  # both cats
    assert row["false_per_picture"] == pytest.approx(1 / 3)  # the dog is no cat; in nothing it is not sure
    assert row["average_precision_cat"] == pytest.approx(1)
    assert row["average_precision_dog"] == 0


def test_a_folder_of_other_things_is_refused(folder, net):
    (folder / "classes.txt").write_text("cat\ncow\n")
    with pytest.raises(DataError, match=r"cat, cow, and the net knows dog, cat"):
        boxes.row_of(folder, "my.onnx")

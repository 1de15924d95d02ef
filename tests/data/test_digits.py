"""Sets of digits in the layouts in which they are published, and folders of one's own pictures."""

import gzip
import json

import cv2
import numpy as np
import pytest

from windowpane.data.check.lines import check_lines
from windowpane.data.digits import DigitSet, folder_lines, mnist, orand, semeion, usps
from windowpane.errors import DataError


def idx(path, array, kind=8):
    path.parent.mkdir(parents=True, exist_ok=True)
    head = bytes([0, 0, kind, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(gzip.compress(head + array.astype({8: ">u1", 12: ">i4"}[kind]).tobytes()))


def small_mnist(root, labels=(7, 2, 1), writers=(30, 31, 30)):
    images = np.arange(3 * 28 * 28).reshape(3, 28, 28) % 256
    folder = root / "digits"
    idx(folder / "mnist" / "t10k-images-idx3-ubyte.gz", images)
    idx(folder / "mnist" / "t10k-labels-idx1-ubyte.gz", np.array((7, 2, 1)))
    more = np.zeros((5, 8), int)  # QMNIST has more digits than MNIST, in the same order
    more[:3, 0], more[:3, 2] = labels, writers
    idx(folder / "qmnist-labels" / "qmnist-test-labels-idx2-int.gz", more, kind=12)
    return images


def table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(" ".join(map(str, row)) for row in rows).encode()))


def test_mnist_comes_with_its_writers(tmp_path):
    images = small_mnist(tmp_path)
    digits = mnist(tmp_path, "test")
    np.testing.assert_array_equal(digits.images, images)
    assert digits.labels.tolist() == [7, 2, 1]
    assert digits.writers.tolist() == [30, 31, 30]
    assert len(digits) == 3
    assert digits.where(digits.writers == 30).labels.tolist() == [7, 1]


def test_writers_of_other_digits_are_refused(tmp_path):
    small_mnist(tmp_path, labels=(7, 1, 2))
    with pytest.raises(DataError, match="not in the order of MNIST"):
        mnist(tmp_path, "test")


def test_files_that_are_missing_cut_short_or_of_another_kind_are_named(tmp_path):
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte\.gz"):
        mnist(tmp_path, "train")
    small_mnist(tmp_path)
    path = tmp_path / "digits" / "mnist" / "t10k-images-idx3-ubyte.gz"
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[:-5]))
    with pytest.raises(DataError, match="promises 3 x 28 x 28 values and does not hold as many"):
        mnist(tmp_path, "test")
    path.write_bytes(gzip.compress(b"<html>not found</html>"))
    with pytest.raises(DataError, match="no idx file"):
        mnist(tmp_path, "test")
    for broken in (b"<html>not found</html>", gzip.compress(whole)[:-9]):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"t10k-images-idx3-ubyte\.gz is no whole gzip file"):
            mnist(tmp_path, "test")


def test_usps_and_semeion_fill_the_same_frame_as_mnist(tmp_path):
    square = np.full((16, 16), -1.0)
    square[4:12, 6:10] = 1.0  # white on black, -1 to 1
    table(tmp_path / "digits" / "usps" / "zip.train.gz", [[6.0, *square.ravel()], [0.0, *square.ravel()]])
    binary = (square > 0).astype(int).ravel()
    table(
        tmp_path / "digits" / "semeion" / "semeion.data.gz",
        [[*binary, *one] for one in np.eye(10, dtype=int)],
    )
    for digits, labels in ((usps(tmp_path, "train"), [6, 0]), (semeion(tmp_path), list(range(10)))):
        assert digits.labels.tolist() == labels
        assert digits.writers.tolist() == [-1] * len(labels)  # unknown
        image = digits.images[0]
        assert (image.shape, image.dtype) == ((28, 28), np.uint8)
        rows, columns = np.nonzero(image > 127)
        assert (rows.min(), rows.max() + 1) == (9, 19)  # 4..12 of 16, times 20 / 16, in a frame of 4
        assert (columns.min(), columns.max() + 1) == pytest.approx((11.5, 16.5), abs=1)
        assert image[:4].max() == 0
        assert image[14, 14] > 240


def test_orand_lines_come_with_boxes_from_left_to_right(tmp_path):
    folder = tmp_path / "digits" / "orand-car-a"
    folder.mkdir(parents=True)
    (folder / "labels.csv").write_text("file,label\ntrain/a.png,12\ntest/b.png,345\ntrain/c.png,6\n")
    digits = [[2, 30, 4, 8, 20], [1, 10, 5, 6, 18]]  # class, x, y, width, height; in no order
    (folder / "boxes.json").write_text(json.dumps([{"file": "train/a.png", "digits": digits}]))
    first, second = orand(tmp_path, "train")
    assert (first.path, first.label) == (folder / "train" / "a.png", "12")
    assert first.boxes.tolist() == [[10, 5, 16, 23], [30, 4, 38, 24]]
    assert (second.label, second.boxes) == ("6", None)
    assert [line.label for line in orand(tmp_path, "test")] == ["345"]


# -- One's own pictures ------------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    """Write a folder of pictures that there are, with a labels.csv; gives the folder."""

    def write(text, names=("a.png", "b.png")):
        for number, name in enumerate(names):
            pixels = np.random.default_rng(number).integers(0, 255, (30, 60, 3), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / name), pixels)
        (tmp_path / "labels.csv").write_bytes(text.encode("utf-8"))
        return tmp_path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "file,label\na.png,007\nb.png,12\n",
        "file,label\na.png, 007\nb.png, 12\n\n",  # spaces, and a blank line at the end
        "\ufefffile,label\r\na.png,007\r\nb.png,12\r\n",  # as spreadsheets write it
        "label,file,note\n007,a.png,mine\n12,b.png,\n",  # another order, and more columns
    ],
    ids=["plain", "spaces", "spreadsheet", "columns"],
)
def test_what_check_accepts_can_be_trained_on(own, text):
    folder = own(text)
    assert check_lines(folder).problems == ()
    lines = folder_lines(folder)
    assert [(line.path.name, line.label) for line in lines] == [("a.png", "007"), ("b.png", "12")]
    assert all(line.boxes is None and line.path.is_file() for line in lines)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file,label\na.png,7\nb.png,1O\n", r"labels\.csv, line 3: the label '1O' must be digits only"),
        ("file,label\na.png,²\n", r"line 2: the label '²' must be digits only"),
        ("file,label\na.png,7\nc.png,1\n", r"labels\.csv, line 3: there is no picture 'c\.png'"),
        ("file,label\na.png\n", r"labels\.csv, line 2"),
        ("a.png,7\n", r"labels\.csv: the first line must name the columns file and label"),
        ("", r"labels\.csv: the first line must name the columns file and label"),
    ],
)
def test_faults_of_a_folder_are_named_with_their_line(own, text, message):
    with pytest.raises(DataError, match=message):
        folder_lines(own(text))


def test_a_folder_without_labels_is_named(tmp_path):
    with pytest.raises(DataError, match=r"labels\.csv"):
        folder_lines(tmp_path)


# -- The sets themselves -----------------------------------------------------------------------------------


@pytest.mark.realdata
def test_the_public_sets_are_whole(data):
    sizes = {
        "mnist": (len(mnist(data, "train")), len(mnist(data, "test"))),
        "usps": (len(usps(data, "train")), len(usps(data, "test"))),
        "semeion": len(semeion(data)),
    }
    assert sizes == {"mnist": (60_000, 10_000), "usps": (7_291, 2_007), "semeion": 1_593}


@pytest.mark.realdata
def test_the_writers_of_the_two_parts_of_mnist_are_known_and_different(data):
    train, test = mnist(data, "train").writers, mnist(data, "test").writers
    assert min(train.min(), test.min()) >= 0
    assert len(np.unique(train)) > 500
    assert not set(train) & set(test)


@pytest.mark.realdata
def test_every_set_shows_ink_on_nothing_of_one_size(data):
    for digits in (mnist(data, "test"), usps(data, "test"), semeion(data)):
        assert isinstance(digits, DigitSet)
        assert digits.images[:, :3].mean() < 2  # paper at the rim
        tall = (digits.images > 100).any(axis=2).sum(axis=1)
        assert 17 < np.median(tall) <= 21


@pytest.mark.realdata
def test_cheque_amounts_have_a_box_for_every_digit(data):
    train, test = orand(data, "train"), orand(data, "test")
    assert len(test) == 128
    assert len(train) > 200
    assert not {line.path for line in train} & {line.path for line in test}
    for line in train:
        assert line.label.isdigit()
        if line.boxes is not None:
            assert line.boxes.shape == (len(line.label), 4)
            assert (np.diff((line.boxes[:, 0] + line.boxes[:, 2]) / 2) >= 0).all()

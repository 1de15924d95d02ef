"""The reader as a user meets it: pictures in, numbers out, with the net that ships."""

import csv
import io
import pickle
import threading
from importlib import resources
from itertools import repeat

import cv2
import numpy as np
import onnx
import pytest
from PIL import Image

import windowpane
from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window
from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.errors import ArgumentError, DataError, ImageError, NetFileError
from windowpane.read import batching
from windowpane.read.lexicon import Lexicon
from windowpane.read.reader import Reader
from windowpane.show import draw

DEMO = resources.files("windowpane") / "demo"
DEMO_LINES = list(csv.DictReader((DEMO / "labels.csv").read_text(encoding="utf-8").splitlines()))
BLANK = np.full((40, 200, 3), 255, np.uint8)
TEXTS = ("94720", "10003", "00000", "11811", "31415926", "8", "2717", "60", "505")


@pytest.fixture(scope="module")
def pictures(hand):
    """Clean pictures of all TEXTS, each with the centres of its digits."""
    rng = np.random.default_rng(2)
    return [photograph(rng, compose(rng, hand, text, PLAIN), "clean") for text in TEXTS]


def alike(one, other, within=2e-3):
    """Whether two readings say the same, but for the rounding of the arithmetic."""
    assert one.text == other.text
    assert one.rejected == other.rejected
    assert one.confidence == pytest.approx(other.confidence, abs=within)
    assert [digit.box for digit in one.digits] == [digit.box for digit in other.digits]
    return True


# -- What is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", DEMO_LINES, ids=lambda row: row["file"])
def test_the_built_in_lines_are_read(reader, row):
    assert reader.read((DEMO / row["file"]).read_bytes()).text == row["label"]


def test_composed_numbers_are_read(reader, pictures):
    assert [reader.read(picture.pixels).text for picture in pictures] == list(TEXTS)


def test_light_on_dark_is_read_as_well(reader, pictures):
    assert [reader.read(255 - picture.pixels).text for picture in pictures] == list(TEXTS)


def test_every_kind_of_picture_is_taken(reader, tmp_path):
    data = (DEMO / "ruled.png").read_bytes()
    path = tmp_path / "number.png"
    path.write_bytes(data)
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    expected = reader.read(pixels)
    assert expected.text == "94720"
    for given in (path, str(path), data, io.BytesIO(data), Image.open(path)):
        assert alike(reader.read(given), expected)
    assert reader.read(pixels[..., 0]).text == "94720"  # grey


def test_a_blank_picture_has_no_digits(reader):
    reading = reader.read(BLANK)
    assert (reading.text, reading.digits) == ("", ())
    assert reader.explain(BLANK).columns == ()


def test_five_digits_asked_of_a_blank_picture_are_rejected():
    for options in ({"length": 5}, {"format": "zip"}):
        reading = Reader(**options).read(BLANK)
        assert reading.rejected
        assert reading.confidence < 0.5


# -- One or many, and how they are run ---------------------------------------------------------------------


def test_many_pictures_give_what_each_alone_gives(reader, pictures):
    inputs = [picture.pixels for picture in pictures]
    for given in (inputs, tuple(inputs), iter(inputs), (pixels for pixels in inputs)):
        answers = reader.read(given)
        assert isinstance(answers, list) == isinstance(given, list | tuple)
        assert isinstance(answers, list) or iter(answers) is answers
        for answer, pixels in zip(answers, inputs, strict=True):
            assert alike(answer, reader.read(pixels))
    assert reader.read([]) == []
    assert list(reader.read(iter(()))) == []


def test_an_endless_stream_can_be_read(reader, pictures):
    assert next(reader.read(repeat(pictures[0].pixels))).text == TEXTS[0]


def test_a_bad_picture_among_many_is_a_failure_and_the_others_are_read(reader, pictures):
    given = [pictures[0].pixels, "none.png", b"no picture", pictures[1].pixels, np.zeros((0, 5, 3), np.uint8)]
    one, missing, broken, other, empty = reader.read_many(given)
    assert alike(one, reader.read(pictures[0].pixels))
    assert alike(other, reader.read(pictures[1].pixels))
    assert (missing.image, broken.image, empty.image) == ("none.png", "the bytes", "the ndarray")
    assert all(isinstance(failure, windowpane.Failure) for failure in (missing, broken, empty))
    assert "none.png" in missing.error
    assert isinstance(reader.read_many(tuple(given)), list)
    lazy = reader.read_many(picture for picture in given)
    assert iter(lazy) is lazy
    assert list(lazy) == [one, missing, broken, other, empty]
    assert reader.read_many([]) == []


def test_many_pictures_are_taken_only_as_they_are_needed(reader, pictures):
    assert next(reader.read_many(repeat(pictures[0].pixels))).text == TEXTS[0]
    assert isinstance(next(reader.read_many(repeat(b""))), windowpane.Failure)


@pytest.mark.parametrize("one", ["line.png", b"bytes", np.zeros((9, 9, 3), np.uint8), 7])
def test_a_single_picture_is_not_taken_for_many(reader, one):
    with pytest.raises(ArgumentError, match="a list or an iterator of pictures: give one to read"):
        reader.read_many(one)


def test_a_reader_is_a_system(reader, pictures):
    assert reader.answer(pictures[0].pixels) == reader.read(pictures[0].pixels)


def test_a_closed_reader_leaves_no_thread(pictures):
    def threads():
        return {thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")}

    before = threads()
    with Reader(threads=2) as reader:
        stream = reader.read(repeat(pictures[0].pixels))
        assert next(stream).text == TEXTS[0]  # and then nobody asks for more
        assert reader.read([pictures[0].pixels])[0].text == TEXTS[0]
        assert len(threads() - before) <= 2, "all streams share the threads"
    assert threads() <= before


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
@pytest.mark.parametrize("threads", [1, 2])
def test_threads_and_runtimes_do_not_change_the_answer(reader, pictures, runtime, threads):
    pytest.importorskip(runtime)
    inputs = [picture.pixels for picture in pictures]
    other = Reader(threads=threads, runtime=runtime)
    for one, two in zip(reader.read(inputs), other.read(inputs), strict=True):
        assert alike(one, two)


def test_two_lanes_read_what_one_reads(reader, pictures, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 3)
    given = [picture.pixels for picture in pictures] + [b"no picture"] + [BLANK] * 4
    with Reader(threads=2) as two:
        for _ in range(2):  # the second lane is a process, which takes its time to begin
            for one, other in zip(reader.read_many(given), two.read_many(given), strict=True):
                assert one == other if isinstance(one, windowpane.Failure) else alike(one, other)
        two.threshold = 1.0  # what is changed is changed there too
        assert all(reading.rejected for reading in two.read(iter([BLANK] * 9)))
        with pytest.raises(ImageError):
            two.read([*given[:9], b"no picture"])


def test_a_reader_can_be_pickled(pictures):
    reader = Reader(format="zip", threshold=0.25, top=1, vote="majority", threads=2)
    again = pickle.loads(pickle.dumps(reader))
    for picture in pictures[:4]:
        assert again.read(picture.pixels) == reader.read(picture.pixels)
    assert (again.threshold, again.top, again.vote, again.threads) == (0.25, 1, "majority", 2)


def test_the_picture_is_left_as_it_was(reader, pictures):
    before = pictures[0].pixels.copy()
    reader.read(pictures[0].pixels)
    reader.read_page(pictures[0].pixels)
    np.testing.assert_array_equal(pictures[0].pixels, before)


# -- Where the digits are ----------------------------------------------------------------------------------


def test_the_boxes_lie_on_the_digits_of_the_picture(reader, pictures):
    for picture, text in zip(pictures, TEXTS, strict=True):
        reading = reader.read(picture.pixels)
        assert "".join(digit.text for digit in reading.digits) == text
        rows, columns = np.nonzero(picture.pixels[..., 0] < 140)
        ink = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        height = ink[3] - ink[1]
        assert reading.box == pytest.approx(ink, abs=0.15 * height + 1)
        for digit, centre in zip(reading.digits, picture.centres, strict=True):
            x0, y0, x1, y1 = digit.box
            assert x0 - 1 <= centre <= x1 + 1
            assert (x0 + x1) / 2 == pytest.approx(centre, abs=0.25 * height)
            assert x1 - x0 < 1.2 * height
            assert y0 >= ink[1] - 0.15 * height - 1
            assert y1 <= ink[3] + 0.15 * height + 1


# -- Rules: length, lexicon, rejection ---------------------------------------------------------------------


def test_a_length_is_kept(pictures):
    for length in (3, 5, range(6, 8)):
        allowed = [length] if isinstance(length, int) else length
        for reading in Reader(length=length).read(picture.pixels for picture in pictures):
            assert len(reading.text) in allowed or (reading.text == "" and reading.rejected)  # too narrow
            assert all(len(other.text) in allowed for other in reading.alternatives)
    assert [reading.text for reading in Reader(length=5).read(p.pixels for p in pictures[:4])] == list(
        TEXTS[:4]
    )


def test_more_digits_than_a_line_can_hold_are_nothing_read(pictures):
    reading = Reader(length=60).read(pictures[0].pixels)
    assert reading.text == ""
    assert reading.rejected


def test_zip_codes_are_valid_ones(pictures):
    valid = Lexicon.us_zip()
    readings = list(Reader(format="zip").read(picture.pixels for picture in pictures))
    assert readings[0].text == "94720"
    assert readings[1].text == "10003"
    for reading in readings:
        assert reading.text in valid or (reading.text == "" and reading.rejected)  # too narrow for five
        assert all(other.text in valid for other in reading.alternatives)
    assert "00000" not in valid
    assert readings[2].rejected  # 00000 is written, and no ZIP code


def test_a_file_of_valid_strings_decides_in_doubt(pictures, tmp_path):
    path = tmp_path / "rooms.txt"
    path.write_text("94728\n60\n1811\n")
    reader = Reader(format=path)
    assert reader.read(pictures[0].pixels).text == "94728"  # not 94720, the most probable string
    assert reader.read(pictures[7].pixels).text == "60"
    sure = reader.read(pictures[7].pixels)
    assert not sure.rejected
    assert reader.read(pictures[4].pixels).rejected  # 31415926 resembles none of them


def test_a_pattern_is_kept(pictures):
    reader = Reader(format=Lexicon.from_pattern("9[0-4]7#[1-9]"))
    text = reader.read(pictures[0].pixels).text
    assert text[:4] == "9472"
    assert text[4] != "0"


def test_readings_below_the_threshold_are_rejected_but_told(reader, pictures):
    pixels = pictures[0].pixels
    assert not Reader(threshold=0.0).read(pixels).rejected
    assert Reader(threshold=1.0).read(pixels).rejected
    assert Reader(threshold=1.0).read(pixels).text == TEXTS[0]
    assert reader.threshold == reader.engine.manifest.threshold


def test_the_threshold_is_taken_under_its_old_name_too():
    with pytest.warns(DeprecationWarning, match="score is now called threshold") as warned:
        assert Reader(score=0.25).threshold == 0.25
    assert warned[0].filename == __file__


def test_alternatives_are_at_most_top_and_best_first(pictures):
    smeared = [
        cv2.GaussianBlur(picture.pixels, (0, 0), picture.pixels.shape[0] / share)
        for picture in pictures
        for share in (20, 14, 10)
    ]
    counts = {}
    for top in (1, 2, 6):
        counts[top] = 0
        for reading in Reader(top=top).read(smeared):
            chances = [reading.confidence, *(other.confidence for other in reading.alternatives)]
            assert len(reading.alternatives) <= top
            assert chances == sorted(chances, reverse=True)
            assert reading.text not in {other.text for other in reading.alternatives}
            counts[top] += len(reading.alternatives)
    assert counts[1] < counts[2]  # there are doubtful ones, and a larger top lists more


def test_both_votes_read(pictures):
    for vote in ("majority", "highest"):
        texts = [reading.text for reading in Reader(vote=vote).read(p.pixels for p in pictures)]
        assert texts == list(TEXTS)


# -- Pages -------------------------------------------------------------------------------------------------


def put(page, hand, text, corner, height):
    """Write a number on a page; returns the box of its ink."""
    ink = compose(np.random.default_rng(len(text)), hand, text, PLAIN).coverage
    columns = np.flatnonzero(ink.any(axis=0))
    ink = ink[:, columns[0] : columns[-1] + 1]
    size = (round(ink.shape[1] * height / ink.shape[0]), height)
    cover = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)[..., None] / 255
    x, y = corner
    place = page[y : y + height, x : x + size[0]]
    place[:] = place * (1 - cover)
    return x, y, x + size[0], y + height


def overlap(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - shared
    return shared / both


def test_numbers_of_all_sizes_are_found_on_a_page_each_once(reader, hand):
    page = np.full((420, 640, 3), 240, np.uint8)
    written = {
        text: put(page, hand, text, corner, height)
        for text, corner, height in (
            ("94720", (40, 30), 22),
            ("31415926", (300, 60), 40),
            ("10003", (60, 150), 80),
            ("2717", (470, 250), 30),
        )
    }
    readings = reader.read_page(page)
    assert [reading.text for reading in readings] == ["94720", "31415926", "10003", "2717"]  # downwards
    for reading in readings:
        assert not reading.rejected
        assert overlap(reading.box, written[reading.text]) > 0.7
        assert all(reading.box[0] <= digit.box[0] <= reading.box[2] for digit in reading.digits)


def test_a_blank_page_holds_nothing(reader):
    assert reader.read_page(np.full((200, 300, 3), 230, np.uint8)) == ()
    assert reader.read_page(np.full((9, 9, 3), 230, np.uint8)) == ()


# -- Explained ---------------------------------------------------------------------------------------------


def test_the_steps_are_those_that_were_run(reader, pictures):
    explanation = reader.explain(pictures[0].pixels)
    assert alike(explanation.reading, reader.read(pictures[0].pixels))
    assert [scores.window.width for scores in explanation.maps] == [48, 44, 40, 36]
    columns = explanation.window.map_size(*explanation.ink.shape)[1]
    assert explanation.voted.shape == (11, columns)
    np.testing.assert_allclose(np.exp(explanation.voted).sum(axis=0), 1, atol=1e-4)
    assert len(explanation.columns) == len(TEXTS[0])
    assert list(explanation.columns) == sorted(explanation.columns)
    for digit, column in zip(TEXTS[0], explanation.columns, strict=True):
        assert explanation.voted[:, column].argmax() == int(digit)
    assert list(explanation.ms) == ["picture", "line", "net", "vote", "lattice", "tta"]
    assert min(explanation.ms.values()) >= 0
    assert draw.figure1(explanation).ndim == 3


# -- What cannot be used -----------------------------------------------------------------------------------


def test_pictures_that_cannot_be_used_are_named(reader, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes((DEMO / "ink.png").read_bytes()[:200])
    with pytest.raises(ImageError, match=r"broken\.png"):
        reader.read(broken)
    with pytest.raises(ImageError, match=r"none\.png"):
        reader.read(tmp_path / "none.png")
    with pytest.raises(ImageError):
        list(reader.read([BLANK, np.zeros((0, 5, 3), np.uint8)]))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"vote": "mine"}, "vote='mine' given: choose from 'majority', 'highest'"),
        ({"threshold": 1.5}, "threshold=1.5 given"),
        ({"threshold": -0.1}, "threshold=-0.1 given"),
        ({"threshold": float("nan")}, "threshold=nan given"),
        ({"top": -1}, "top=-1 given"),
        ({"threads": 0}, "threads=0 given"),
        ({"length": 0}, "length=0 given"),
        ({"length": -2}, "length=-2 given"),
        ({"length": "5"}, "length='5' given"),
        ({"length": range(5, 5)}, r"length=range\(5, 5\) given"),
        ({"length": range(-1, 5)}, r"length=range\(-1, 5\) given"),
        ({"runtime": "tensorrt"}, "runtime='tensorrt' given"),
    ],
)
def test_an_argument_that_cannot_be_is_refused_at_once(options, says):
    with pytest.raises(ArgumentError, match=says) as refused:
        Reader(**options)
    assert isinstance(refused.value, ValueError)


def test_a_reader_shows_itself_in_one_line(reader):
    assert repr(reader) == f"Reader('digits', format='number', threshold={reader.threshold:.4g})"
    shown = repr(Reader(format="zip", threshold=0.5))
    assert shown == "Reader('digits', format=<Lexicon of 41,488 strings of 5 digits>, threshold=0.5)"


def test_a_lexicon_that_cannot_be_used_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.txt"):
        Reader(format=tmp_path / "nowhere.txt")
    (tmp_path / "words.txt").write_text("94720\nBerkeley\n")
    with pytest.raises(DataError, match=r"words\.txt, line 2: 'Berkeley'"):
        Reader(format=str(tmp_path / "words.txt"))


def test_a_net_for_another_task_is_refused(tmp_path):
    proto = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 1, H, W] image) => (float[N, 1, H, W] face) { face = Relu(image) }""")
    output = Output("face", ("face",), Window(height=1, width=1))
    save(
        tmp_path / "faces.onnx",
        proto.SerializeToString(),
        Manifest("faces", "detect", 1, "grey", (0.0,), (1.0,), (output,)),
    )
    with pytest.raises(NetFileError, match="'faces' is for the task 'detect'"):
        Reader(tmp_path / "faces.onnx")


def test_a_length_that_no_valid_string_has_is_refused():
    with pytest.raises(ArgumentError, match="length 7 given, but the valid strings have 5 digits"):
        Reader(format="zip", length=7)
    assert Reader(format="zip", length=range(3, 8)).read(np.full((40, 200), 255, np.uint8)).rejected


def test_separators_of_a_net_that_knows_none_are_refused(monkeypatch):
    monkeypatch.setattr("windowpane.read.reader.SEPARATORS", ("'",))  # those of some other net
    with pytest.raises(ArgumentError, match="the net 'digits' knows none"):
        Reader(separators=True)

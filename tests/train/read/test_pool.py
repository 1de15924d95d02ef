"""The pool of training lines: whole, repeatable, and the lines kept aside are never in it."""

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.data.digits import LabelledLine, mnist
from windowpane.data.split import SHARE
from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.errors import DataError
from windowpane.read.line import HEIGHT, LineView, normalize
from windowpane.train.read import pool
from windowpane.train.read.pool import Maker, Sources, darker, make_pool, read_shard, split, transcript
from windowpane.train.read.symbols import CHARACTERS, OPEN


def write_pictures(folder, hand, count=24, seed=0):
    """A folder of one's own: pictures of numbers, and a labels.csv."""
    generator = np.random.default_rng(seed)
    folder.mkdir(exist_ok=True)
    rows = [("file", "label")]
    for number in range(count):
        text = "".join(generator.choice(list("0123456789"), int(generator.integers(2, 6))))
        picture = photograph(generator, compose(generator, hand, text, PLAIN), "clean")
        name = f"{number:03d}.png"
        cv2.imwrite(str(folder / name), picture.pixels)
        rows.append((name, text))
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


@pytest.fixture(scope="module")
def sources(tmp_path_factory, hand):
    folder = write_pictures(tmp_path_factory.mktemp("own"), hand)
    return Sources(None, None, (folder,), (("own", 0.9), ("nothing", 0.1)))


def equal(one, other):
    assert one.texts == other.texts
    for a, b in zip(one.inks + one.centres, other.inks + other.centres, strict=True):
        np.testing.assert_array_equal(a, b)
    return True


def test_a_shard_is_the_same_for_the_same_seed(sources):
    maker = Maker(sources, validation=False)
    first, other = maker.shard(5, count=30), maker.shard(6, count=30)
    assert equal(first, Maker(sources, validation=False).shard(5, count=30))
    assert first.texts != other.texts
    assert len(first) == 30


def test_lines_are_as_the_reader_sees_them_with_ink_at_their_centres(sources):
    lines = Maker(sources, validation=False).shard(7, count=60)
    inked = []
    for ink, text, centres in zip(lines.inks, lines.texts, lines.centres, strict=True):
        assert (ink.shape[0], ink.dtype) == (HEIGHT, np.uint8)
        assert 48 < ink.shape[1] <= 420
        assert len(centres) == len(text)
        assert set(text[1::2]) <= {OPEN}  # of pictures with a label only the digits are known
        assert (np.diff(centres[::2]) > 0).all()
        inked += [ink[:, max(0, int(x) - 6) : int(x) + 7].max() > 120 for x in centres]
    assert np.mean(inked) > 0.97


def test_some_lines_hold_nothing(sources):
    lines = Maker(replace(sources, shares=(("own", 0.5), ("nothing", 0.5))), validation=False).shard(
        8, count=80
    )
    empty = [ink for ink, text in zip(lines.inks, lines.texts, strict=True) if not text]
    assert 20 <= len(empty) <= 60
    assert np.mean([ink.max() > 100 for ink in empty]) > 0.5  # not blank: ink that is no digit


def test_displays_are_drawn_without_any_data():
    maker = Maker(Sources(None, None, (), (("segments", 1.0),)), validation=False)
    lines = maker.shard(1, count=10)
    assert all(text.replace(".", "").replace(":", "").isdigit() for text in lines.texts)
    assert maker.picture(np.random.default_rng(0)).text


def test_a_transcript_is_the_script_or_digits_with_anything_between(hand):
    generator = np.random.default_rng(0)
    picture = photograph(generator, compose(generator, hand, "42", PLAIN), "clean")
    assert transcript(picture)[0] == "42"
    text, places = transcript(replace(picture, script=""))
    assert text == "4~2~"
    assert places.tolist() == np.repeat(picture.centres, 2).tolist()


def test_ink_that_is_known_to_be_darker_is_taken_for_ink_though_the_paper_looks_like_it():
    picture = np.full((60, 120, 3), 70, np.uint8)
    cv2.rectangle(picture, (0, 0), (119, 59), (250, 250, 250), 8)  # a bright rim outvotes the strokes
    for x in range(30, 100, 20):
        picture[18:42, x : x + 5] = 20
    line = darker(picture, LineView())
    x, y = (round(value) for value in line.to_line(32.5, 30))
    assert line.ink[y, x] > 100
    assert normalize(picture).ink[y, x] < 50


def test_one_in_ten_is_in_the_validation_set():
    lines = [LabelledLine(Path(f"{number:03d}.png"), "1") for number in range(40)]
    kept, used = split(lines, validation=True), split(lines[::-1], validation=False)
    assert len(kept) == 40 // SHARE
    assert {line.path for line in kept} | {line.path for line in used} == {line.path for line in lines}
    assert not {line.path for line in kept} & {line.path for line in used}


def test_pictures_of_the_validation_set_are_not_trained_on(sources):
    used = {line.path for line in Maker(sources, validation=False).real["own"]}
    kept = {line.path for line in Maker(sources, validation=True).real["own"]}
    assert used
    assert kept
    assert not used & kept
    picture = Maker(sources, validation=True).picture(np.random.default_rng(0))
    assert picture.text.isdigit()  # never "nothing"


@pytest.mark.slow
def test_the_pool_does_not_depend_on_the_processes_and_goes_on_where_it_stopped(
    sources, tmp_path, monkeypatch
):
    monkeypatch.setattr(pool, "SHARD", 20)
    paths = make_pool(tmp_path, sources, lines=50, seed=3, processes=2)
    assert [path.name for path in paths] == ["shard-0000.npz", "shard-0001.npz", "shard-0002.npz"]
    assert not list(tmp_path.glob("*.part"))
    shards = [read_shard(path) for path in paths]
    assert [len(lines) for lines in shards] == [20, 20, 10]
    for index, lines in enumerate(shards):
        assert equal(lines, Maker(sources, validation=False).shard(3 * 100_003 + index, len(lines)))
    made = paths[0].stat().st_mtime_ns
    paths[1].unlink()
    assert make_pool(tmp_path, sources, lines=50, seed=3, processes=1) == paths
    assert paths[0].stat().st_mtime_ns == made  # not made again
    assert equal(read_shard(paths[1]), shards[1])


@pytest.mark.slow
def test_a_fault_of_the_data_is_told_by_the_process_that_finds_it(tmp_path):
    lost = Sources(None, None, (tmp_path / "lost",), (("own", 1.0),))
    with pytest.raises(DataError, match=r"lost/labels\.csv"):
        make_pool(tmp_path / "pool", lost, lines=5, seed=0, processes=1)


def test_too_few_pictures_of_ones_own_are_refused(tmp_path, hand):
    folder = write_pictures(tmp_path / "own", hand, count=3)
    with pytest.raises(DataError, match=r"3 pictures in .*own: at least 10 are needed"):
        Maker(Sources(None, None, (folder,), (("own", 1.0),)), validation=False)


@pytest.mark.slow
def test_pictures_that_are_all_too_wide_end_in_a_sentence(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    bars = np.full((30, 900, 3), 250, np.uint8)
    bars[5:25, 10:-10:20] = bars[5:25, 12:-10:20] = 10
    rows = ["file,label"]
    for number in range(12):
        cv2.imwrite(str(folder / f"{number}.png"), bars)
        rows.append(f"{number}.png,1")
    (folder / "labels.csv").write_text("\n".join(rows))
    maker = Maker(Sources(None, None, (folder,), (("own", 1.0),)), validation=False)
    with pytest.raises(DataError, match="hardly a picture gives a line"):
        maker.shard(0, count=5)


def test_a_folder_with_a_fault_is_named(tmp_path, hand):
    folder = write_pictures(tmp_path / "own", hand, count=12)
    (folder / "001.png").unlink()
    with pytest.raises(DataError, match=r"labels\.csv, line 3"):
        Maker(Sources(None, None, (folder,), (("own", 1.0),)), validation=False)


@pytest.mark.realdata
def test_writers_for_training_tuning_and_test_are_others(data):
    public = Sources(data, None, (), (("writers", 1.0),))
    used, kept = (
        {hand.name for hand in Maker(public, validation=part).hands["writers"]} for part in (False, True)
    )
    tested = {f"writer {writer}" for writer in np.unique(mnist(data, "test").writers)}
    assert min(len(used), len(kept)) > 40
    assert not used & kept
    assert not (used | kept) & tested


@pytest.mark.slow
@pytest.mark.realdata
def test_every_kind_of_public_line_can_be_made(data):
    for kind in ("writers", "usps", "orand", "orand_hand", "spliced"):
        lines = Maker(Sources(data, None, (), ((kind, 1.0),)), validation=False).shard(1, count=5)
        assert all(text.replace(OPEN, "").isdigit() for text in lines.texts)
    letters = ("chars74k", "omniglot")
    for kind in ("mixed", "words", "receipts", "plates", "sudokus", "displays", "rolls", "bangla", "telugu"):
        try:
            maker = Maker(Sources(data, None, (), ((kind, 1.0),), letters=letters), validation=True)
        except DataError:  # the newer sets are not everywhere
            continue
        lines = maker.shard(1, count=5)
        assert all(set(text) <= set(CHARACTERS) for text in lines.texts)

"""Films out."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from windowpane.errors import WindowpaneError, install
from windowpane.images.film_writer import WRITTEN, FilmWriter
from windowpane.images.video import is_film, timed_frames

COUNT = 12


@pytest.fixture(scope="module")
def pictures():
    """Each lighter than the one before, and redder than green than blue."""
    noise = np.random.default_rng(0).integers(-9, 10, (47, 63))
    levels = [(20 * (number + 1) + noise).clip(0, 255).astype(np.uint8) for number in range(COUNT)]
    return [np.dstack([one, one // 2, one // 4]) for one in levels]


def write(path, pictures):
    writer = FilmWriter(path, 10)
    for picture in pictures:
        writer.add(picture)
    writer.close()
    return writer


def looks_right(path):
    read = list(timed_frames(path))
    assert len(read) == COUNT
    assert is_film(path)
    assert read[-1].picture.shape == (46, 62, 3), "less the odd row and column"
    red, green, blue = read[-1].picture.mean(axis=(0, 1))
    assert red > 1.5 * green > 2 * blue


@pytest.mark.parametrize("suffix", WRITTEN)
def test_without_the_package_films_are_written_and_it_is_said_who_plays_them(
    pictures, tmp_path, suffix, monkeypatch
):
    monkeypatch.setitem(sys.modules, "av", None)
    path = tmp_path / f"out{suffix}"
    note = write(path, pictures).note
    assert f"browsers do not: for H.264 or VP9 run {install('film')}" in note
    looks_right(path)


def test_with_the_package_films_play_in_browsers(pictures, tmp_path):
    av = pytest.importorskip("av")
    path = tmp_path / "out.mp4"
    assert write(path, pictures).note is None
    with av.open(str(path)) as film:
        assert film.streams.video[0].codec_context.name in ("h264", "vp9", "libvpx-vp9", "libdav1d")
        assert film.streams.video[0].codec_context.pix_fmt == "yuv420p"
    looks_right(path)


@pytest.fixture
def stand_in(monkeypatch):
    """Put something in the place of PyAV that only takes down what it is told."""
    done = []
    stream = SimpleNamespace(encode=lambda frame=None: ["packet"] if frame is not None else ["last"])
    file = SimpleNamespace(
        add_stream=lambda name, **options: done.append((name, options["rate"])) or stream,
        mux=done.append,
        close=lambda: done.append("closed"),
    )
    module = ModuleType("av")
    module.codecs_available = {"libvpx-vp9", "mpeg4"}
    module.open = lambda path, mode, options: file
    module.VideoFrame = SimpleNamespace(from_ndarray=lambda array, format: (array.shape, format))
    monkeypatch.setitem(sys.modules, "av", module)
    return SimpleNamespace(module=module, done=done, stream=stream)


def test_the_best_encoder_that_is_there_is_taken(pictures, tmp_path, stand_in):
    assert write(tmp_path / "out.mp4", pictures[:2]).note is None
    assert stand_in.done == [("libvpx-vp9", 10), ["packet"], ["packet"], ["last"], "closed"]
    assert (stand_in.stream.width, stand_in.stream.height) == (62, 46)


def test_where_the_package_has_no_such_encoder_that_is_said(pictures, tmp_path, stand_in):
    stand_in.module.codecs_available = {"mpeg4"}
    assert "browsers do not" in write(tmp_path / "out.mp4", pictures).note


def test_a_film_that_cannot_be_written_says_so(pictures, tmp_path):
    with pytest.raises(WindowpaneError, match=r"nowhere.*cannot be written"):
        FilmWriter(tmp_path / "nowhere" / "out.mp4", 10).add(pictures[0])

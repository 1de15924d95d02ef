"""Rerun recordings, read back by Rerun's own package."""

import builtins
import re
from collections import Counter

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.logs.rerun_log import RerunLog
from windowpane.drive.perception.stereo import Depth
from windowpane.errors import DataError, MissingExtraError, install

RIG = StereoRig(Pinhole(30, 30, 16, 12, 32, 24), 0.125)


def a_drive(path):
    disparity = np.full((24, 32), 2.0, np.float32)
    depth = Depth(disparity, np.ones((24, 32, 3), np.float32), disparity)
    labels = np.full((24, 32), -1, np.int8)
    labels[12:] = 0
    with RerunLog(path, RIG) as log:
        for number in range(3):
            T = np.eye(4)
            T[2, 3] = number
            log.frame(np.full((24, 32, 3), 99, np.uint8), 0.1 * number)
            log.pose(T, 0.1 * number)
            log.labels(labels, 0.1 * number)
            log.points(depth, labels, 0.1 * number)
    return path


def test_a_recording_has_picture_labels_points_and_way(tmp_path):
    from rerun.chunk import RrdReader

    rows = Counter()
    for chunk in RrdReader(a_drive(tmp_path / "new" / "walk.rrd")).stream():
        rows[str(chunk.entity_path)] += chunk.num_rows
    for part in ("camera/picture", "camera/labels", "camera/points", "way"):
        assert rows[f"/world/{part}"] == 3, part


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith("rerun"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=re.escape(install("rerun"))):
        RerunLog(tmp_path / "a.rrd", RIG)


def test_a_place_where_nothing_can_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        RerunLog(tmp_path / "file" / "a.rrd", RIG)


def test_a_recording_has_its_name_when_it_is_whole(tmp_path):
    log = RerunLog(tmp_path / "a.rrd", RIG)
    log.pose(np.eye(4), 0.0)
    assert not (tmp_path / "a.rrd").exists()
    log.close()
    assert [one.name for one in tmp_path.iterdir()] == ["a.rrd"]


@pytest.mark.parametrize("time", [1.4e18, np.nan])
def test_a_time_that_cannot_be_is_refused_and_the_file_is_whole(tmp_path, time):
    from rerun.chunk import RrdReader

    with RerunLog(tmp_path / "a.rrd", RIG) as log:
        log.pose(np.eye(4), 0.0)
        with pytest.raises(DataError, match="cannot be logged: give seconds"):
            log.pose(np.eye(4), time)
    assert any(chunk.num_rows for chunk in RrdReader(tmp_path / "a.rrd").stream())

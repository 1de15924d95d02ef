"""The map for ROS: what map_server and Nav2 read is what the map says."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.opencv_yaml import documents
from windowpane.drive.logs.bag_writer import BagWriter
from windowpane.drive.logs.grid_files import BLOCKED, FREE, UNSEEN, Grid, occupancy, save_grid
from windowpane.drive.mapping.costmap import CostMap
from windowpane.errors import ArgumentError, DataError


@pytest.fixture
def grid() -> Grid:
    """Free ground ahead, x 2 to 6, with something at (4, 1)."""
    costmap = CostMap()
    x, y = np.meshgrid(np.arange(2, 6, 0.05), np.arange(-2, 2, 0.05))
    points = np.column_stack([x.ravel(), y.ravel(), 0 * x.ravel()])
    costmap.add_near(points, np.zeros(len(points), bool), 0.0)
    costmap.add_near(np.tile([4.1, 1.1, 0.5], (9, 1)), np.ones(9, bool), 0.1)
    return occupancy(costmap, 0.1, reach=10.0)


def value_at(values: np.ndarray, grid: Grid, x: float, y: float) -> int:
    return int(values[int((y - grid.origin[1]) / grid.cell), int((x - grid.origin[0]) / grid.cell)])


def test_rows_go_along_y_and_columns_along_x(grid: Grid) -> None:
    assert grid.values.shape == (100, 100)
    assert grid.origin == pytest.approx((-10, -10))
    assert value_at(grid.values, grid, 4.1, 1.1) == BLOCKED
    assert value_at(grid.values, grid, 3.1, -1.5) == FREE
    assert value_at(grid.values, grid, -5.0, 0.0) == UNSEEN
    assert value_at(grid.values, grid, 4.1, -1.1) < BLOCKED


def test_files_are_what_map_server_reads(grid: Grid, tmp_path: Path) -> None:
    picture = save_grid(grid, tmp_path / "maps" / "around.yaml")
    (about,) = documents((tmp_path / "maps" / "around.yaml").read_text(), "around.yaml")
    assert about["image"] == picture.name
    assert about["mode"] == "raw"
    assert about["resolution"] == 0.2
    assert about["origin"] == pytest.approx([-10, -10, 0])
    pixels = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE)
    read = np.where(pixels > 100, -1, pixels).astype(np.int8)[::-1]  # as map_server does in this mode
    assert np.array_equal(read, grid.values)


def test_a_bag_has_the_same_grid(grid: Grid, tmp_path: Path, rig: StereoRig) -> None:
    pytest.importorskip("rosbags")
    from rosbags.rosbag2 import Reader
    from rosbags.typesys import Stores, get_typestore

    with BagWriter(tmp_path / "bag", rig) as bag:
        bag.grid(grid, 12.5)
    with Reader(tmp_path / "bag") as reader:
        ((connection, stamp, data),) = reader.messages()
        message = get_typestore(Stores.ROS2_HUMBLE).deserialize_cdr(data, connection.msgtype)
    assert connection.topic == "/map"
    assert stamp == 12_500_000_000
    assert message.header.frame_id == "odom"
    assert message.info.resolution == pytest.approx(0.2)
    assert (message.info.origin.position.x, message.info.origin.position.y) == pytest.approx((-10, -10))
    assert np.array_equal(message.data.reshape(message.info.height, message.info.width), grid.values)


def test_a_name_that_is_no_map_is_refused(grid: Grid, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ends in \.yaml"):
        save_grid(grid, tmp_path / "map.png")


@pytest.mark.parametrize("wrong", [{"cell": 0}, {"cell": 2.0, "reach": 1.0}, {"reach": float("nan")}])
def test_a_grid_without_a_cell_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ArgumentError, match="metres above 0"):
        occupancy(CostMap(), 0.0, **wrong)

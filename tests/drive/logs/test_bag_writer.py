"""Bags of ROS 2 are written: odometry, transforms and labels, as ROS has them."""

import builtins
import re

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.logs.bag_writer import BagWriter
from windowpane.errors import DataError, MissingExtraError, install

SIZE = (24, 32)


@pytest.fixture
def rig():
    return StereoRig(Pinhole(30, 30, 16, 12, SIZE[1], SIZE[0]), 0.125)


def pose(z):
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.array([0, 0.5, 0]))[0]
    T[2, 3] = z
    return T


@pytest.fixture(params=["walk.mcap", "walk"])
def bag(request, tmp_path, rig):
    """A bag of three poses and label pictures, a file or a folder."""
    path = tmp_path / request.param
    with BagWriter(path, rig) as writer:
        for number in range(3):
            time = 100 + 0.1 * number
            writer.pose(pose(number), time, np.diag([1.0, 2, 3, 4, 5, 6]))
            writer.labels(np.full(SIZE, number - 1, np.int8), time)
    return path


def messages(path, topic):
    from rosbags.rosbag2 import Reader
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.ROS2_HUMBLE)
    with Reader(path) as bag:
        wanted = [one for one in bag.connections if one.topic == topic]
        return [store.deserialize_cdr(data, one.msgtype) for one, _, data in bag.messages(wanted)]


def test_odometry_has_the_axes_of_a_robot(bag):
    last = messages(bag, "/odometry")[-1]
    assert (last.header.frame_id, last.child_frame_id) == ("odom", "base_link")
    position, turn = last.pose.pose.position, last.pose.pose.orientation
    assert (position.x, position.y, position.z) == pytest.approx((2, 0, 0)), "forward is x"
    # To the right, about the camera's y that points down, is a negative turn about the z that points up.
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx((0, 0, -np.sin(0.25), np.cos(0.25)))
    assert np.diag(last.pose.covariance.reshape(6, 6)).tolist() == [6, 4, 5, 3, 1, 2]


def test_transforms_lead_from_the_start_to_the_camera(bag):
    (static,) = messages(bag, "/tf_static")
    (move,) = messages(bag, "/tf")[-1].transforms
    assert (move.header.frame_id, move.child_frame_id) == ("odom", "base_link")
    assert static.transforms[0].child_frame_id == "left_camera"
    turn = static.transforms[0].transform.rotation
    assert (turn.x, turn.y, turn.z, turn.w) == pytest.approx((-0.5, 0.5, -0.5, 0.5))


def test_labels_are_a_grey_picture_with_255_for_none(bag):
    levels = [set(one.data.tolist()) for one in messages(bag, "/left/labels")]
    assert levels == [{255}, {0}, {1}]


def test_a_bag_is_written_anew(bag, rig):
    with pytest.raises(DataError, match="exists"):
        BagWriter(bag, rig)


def test_without_the_extra_it_says_what_to_install(tmp_path, rig, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith(("rosbags", "mcap")):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingExtraError, match=re.escape(install("ros"))):
        BagWriter(tmp_path / "b.mcap", rig)


def test_a_bag_has_its_name_when_it_is_whole(tmp_path, rig):
    for name in ("walk.mcap", "walk"):
        writer = BagWriter(tmp_path / name, rig)
        writer.pose(pose(0), 1.0)
        assert not (tmp_path / name).exists()
        writer.close()
        writer.close()
        assert len(messages(tmp_path / name, "/odometry")) == 1
    assert {one.name for one in tmp_path.iterdir()} == {"walk.mcap", "walk"}
    assert {one.name for one in (tmp_path / "walk").iterdir()} == {"metadata.yaml", "walk.mcap"}


@pytest.mark.parametrize("time", [1.4e18, np.nan, np.inf])
def test_a_time_that_ros_cannot_hold_is_refused_and_the_bag_is_whole(tmp_path, rig, time):
    with BagWriter(tmp_path / "a.mcap", rig) as bag:
        bag.pose(pose(0), 1.0)
        with pytest.raises(DataError, match="cannot be written to a bag"):
            bag.pose(pose(1), time)
    assert len(messages(tmp_path / "a.mcap", "/odometry")) == 1

"""Bags are written and read back; nothing of ROS is installed."""

import builtins

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.logs.bag_writer import BagWriter, quaternion
from windowpane.drive.logs.bags import BagRecording, is_bag
from windowpane.errors import DataError, MissingExtraError

SIZE = (24, 32)


@pytest.fixture
def rig():
    return StereoRig(Pinhole(30, 30, 16, 12, SIZE[1], SIZE[0]), 0.125)


def picture(level):
    return np.full((*SIZE, 3), (level, 20, 250 - level), np.uint8)


def pose(z):
    T = np.eye(4)
    T[:3, :3] = cv2.Rodrigues(np.array([0, 0.5, 0]))[0]
    T[2, 3] = z
    return T


@pytest.fixture(params=["walk.mcap", "walk"])
def bag(request, tmp_path, rig):
    """A bag of three frames, a file or a folder."""
    path = tmp_path / request.param
    with BagWriter(path, rig) as writer:
        for number in range(3):
            time = 100 + 0.1 * number
            writer.frame(picture(50 + number), picture(90 + number), time)
            writer.pose(pose(number), time, np.diag([1.0, 2, 3, 4, 5, 6]))
            writer.labels(np.full(SIZE, number - 1, np.int8), time)
    return path


def test_a_bag_gives_the_frames_that_were_written(bag):
    assert is_bag(bag)
    recording = BagRecording(bag)
    assert len(recording) == 3
    assert recording.size == SIZE
    for _ in range(2):  # it can be gone through again
        frames = list(recording)
        assert [frame.time for frame in frames] == pytest.approx([100, 100.1, 100.2])
        assert [frame.reason for frame in frames] == [""] * 3
        for number, frame in enumerate(frames):
            np.testing.assert_array_equal(frame.left, picture(50 + number))
            np.testing.assert_array_equal(frame.right, picture(90 + number))


def test_a_bag_knows_its_cameras(bag, rig):
    known = BagRecording(bag).rig
    assert known.baseline == pytest.approx(rig.baseline)
    assert known.left == rig.left
    assert known.maps is None


def test_raw_pictures_come_with_the_way_to_rectify_them(tmp_path, rig):
    """CameraInfo of a pair whose left lens is bent and that is not quite in line."""
    K, turn = rig.left.cv_matrix, cv2.Rodrigues(np.array([0, 0.01, 0]))[0]
    with BagWriter(tmp_path / "raw.mcap", rig) as writer:
        region = writer._types.types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
        for side, bend, shift in (("left", -0.2, 0.0), ("right", 0.0, -30 * 0.125)):
            data = picture(60).reshape(-1)
            image = (SIZE[0], SIZE[1], "rgb8", 0, 3 * SIZE[1], data)
            writer._add(f"/{side}/image_raw", "sensor_msgs/msg/Image", 1.0, *image)
            D, P = np.array([bend, 0, 0, 0, 0.0]), np.hstack([K, [[shift], [0], [0]]])
            matrices = D, K.ravel(), turn.ravel(), P.ravel()
            info = (SIZE[0], SIZE[1], "plumb_bob", *matrices, 0, 0, region)
            writer._add(f"/{side}/camera_info", "sensor_msgs/msg/CameraInfo", 1.0, *info)
    recording = BagRecording(tmp_path / "raw.mcap")
    known = recording.rig
    assert known.baseline == pytest.approx(0.125)
    assert known.maps is not None
    (frame,) = recording
    assert known.rectify(frame.left, frame.right)[0].shape == (*SIZE, 3)


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


def test_quaternions_turn_as_their_matrix():
    for vector in ([0.3, -1, 2], [0, 0, 0], [np.pi, 0, 0], [1e-9, 0, 0]):
        x, y, z, w = quaternion(cv2.Rodrigues(np.array(vector, float))[0])
        assert x * x + y * y + z * z + w * w == pytest.approx(1)
        expected = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z)],
        ]
        np.testing.assert_allclose(cv2.Rodrigues(np.array(vector, float))[0][:2, :2], expected, atol=1e-9)


def write(path, rig, sides, times):
    with BagWriter(path, rig) as writer:
        for side, time in zip(sides, times, strict=True):
            one = picture(100)
            writer.frame(*((one, None) if side == "l" else (None, one)), time)


def test_pictures_are_paired_by_their_stamps(tmp_path, rig):
    write(tmp_path / "a.mcap", rig, "lrlrlr", [1, 1.004, 2, 2.5, 3, 3.004])
    frames = list(BagRecording(tmp_path / "a.mcap"))
    assert [(one.left is None, one.right is None) for one in frames] == [
        (False, False),
        (False, True),
        (True, False),
        (False, False),
    ]
    assert "no right picture within 20 ms" in frames[1].reason
    assert "no left picture" in frames[2].reason


def test_a_camera_that_drops_out_does_not_stop_the_other(tmp_path, rig):
    write(tmp_path / "a.mcap", rig, "lr" + "l" * 30, [0.5, 0.5, *range(1, 31)])
    frames = BagRecording(tmp_path / "a.mcap")
    assert [one.right is None for one in frames] == [False] + [True] * 30


def test_encodings_of_ros_become_rgb(tmp_path, rig):
    with BagWriter(tmp_path / "a.mcap", rig) as writer:
        for time, (encoding, pixel) in enumerate(
            [("bgr8", [30, 20, 10]), ("rgba8", [10, 20, 30, 99]), ("mono8", [20]), ("16UC1", [1, 0])]
        ):
            rows = np.tile(np.array(pixel * 4, np.uint8), (2, 1))
            padded = np.hstack([rows, np.zeros((2, 3), np.uint8)])  # a row may be longer than its pixels
            data = padded.reshape(-1)
            for side in ("left", "right"):
                writer._add(
                    f"/{side}/image_raw",
                    "sensor_msgs/msg/Image",
                    time,
                    2,
                    4,
                    encoding,
                    0,
                    padded.shape[1],
                    data,
                )
        jpeg = cv2.imencode(".jpg", np.full((16, 16, 3), (30, 20, 10), np.uint8))[1].ravel()
        kind = "sensor_msgs/msg/CompressedImage"
        for side in ("left", "right"):
            writer._add(f"/{side}/image_rect/compressed", kind, 9, "jpeg", jpeg)
    raw = list(BagRecording(tmp_path / "a.mcap", topics=("/left/image_raw", "/right/image_raw")))
    assert [one.left[1, 3].tolist() for one in raw[:3]] == [[10, 20, 30], [10, 20, 30], [20, 20, 20]]
    assert raw[3].left is None
    assert "16UC1" in raw[3].reason
    (found,) = BagRecording(tmp_path / "a.mcap")  # rectified ones go before
    assert np.abs(found.left[8, 8].astype(int) - [10, 20, 30]).max() < 6


def test_what_is_no_bag_is_refused_in_one_sentence(tmp_path, rig):
    (tmp_path / "bad.mcap").write_bytes(b"no bag at all")
    with pytest.raises(DataError, match=r"bad\.mcap cannot be read as a ROS bag"):
        BagRecording(tmp_path / "bad.mcap")
    with pytest.raises(DataError, match="does not exist"):
        BagRecording(tmp_path / "none.mcap")
    with BagWriter(tmp_path / "poses.mcap", rig) as writer:
        writer.pose(np.eye(4), 1.0)
        writer.labels(np.zeros(SIZE, np.int8), 1.0)
    with pytest.raises(DataError, match=r"pictures of two cameras: its topics of pictures are /left/labels"):
        BagRecording(tmp_path / "poses.mcap")
    with pytest.raises(DataError, match="exists"):
        BagWriter(tmp_path / "poses.mcap", rig)


def test_without_the_extra_it_says_what_to_install(tmp_path, rig, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith(("rosbags", "mcap")):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    (tmp_path / "a.mcap").write_bytes(b"")
    for attempt in (lambda: BagRecording(tmp_path / "a.mcap"), lambda: BagWriter(tmp_path / "b.mcap", rig)):
        with pytest.raises(MissingExtraError, match=r"windowpane\[ros\]"):
            attempt()

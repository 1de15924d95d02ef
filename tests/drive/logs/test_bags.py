"""Bags of ROS 2 are read: frames in pairs, cameras, and what is no bag; nothing of ROS is installed."""

import builtins
import re

import cv2
import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.logs.bag_writer import BagWriter
from windowpane.drive.logs.bags import BagRecording, is_bag
from windowpane.errors import ArgumentError, DataError, MissingExtraError, install

SIZE = (24, 32)
SIDES = ("left", "right")


@pytest.fixture
def rig():
    return StereoRig(Pinhole(30, 30, 16, 12, SIZE[1], SIZE[0]), 0.125)


def picture(level):
    return np.full((*SIZE, 3), (level, 20, 250 - level), np.uint8)


def write_messages(path, messages):
    """Write a rosbag2 folder of messages (topic, kind, seconds, fields after the header) with `rosbags`.

    A fifth part of a message is the time of its header, where that is another.
    """
    from rosbags.rosbag2 import StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.ROS2_HUMBLE)
    types, connections = store.types, {}
    with Writer(path, version=9, storage_plugin=StoragePlugin.MCAP) as bag:
        for topic, kind, time, fields, *stamp in messages:
            if topic not in connections:
                connections[topic] = bag.add_connection(topic, kind, typestore=store)
            header = types["std_msgs/msg/Header"](
                types["builtin_interfaces/msg/Time"](int([time, *stamp][-1]), 0), ""
            )
            data = store.serialize_cdr(types[kind](header, *fields), kind)
            bag.write(connections[topic], int(1e9 * time), data)
    return path


def camera_info(K, D, R, shift=0.0):
    """The fields of a CameraInfo after its header; shift: of the projection."""
    from rosbags.typesys import Stores, get_typestore

    region = get_typestore(Stores.ROS2_HUMBLE).types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
    P = np.hstack([K, [[shift], [0], [0]]])
    matrices = (np.array(one, float).ravel() for one in (D, K, R, P))
    return SIZE[0], SIZE[1], "plumb_bob", *matrices, 0, 0, region


def raw_bag(path, left, right):
    """Write a bag with a raw picture of either camera, and their CameraInfo."""
    messages = []
    for side, info in (("left", left), ("right", right)):
        image = (SIZE[0], SIZE[1], "rgb8", 0, 3 * SIZE[1], picture(60).reshape(-1))
        messages.append((f"/{side}/image_raw", "sensor_msgs/msg/Image", 1, image))
        messages.append((f"/{side}/camera_info", "sensor_msgs/msg/CameraInfo", 1, info))
    return write_messages(path, messages)


@pytest.fixture(params=["walk.mcap", "walk"])
def bag(request, tmp_path, rig):
    """A bag of three frames, a file or a folder."""
    path = tmp_path / request.param
    with BagWriter(path, rig) as writer:
        for number in range(3):
            time = 100 + 0.1 * number
            writer.frame(picture(50 + number), picture(90 + number), time)
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
    K, R = rig.left.cv_matrix, cv2.Rodrigues(np.array([0, 0.01, 0]))[0]
    left = camera_info(K, [-0.2, 0, 0, 0, 0], R)
    right = camera_info(K, [0.0, 0, 0, 0, 0], R, -30 * 0.125)
    recording = BagRecording(raw_bag(tmp_path / "raw", left, right))
    known = recording.rig
    assert known.baseline == pytest.approx(0.125)
    assert known.maps is not None
    (frame,) = recording
    assert known.rectify(frame.left, frame.right)[0].shape == (*SIZE, 3)


def test_cameras_that_were_never_calibrated_are_told_with_the_bag(tmp_path):
    nothing = camera_info(np.zeros((3, 3)), [], np.zeros((3, 3)))
    recording = BagRecording(raw_bag(tmp_path / "raw", nothing, nothing))
    assert len(list(recording)) == 1
    with pytest.raises(DataError, match=r"raw: its CameraInfo cannot be used: .* is not calibrated$"):
        _ = recording.rig


def test_cameras_that_cannot_be_a_pair_are_told_with_the_bag(tmp_path, rig):
    info = camera_info(rig.left.cv_matrix, [0.0] * 5, np.eye(3))
    with pytest.raises(DataError, match=r"the CameraInfo of .*raw: its second camera is not to the right"):
        _ = BagRecording(raw_bag(tmp_path / "raw", info, info)).rig


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


def test_encodings_of_ros_become_rgb(tmp_path):
    messages = []
    for time, (encoding, pixel) in enumerate(
        [("bgr8", [30, 20, 10]), ("rgba8", [10, 20, 30, 99]), ("mono8", [20]), ("32FC1", [0, 0, 128, 63])], 1
    ):
        rows = np.tile(np.array(pixel * 4, np.uint8), (2, 1))
        padded = np.hstack([rows, np.zeros((2, 3), np.uint8)])  # a row may be longer than its pixels
        image = (2, 4, encoding, 0, padded.shape[1], padded.reshape(-1))
        messages += [(f"/{side}/image_raw", "sensor_msgs/msg/Image", time, image) for side in SIDES]
    jpeg = cv2.imencode(".jpg", np.full((16, 16, 3), (30, 20, 10), np.uint8))[1].ravel()
    kind = "sensor_msgs/msg/CompressedImage"
    messages += [(f"/{side}/image_rect/compressed", kind, 9, ("jpeg", jpeg)) for side in SIDES]
    path = write_messages(tmp_path / "a", messages)
    raw = list(BagRecording(path, topics=("/left/image_raw", "/right/image_raw")))
    assert [one.left[1, 3].tolist() for one in raw[:3]] == [[10, 20, 30], [10, 20, 30], [20, 20, 20]]
    assert raw[3].left is None
    assert "32FC1" in raw[3].reason
    (found,) = BagRecording(path)  # rectified ones go before
    assert np.abs(found.left[8, 8].astype(int) - [10, 20, 30]).max() < 6


def test_two_topics_are_asked_for(bag):
    with pytest.raises(ArgumentError, match="the names of two"):
        BagRecording(bag, topics=("/left/image_rect", "/left/image_rect"))


def test_it_is_told_in_a_line(bag):
    told = repr(BagRecording(bag))
    assert told.startswith("BagRecording('")
    assert told.endswith("3 frames of /left/image_rect and /right/image_rect)")


def test_what_is_no_bag_is_refused_in_one_sentence(tmp_path, rig):
    (tmp_path / "bad.mcap").write_bytes(b"no bag at all")
    with pytest.raises(DataError, match=r"bad\.mcap cannot be read as a ROS bag"):
        BagRecording(tmp_path / "bad.mcap")
    with pytest.raises(DataError, match="does not exist"):
        BagRecording(tmp_path / "none.mcap")
    with BagWriter(tmp_path / "poses.mcap", rig) as writer:
        writer.labels(np.zeros(SIZE, np.int8), 1.0)
    with pytest.raises(DataError, match=r"pictures of two cameras: its topics of pictures are /left/labels"):
        BagRecording(tmp_path / "poses.mcap")


def test_without_the_extra_it_says_what_to_install(tmp_path, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.startswith(("rosbags", "mcap")):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    (tmp_path / "a.mcap").write_bytes(b"")
    with pytest.raises(MissingExtraError, match=re.escape(install("ros"))):
        BagRecording(tmp_path / "a.mcap")


# -- Clocks, and bags of other kinds -----------------------------------------------------------------------


def test_clocks_that_never_agree_are_told_with_the_option(tmp_path):
    """The right camera's began when it was switched on; both are written as they come."""
    image = (SIZE[0], SIZE[1], "rgb8", 0, 3 * SIZE[1], picture(60).reshape(-1))
    kind = "sensor_msgs/msg/Image"
    messages = [
        (f"/{side}/image_raw", kind, second + 0.1 * late, image, start + second)
        for second in range(1, 13)
        for late, (side, start) in enumerate((("left", 100), ("right", 5)))
    ]
    path = write_messages(tmp_path / "a", messages)
    with pytest.raises(DataError, match=r"clock is -95\.000 s from .* \(--offset 95\.000\)"):
        next(iter(BagRecording(path)))
    frames = list(BagRecording(path, offset=95))
    assert [frame.reason for frame in frames] == [""] * 12
    assert frames[0].time == 101


@pytest.mark.parametrize("count", [3, 12])
def test_cameras_that_take_turns_ask_for_a_tolerance(tmp_path, rig, count):
    times = [one for k in range(count) for one in (100 + 0.1 * k, 100.033 + 0.1 * k)]
    write(tmp_path / "a.mcap", rig, "lr" * count, times)
    with pytest.raises(DataError, match=r"\+33 ms after the left ones.*--tolerance 0\.034"):
        list(BagRecording(tmp_path / "a.mcap"))
    assert [one.reason for one in BagRecording(tmp_path / "a.mcap", tolerance=0.034)] == [""] * count


def test_a_camera_that_starts_late_is_waited_for(tmp_path, rig):
    sides = "l" * 20 + "lr" * 10
    times = [*(1 + 0.1 * k for k in range(20)), *(3 + 0.1 * (k // 2) for k in range(20))]
    write(tmp_path / "a.mcap", rig, sides, times)
    frames = list(BagRecording(tmp_path / "a.mcap"))
    assert [one.right is None for one in frames] == [True] * 20 + [False] * 10
    assert [one.name for one in frames] == [f"{number:06d}" for number in range(30)]


def test_with_a_wide_tolerance_the_nearest_is_the_partner(tmp_path, rig):
    """33 ms from frame to frame, and the second right one lost."""
    write(tmp_path / "a.mcap", rig, "lrllr", [1, 1.006, 1.033, 1.066, 1.072])
    frames = list(BagRecording(tmp_path / "a.mcap", tolerance=0.05))
    assert [one.right is None for one in frames] == [False, True, False]


@pytest.mark.parametrize("kind", [".mcap", ".db3"])
def test_a_folder_without_its_metadata_is_read(tmp_path, rig, kind):
    from rosbags.rosbag2 import Reader, StoragePlugin, Writer
    from rosbags.typesys import Stores, get_typestore

    write(tmp_path / "a", rig, "lrlr", [1, 1, 2, 2])
    if kind == ".db3":
        store = get_typestore(Stores.ROS2_HUMBLE)
        with (
            Reader(tmp_path / "a") as old,
            Writer(tmp_path / "b", version=9, storage_plugin=StoragePlugin.SQLITE3) as new,
        ):
            known = [(one.topic, one.msgtype) for one in old.connections]
            topics = {topic: new.add_connection(topic, kind, typestore=store) for topic, kind in known}
            for one, time, data in old.messages():
                new.write(topics[one.topic], time, data)
    folder = tmp_path / ("a" if kind == ".mcap" else "b")
    (folder / "metadata.yaml").unlink()
    assert is_bag(folder)
    assert [one.reason for one in BagRecording(folder)] == ["", ""]


def test_a_folder_of_pictures_with_a_bag_in_it_is_no_bag(tmp_path, rig):
    write(tmp_path / "a.mcap", rig, "lr", [1, 1])
    assert is_bag(tmp_path)
    (tmp_path / "left").mkdir()
    assert not is_bag(tmp_path)


@pytest.fixture
def ros1(tmp_path):
    """A bag of ROS 1 with two raw pictures of each camera, and CameraInfo."""
    from rosbags.rosbag1 import Writer
    from rosbags.typesys import Stores, get_typestore

    store = get_typestore(Stores.ROS1_NOETIC)
    types = store.types
    region = types["sensor_msgs/msg/RegionOfInterest"](0, 0, 0, 0, False)
    K, D, R = np.array([30.0, 0, 15.5, 0, 30, 11.5, 0, 0, 1]), np.zeros(5), np.eye(3).ravel()
    path = tmp_path / "walk.bag"
    with Writer(path) as bag:
        for side, shift in (("left", 0.0), ("right", -30 * 0.125)):
            P = np.array([30.0, 0, 15.5, shift, 0, 30, 11.5, 0, 0, 0, 1, 0])
            fields = {
                "sensor_msgs/msg/Image": (*SIZE, "rgb8", 0, 3 * SIZE[1], picture(60).reshape(-1)),
                "sensor_msgs/msg/CameraInfo": (*SIZE, "plumb_bob", D, K, R, P, 0, 0, region),
            }
            for (kind, rest), topic in zip(fields.items(), ("image_raw", "camera_info"), strict=True):
                connection = bag.add_connection(f"/{side}/{topic}", kind, typestore=store)
                for second in (1, 2):
                    stamp = types["builtin_interfaces/msg/Time"](second, 0)
                    header = types["std_msgs/msg/Header"](0, stamp, "camera")
                    data = store.serialize_ros1(types[kind](header, *rest), kind)
                    bag.write(connection, int(1e9 * second), data)
    return path


def test_a_bag_of_ros_1_is_read(ros1):
    assert is_bag(ros1)
    recording = BagRecording(ros1)
    frames = list(recording)
    assert [one.time for one in frames] == [1, 2]
    np.testing.assert_array_equal(frames[0].left, picture(60))
    assert recording.rig.baseline == pytest.approx(0.125)
    assert recording.rig.left.size == SIZE
    ros1.write_bytes(ros1.read_bytes()[:300])
    with pytest.raises(DataError, match=r"walk\.bag cannot be read as a ROS bag"):
        BagRecording(ros1)


def test_yuv_of_usb_cameras_becomes_rgb(tmp_path):
    grey = np.tile(np.array([100, 128, 100, 128], np.uint8), (2, 2))  # Y U Y V
    messages = []
    for time, (encoding, rows) in enumerate((("yuv422_yuy2", grey), ("uyvy", np.roll(grey, 1, axis=1))), 1):
        image = (2, 4, encoding, 0, 8, rows.reshape(-1))
        messages += [(f"/{side}/image_raw", "sensor_msgs/msg/Image", time, image) for side in SIDES]
    for frame in BagRecording(write_messages(tmp_path / "a", messages)):
        assert np.ptp(frame.left) == 0
        assert abs(int(frame.left[0, 0, 0]) - 98) < 4


def test_a_damaged_bag_is_one_sentence_whatever_its_reader_throws(bag, monkeypatch):
    from rosbags import rosbag2

    def broken(*_):
        raise TypeError("'>=' not supported between None and int")

    monkeypatch.setattr(rosbag2.Reader, "messages", broken)
    with pytest.raises(DataError, match="cannot be read as a ROS bag: '>=' not supported"):
        list(BagRecording(bag))

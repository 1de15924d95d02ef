"""The detector as a user meets it, with a net set by hand that finds bright discs."""

import io
import math
import threading

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.core.boxes import overlap
from windowpane.core.pyramids import Level
from windowpane.core.system import Failure
from windowpane.detect.detections import NO_TRACK
from windowpane.detect.detector import Detector
from windowpane.detect.tracker import FAINT, Tracker
from windowpane.errors import ArgumentError, ImageError, NetFileError

SCENE = [(60, 70, 20), (150, 60, 28), (270, 80, 40), (130, 330, 110), (470, 300, 200), (560, 80, 57)]


@pytest.fixture(scope="module")
def detector(net):
    return Detector(net)


@pytest.fixture(scope="module")
def scene(discs):
    return discs(640, 480, *SCENE)


def box_of(x, y, size):
    return [x - size / 2, y - size / 2, x + size / 2, y + size / 2]


def same(one, other, within=0.01):
    np.testing.assert_allclose(one.boxes, other.boxes, atol=within)
    np.testing.assert_allclose(one.confidence, other.confidence, atol=1e-4)
    np.testing.assert_array_equal(one.class_ids, other.class_ids)
    return True


# -- What is found, and where ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [18, 20, 23, 28, 33, 40, 57, 80, 113, 160, 200, 320])
def test_a_disc_of_any_size_is_found_once_and_where_it_is(detector, discs, size):
    x, y = 331.3, 238.6
    answer = detector.detect(discs(640, 480, (x, y, size)))
    assert len(answer) == 1
    np.testing.assert_allclose(answer.boxes[0], box_of(x, y, size), atol=0.5 + 0.01 * size)
    assert answer.confidence[0] > 0.9
    assert answer[0].name == "disc"


def test_discs_of_many_sizes_are_found_together_each_once(detector, scene):
    answer = detector.detect(scene)
    assert len(answer) == len(SCENE)
    assert (overlap([box_of(*disc) for disc in SCENE], answer.boxes).max(axis=1) > 0.9).all()
    assert (np.diff(answer.confidence) <= 0).all(), "the surest comes first"
    assert (answer.width, answer.height) == (640, 480)


def test_landmarks_are_in_pixels_of_the_picture(detector, discs):
    x, y, size = 200.5, 150.5, 80
    (disc,) = detector.detect(discs(400, 300, (x, y, size)))
    face = np.array([[-0.2, -0.1], [0.2, -0.1], [0, 0.05], [-0.15, 0.25], [0.15, 0.25]])
    np.testing.assert_allclose(disc.landmarks, np.array([x, y]) + size * face, atol=1)


@pytest.mark.parametrize("size", [22, 60, 140])
@pytest.mark.parametrize("where", ["top left", "bottom right"])
def test_a_disc_in_a_corner_is_found(detector, discs, size, where):
    x, y = (size / 2, size / 2) if where == "top left" else (397 - size / 2, 291 - size / 2)
    (disc,) = detector.detect(discs(397, 291, (x, y, size)))
    assert overlap([disc.box], [box_of(x, y, size)])[0, 0] > 0.8
    assert min(disc.box) >= 0
    assert disc.box[2] <= 397
    assert disc.box[3] <= 291


@pytest.mark.parametrize("size", [20, 25, 33, 100, 301])
def test_a_disc_that_fills_the_picture_is_found(detector, discs, size):
    (disc,) = detector.detect(discs(size, size, (size / 2, size / 2, size)))
    assert overlap([disc.box], [[0, 0, size, size]])[0, 0] > 0.8


def test_boxes_end_at_the_edges_of_the_picture(detector, discs):
    answer = detector.detect(discs(300, 200, (284, 100, 40)))
    assert len(answer) == 1
    assert answer.boxes[0, 2] == 300


def test_a_picture_moved_by_one_stride_has_its_boxes_moved_as_much(net, discs):
    detector = Detector(net, max_size=20)  # on the finest level, where a stride is four pixels
    places = [(61, 70, 20), (153, 62, 19), (270, 83, 21)]
    one = detector.detect(discs(400, 300, *places))
    other = detector.detect(discs(400, 300, *[(x + 4, y + 8, size) for x, y, size in places]))
    assert len(one) == 3
    np.testing.assert_allclose(other.boxes, one.boxes + np.array([4, 8, 4, 8]), atol=1e-3)
    np.testing.assert_allclose(other.confidence, one.confidence, atol=1e-4)


def test_twice_the_picture_has_boxes_twice_as_large(detector, scene):
    twice = cv2.resize(scene, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    one, other = detector.detect(scene), detector.detect(twice)
    shares = overlap(2 * one.boxes, other.boxes)
    assert len(one) == len(other)
    assert (shares.max(axis=1) > 0.9).all()


def test_boxes_of_two_classes_do_not_put_each_other_out(make_net, scene):
    answer = Detector(make_net(labels=("disc", "ball"))).detect(scene)
    assert {one.name for one in answer} == {"disc", "ball"}
    assert len(answer[answer.class_ids == 0]) == len(SCENE)
    assert list(answer.to_dict()) == ["width", "height", "discs", "balls"]


def test_a_net_of_three_colours_sees_red_first(make_net, scene, detector):
    rgb = Detector(make_net(colour="rgb"))
    assert same(rgb.detect(scene * np.uint8([1, 0, 0])), detector.detect(scene), within=1)
    assert len(rgb.detect(scene * np.uint8([0, 1, 1]))) == 0


# -- What is asked for -------------------------------------------------------------------------------------


def test_smaller_discs_are_found_when_they_are_asked_for(net, discs):
    image = discs(200, 150, (60.5, 70.5, 10))
    assert len(Detector(net).detect(image)) == 0
    (disc,) = Detector(net, min_size=10).detect(image)
    np.testing.assert_allclose(disc.box, box_of(60.5, 70.5, 10), atol=0.7)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ({"min_size": 200}, [200]),
        ({"max_size": 40}, [20, 28, 40]),
        ({"min_size": 110, "max_size": 110}, [110]),
    ],
)
def test_only_the_sizes_asked_for_are_looked_for(net, scene, sizes, expected):
    answer = Detector(net, **sizes).detect(scene)
    expected = [disc for disc in SCENE if disc[2] in expected]
    assert len(answer) == len(expected)
    assert (overlap([box_of(*disc) for disc in expected], answer.boxes).max(axis=1) > 0.9).all()


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_windows_turned_by_quarters_see_what_lies_or_stands_on_its_head(detector, discs, quarters):
    picture = discs(240, 200, (70, 90, 22), (150, 60, 24))
    level = detector._padded(Level(picture[..., 0], (1, 1)))
    maps = detector.engine.run(np.ascontiguousarray(np.rot90(level.image, quarters)))
    candidates = detector.decoder.candidates(level, maps, quarters)
    nothing = detector.decoder.nothing(*picture.shape[:2])
    found = detector.decoder.nms(detector.decoder.regress(candidates, nothing))
    upright = detector.decoder.candidates(level, detector.engine.run(level.image))
    expected = detector.decoder.nms(detector.decoder.regress(upright, nothing))
    order, as_expected = found.boxes[:, 0].argsort(), expected.boxes[:, 0].argsort()
    np.testing.assert_allclose(found.boxes[order], expected.boxes[as_expected], atol=1e-3)
    # the net's five points are those of an upright face: they turn as the window does
    middles = (expected.boxes[as_expected, :2] + expected.boxes[as_expected, 2:]) / 2
    away = expected.landmarks[as_expected] - middles[:, None]
    turn = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), quarters)
    np.testing.assert_allclose(found.landmarks[order] - middles[:, None], away @ turn.T, atol=1e-3)


def test_with_rotations_the_surest_of_all_turns_stays(net, scene, detector):
    turning = Detector(net, rotations=True)
    found, upright = turning.detect(scene), detector.detect(scene)
    assert len(found) == len(upright)
    assert (found.confidence >= upright.confidence.min()).all()


def test_a_lower_threshold_gives_more_and_a_higher_one_less(net, scene):
    counts = [len(Detector(net, threshold=threshold).detect(scene)) for threshold in (1, 0.999, 0.5, 0.01)]
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[1] < len(SCENE) <= counts[2] < counts[3]
    assert Detector(net, threshold=0.97).detect(scene).confidence.min() > 0.97


def test_calibration_changes_scores_and_not_what_is_found(make_net, scene, detector):
    curve = (0.5, -0.4)
    calibrated = Detector(make_net(calibration=curve, threshold=1 / (1 + math.exp(0.4)))).detect(scene)
    plain = detector.detect(scene)
    np.testing.assert_allclose(calibrated.boxes, plain.boxes)
    odds = np.log(plain.confidence / (1 - plain.confidence))
    np.testing.assert_allclose(
        calibrated.confidence, 1 / (1 + np.exp(-(curve[0] * odds + curve[1]))), atol=1e-6
    )


def test_the_threshold_is_the_nets_own_unless_another_is_given(make_net, scene):
    strict = make_net(threshold=0.9995)
    few = Detector(strict).detect(scene)
    assert len(few) < len(SCENE)
    assert few.confidence.min() > 0.9995
    assert len(Detector(strict, threshold=0.5).detect(scene)) == len(SCENE)


@pytest.mark.parametrize("threads", [2, 3])
def test_threads_do_not_change_the_answer(net, scene, detector, threads):
    with Detector(net, threads=threads) as threaded:
        for answer in (threaded.detect(scene), threaded.explain(scene).detections):
            assert same(answer, detector.detect(scene))
        one, other = threaded.explain(scene), detector.explain(scene)
    assert [level.scale for level in one.levels] == [level.scale for level in other.levels]
    for mine, theirs in zip(one.maps, other.maps, strict=True):
        np.testing.assert_allclose(mine.scores, theirs.scores, atol=1e-4)


@pytest.fixture(scope="module")
def doubtful(make_net):
    """A net that takes much for a disc, and a second one that looks at all of it again."""
    second = make_net(threshold=0.02, nominal=20, lean=0.3, mirrored=True, zooms=[0.8, 1.25], sure=99.0)
    return make_net(threshold=0.002, second=second)


@pytest.mark.parametrize("size", [(33, 21), (40, 300), (640, 480), (1200, 900), (2600, 130)])
def test_with_any_number_of_threads_the_answer_is_the_same(doubtful, discs, size):
    """In pictures of one tile and of many, among them one that is smaller than a window."""
    random = np.random.default_rng(2)
    places = random.uniform([0, 0, 18], [*size, 60], (size[0] * size[1] // 4000 + 1, 3))
    places[0] = [size[0] / 2, size[1] / 2, 18]
    picture = discs(*size, *places)
    picture += random.integers(0, 40, picture.shape, np.uint8) * (picture < 200)
    alone = Detector(doubtful).detect(picture)
    assert len(alone)
    for threads in (2, 4):
        with Detector(doubtful, threads=threads) as threaded:
            answer = threaded.detect(picture)
        np.testing.assert_allclose(answer.boxes, alone.boxes, rtol=1e-5, atol=1e-3)
        np.testing.assert_allclose(answer.confidence, alone.confidence, rtol=1e-5)
        np.testing.assert_allclose(answer.landmarks, alone.landmarks, rtol=1e-5, atol=1e-3)


def test_tiles_find_what_whole_levels_show(net, discs):
    """The first level has several tiles, with discs everywhere at their seams."""
    detector, side = Detector(net), 1200
    picture = discs(side, side, *[(x, y, 20) for x in range(30, side, 57) for y in range(30, side, 57)])
    answer, whole = detector.detect(picture), detector.explain(picture)
    assert len([*detector.engine.tiles(*whole.levels[0].image.shape[:2])]) > 4
    assert len(answer) == len(whole.detections) == 21 * 21
    # those that are alike come in another order
    one, other = (boxes[np.lexsort(boxes.round().T)] for boxes in (answer.boxes, whole.detections.boxes))
    np.testing.assert_allclose(one, other, atol=1e-9)


def threads_of_detectors():
    return {thread for thread in threading.enumerate() if thread.name.startswith("windowpane-worker")}


def test_a_closed_detector_has_no_thread_left_and_still_answers(net, scene, detector):
    before = threads_of_detectors()
    with Detector(net, threads=2) as threaded:
        threaded.detect(scene)
        assert threads_of_detectors() - before
    assert not threads_of_detectors() - before
    threaded.close()
    assert same(threaded.detect(scene), detector.detect(scene))


def test_the_same_picture_has_the_same_answer_to_the_bit(detector, scene):
    one, other = detector.detect(scene), detector.detect(scene)
    np.testing.assert_array_equal(one.boxes, other.boxes)
    np.testing.assert_array_equal(one.confidence, other.confidence)


# -- Pictures of all kinds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 300), (300, 1), (5, 7), (16, 400), (20_000, 1)])
def test_a_picture_with_no_room_for_an_object_has_none(detector, width, height):
    answer = detector.detect(np.full((height, width, 3), 255, np.uint8))
    assert len(answer) == 0
    assert answer.boxes.shape == (0, 4)
    assert answer.landmarks.shape == (0, 5, 2)
    assert (answer.width, answer.height) == (width, height)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_a_blank_picture_holds_nothing(detector, grey):
    answer = detector.detect(np.full((240, 320, 3), grey, np.uint8))
    assert answer.to_dict() == {"width": 320, "height": 240, "discs": []}


def test_a_very_wide_picture_is_seen_to_its_end(detector, discs):
    answer = detector.detect(discs(20_000, 60, (30, 30, 24), (19_970, 30, 40)))
    assert len(answer) == 2
    assert overlap(answer.boxes, [box_of(30, 30, 24), box_of(19_970, 30, 40)]).max(axis=0).min() > 0.9


def test_every_kind_of_picture_is_taken(detector, scene, tmp_path):
    path = tmp_path / "discs.png"
    cv2.imwrite(str(path), scene)
    answer = detector.detect(scene)
    data = path.read_bytes()
    for kind in (str(path), path, data, io.BytesIO(data), Image.fromarray(scene), scene[..., 0]):
        assert same(detector.detect(kind), answer)


def test_the_callers_picture_is_left_alone(detector, scene):
    before = scene.copy()
    detector.detect(scene)
    np.testing.assert_array_equal(scene, before)


def test_several_pictures_give_an_iterator_one_answer_each(detector, scene, discs):
    taken = []

    def pictures():
        for image in (scene, discs(100, 80), discs(100, 80, (50, 40, 30))):
            taken.append(image)
            yield image

    answers = detector.detect(pictures())
    assert len(next(answers)) == len(SCENE)
    assert len(taken) == 1, "pictures are taken when their answer is asked for"
    assert [len(answer) for answer in answers] == [0, 1]


def test_a_list_of_pictures_gives_a_list(detector, scene, discs):
    for several in ([scene, discs(100, 80)], (scene, discs(100, 80))):
        answers = detector.detect(several)
        assert [len(answer) for answer in answers] == [len(SCENE), 0]
        assert isinstance(answers, list)
    assert detector.detect([]) == []


def test_of_many_pictures_a_broken_one_has_its_reason_in_its_place(detector, scene, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    pictures = [scene, tmp_path / "broken.png", b"", scene]
    first, broken, empty, last = detector.detect_many(pictures)
    assert len(first) == len(last) == len(SCENE)
    assert isinstance(broken, Failure)
    assert broken.image == str(tmp_path / "broken.png")
    assert "broken.png is no JPEG" in broken.error
    assert "empty" in empty.error
    assert isinstance(detector.detect_many(pictures), list)


def test_many_pictures_are_taken_when_their_answer_is_asked_for(detector, scene):
    taken = []
    answers = detector.detect_many(taken.append(number) or scene for number in range(3))
    assert taken == []
    next(answers)
    assert taken == [0]


@pytest.mark.parametrize("one", ["discs.png", b"", np.zeros((4, 4, 3), np.uint8), 7])
def test_one_picture_is_not_many(detector, one):
    with pytest.raises(ArgumentError, match="give one to detect"):
        detector.detect_many(one)


@pytest.mark.parametrize("bad", ["missing.png", b"no picture", np.zeros((3, 4, 5), np.uint8), 7])
def test_what_is_no_picture_is_explained(detector, bad):
    with pytest.raises(ImageError):
        detector.detect(bad)


# -- Films -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def film(discs, tmp_path_factory):
    """A folder of frames with a disc that goes to the right."""
    folder = tmp_path_factory.mktemp("film")
    for number in range(12):
        cv2.imwrite(str(folder / f"f{number}.png"), discs(160, 120, (40 + 2 * number, 60, 30)))
    return folder


def centres(answers):
    return [(answer.boxes[0, 0] + answer.boxes[0, 2]) / 2 for answer in answers]


def test_the_disc_is_found_in_every_frame_of_a_video(detector, film, tmp_path):
    path = tmp_path / "discs.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
    if not writer.isOpened():
        pytest.skip("this OpenCV writes no AVI")
    for number in range(12):
        writer.write(cv2.imread(str(film / f"f{number}.png")))
    writer.release()
    np.testing.assert_allclose(centres(detector.detect_video(path)), 40 + 2 * np.arange(12), atol=1)


def test_a_folder_is_a_video_too_in_natural_order(detector, film):
    np.testing.assert_allclose(centres(detector.detect_video(film)), 40 + 2 * np.arange(12), atol=1)


def test_an_open_capture_is_read_a_frame_at_a_time(detector, discs):
    class Camera:
        taken = 0

        def get(self, number):
            return -1

        def read(self):
            self.taken += 1
            return self.taken <= 2, discs(160, 120, (60, 60, 30))

    camera = Camera()
    answers = detector.detect_video(camera)
    assert camera.taken == 0
    assert len(next(answers)) == camera.taken == 1
    assert len(list(answers)) == 1


def test_a_video_that_breaks_off_gives_what_was_read_and_then_says_so(detector, film, tmp_path):
    (tmp_path / "f1.png").write_bytes((film / "f1.png").read_bytes())
    (tmp_path / "f2.png").write_bytes(b"no picture")
    answers = detector.detect_video(tmp_path)
    assert len(next(answers)) == 1
    with pytest.raises(ImageError, match=r"f2\.png"):
        next(answers)


def test_a_tracked_video_has_numbers_that_stay(detector, film):
    assert all(answer.ids is None for answer in detector.detect_video(film))
    ids = [answer.ids.tolist() for answer in detector.detect_video(film, track=True)]
    assert ids == [[NO_TRACK]] + [[1]] * 11
    ids = [answer.ids.tolist() for answer in detector.detect_video(film, track=Tracker(hits=1))]
    assert ids == [[1]] * 12


def test_a_fading_disc_is_followed_below_the_threshold(detector, discs, tmp_path):
    for number, level in enumerate((255, 255, 255, 170, 255)):
        picture = np.minimum(discs(160, 120, (60, 60, 20)), level).astype(np.uint8)
        cv2.imwrite(str(tmp_path / f"f{number}.png"), picture)
    assert [len(answer) for answer in detector.detect_video(tmp_path)] == [1, 1, 1, 0, 1]
    followed = list(detector.detect_video(tmp_path, track=True))
    assert [answer.ids.tolist() for answer in followed] == [[NO_TRACK], [1], [1], [1], [1]]
    assert FAINT < followed[3].confidence[0] < detector.threshold
    assert len(detector.detect(tmp_path / "f3.png")) == 0, "the detector itself stays as it was"


def test_a_video_that_is_not_there_is_refused_at_once(detector):
    with pytest.raises(ImageError, match=r"clip\.avi does not exist"):
        detector.detect_video("clip.avi")


# -- What cannot be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"min_size": 0}, "sizes from 0"),
        ({"min_size": 50, "max_size": 40}, "from 50 to 40"),
        ({"threshold": 1.5}, r"threshold of 1\.5"),
        ({"threshold": math.nan}, "threshold of nan"),
        ({"threads": 0}, "0 threads"),
        ({"runtime": "tensorrt"}, "'tensorrt'"),
    ],
)
def test_arguments_that_cannot_be_are_refused_at_once(net, options, complaint):
    with pytest.raises(ArgumentError, match=complaint):
        Detector(net, **options)


def test_a_net_that_does_not_ship_is_named(net):
    with pytest.raises(NetFileError, match="'wings'"):
        Detector("wings")


def test_a_net_that_is_no_detector_is_refused():
    with pytest.raises(NetFileError, match=r"the task 'read'.*train detect"):
        Detector("digits")


def test_the_old_names_are_still_taken_and_say_so(net, scene):
    with pytest.warns(DeprecationWarning, match="argument score is now called threshold") as told:
        detector = Detector(net, score=0.97)
    assert told[0].filename == __file__, "the caller's line is named"
    assert detector.threshold == 0.97
    with pytest.warns(DeprecationWarning, match=r"Detector\.second is now called cascade"):
        assert detector.second is None


def test_a_detector_says_what_it_is(net):
    told = repr(Detector(net, min_size=12.5, threshold=0.25))
    assert told == "Detector('discs', min_size=12.5, max_size=None, threshold=0.25)"
    assert repr(Detector()).startswith("Detector('faces', min_size=20, max_size=None, threshold=")


# -- Explained ---------------------------------------------------------------------------------------------


def test_the_steps_have_the_score_map_of_every_level(detector, scene):
    steps = detector.explain(scene)
    assert same(steps.detections, detector.detect(scene))
    assert len(steps.maps) == len(steps.levels) > 5
    scales = [level.scale[0] for level in steps.levels]
    assert scales[0] == 1
    np.testing.assert_allclose(np.divide(scales[1:], scales[:-1]), 1 / math.sqrt(2), rtol=0.03)
    for level, scores in zip(steps.levels, steps.maps, strict=True):
        assert scores.scores.shape == (1, *scores.window.map_size(*level.image.shape[:2]))
    assert set(steps.ms) == {"picture", "pyramid", "net", "boxes", "best boxes"}


def test_all_scales_together_cost_little_more_than_twice_the_finest():
    levels = Detector().explain(np.full((1080, 1920, 3), 127, np.uint8)).levels
    pixels = [level.image.size for level in levels]  # with the margins: what the net runs over
    assert len(pixels) > 8
    assert sum(pixels) <= 2.15 * pixels[0]


@pytest.mark.parametrize("size", [20, 40, 80, 160])
def test_the_brightest_cell_of_all_maps_is_at_the_disc_on_the_level_of_its_size(detector, discs, size):
    x, y = 300, 220
    steps = detector.explain(discs(640, 480, (x, y, size)))
    best = max(range(len(steps.maps)), key=lambda place: steps.maps[place].scores.max())
    level, scores = steps.levels[best], steps.maps[best]
    assert size * level.scale[0] == pytest.approx(20, rel=0.1)
    _, row, col = np.unravel_index(scores.scores.argmax(), scores.scores.shape)
    x0, y0, x1, y1 = level.to_image(scores.window.box(row, col))
    assert math.hypot((x0 + x1) / 2 - x, (y0 + y1) / 2 - y) < 0.15 * size

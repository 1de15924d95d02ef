"""Poses, turns and tones of faces whose landmarks and colours are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from windowpane.evaluate.measures.looks import TURNS, poses, tones, turns

UPRIGHT = np.array([[80, 80], [120, 80], [100, 105], [85, 125], [115, 125]], float)


def turned(points: np.ndarray, degrees: float) -> np.ndarray:
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (points - 100) @ np.array([[cos, sin], [-sin, cos]]) + 100


def nose_at(aside: float) -> np.ndarray:
    points = UPRIGHT.copy()
    points[2, 0] += aside * 40
    return points


@pytest.mark.parametrize("degrees", [0, 37, 90, 180, -120])
def test_the_pose_is_told_by_the_nose_however_the_face_is_turned(degrees):
    given = [turned(nose_at(aside), degrees) for aside in (0.19, -0.19, 0.21, -0.54, 0.56, -1.5)]
    assert poses(np.array(given)).tolist() == ["frontal", "frontal", "half", "half", "profile", "profile"]


def test_the_turn_is_the_angle_of_the_eyes_either_way():
    degrees = (0, 24, -26, 64, 66, -114, 116, 180)
    names = ("upright", "upright", "tilted", "tilted", "lying", "lying", "upside down", "upside down")
    assert turns(np.array([turned(UPRIGHT, one) for one in degrees])).tolist() == list(names)
    assert set(names) == set(TURNS)


def test_what_is_not_known_is_unknown_and_the_mouth_is_not_needed():
    without_nose, without_mouth, on_one_place = UPRIGHT.copy(), UPRIGHT.copy(), UPRIGHT.copy()
    without_nose[2], without_mouth[3:], on_one_place[1] = np.nan, np.nan, UPRIGHT[0]
    given = np.array([without_nose, without_mouth, on_one_place])
    assert poses(given).tolist() == ["unknown", "frontal", "unknown"]
    assert turns(given).tolist() == ["upright", "upright", "unknown"]
    assert poses(np.zeros((0, 5, 2))).shape == turns(np.zeros((0, 5, 2))).shape == (0,)


def skin(light: float, yellow: float) -> np.ndarray:
    """A picture of one colour, given in CIELAB, with a blue stripe far from the cheeks."""
    lab = np.full((200, 200, 3), (light, 12, yellow), np.float32)
    pixels = np.rint(255 * cv2.cvtColor(lab, cv2.COLOR_LAB2RGB).clip(0, 1)).astype(np.uint8)
    pixels[180:] = (0, 0, 200)
    return pixels


@pytest.mark.parametrize(
    ("light", "yellow", "tone"),
    [(75, 15, "light"), (65, 20, "intermediate"), (57, 20, "tan"), (50, 20, "dark"), (30, 15, "dark")],
)
def test_the_tone_is_the_typology_angle_of_the_cheeks(light, yellow, tone):
    """atan(25 / 15) = 59 degrees, 37, 19, 0 and -53."""
    assert tones(skin(light, yellow), UPRIGHT[None]).tolist() == [tone]


def test_no_tone_is_told_of_grey_pictures_small_faces_profiles_and_cheeks_outside():
    grey = np.repeat(skin(65, 20)[..., :1], 3, axis=2)
    assert tones(grey, UPRIGHT[None]).tolist() == ["unknown"]
    small, outside = UPRIGHT / 4, UPRIGHT - [0, 150]
    given = np.array([small, nose_at(1), outside])
    assert tones(skin(65, 20), given).tolist() == ["unknown"] * 3

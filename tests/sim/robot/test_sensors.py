"""Sensors tell nearly the truth, by a seed; faults spoil what they are named after, and nothing before."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.senses import Images, Imu, Wheels
from windowpane.sim.robot.faults import BEGINS, Fault, Tamper
from windowpane.sim.robot.sensors import Senses, Sensors
from windowpane.sim.robot.vehicle import SkidSteer
from windowpane.sim.world.terrain import Terrain

GROUND = Terrain.flat()
PICTURE = np.full((4, 5, 3), 90, np.uint8)


def told(seed: int, seconds: float) -> tuple[SkidSteer, list[Senses]]:
    vehicle, sensors, senses = SkidSteer(GROUND, 3, 4, 1.0, seed), Sensors(seed), []
    for tick in range(round(seconds * 10)):
        senses.append(sensors.read(vehicle, tick * 0.1))
        for _ in range(5):
            vehicle.advance(0.8, 0.0, 0.02)
    return vehicle, senses


def test_gps_is_off_by_about_a_metre_and_comes_twice_a_second() -> None:
    off = []
    for seed in range(40):
        gps = told(seed, 0.6)[1][0].gps
        assert gps is not None
        off.append(np.subtract(gps, (3, 4)))
    assert 0.4 < np.std(off) < 1.0
    assert sum(one.gps is not None for one in told(0, 10)[1]) == 20


def test_the_compass_is_off_by_a_few_degrees_and_wheels_do_not_know_that_they_slip() -> None:
    vehicle, senses = told(3, 20)
    assert abs(senses[-1].imu.yaw - vehicle.pose.yaw) < 0.15
    assert abs(np.mean([one.imu.yaw_rate for one in senses])) < 0.05
    wheeled = sum((one.wheels.left + one.wheels.right) / 2 * 0.1 for one in senses)
    went = np.hypot(vehicle.pose.x - 3, vehicle.pose.y - 4)
    assert 1.0 < wheeled / went < 1.06


def test_the_same_seed_has_the_same_errors() -> None:
    assert told(5, 2)[1] == told(5, 2)[1]
    assert told(5, 2)[1] != told(6, 2)[1]


def spoiled(fault: Fault | None, seconds: float = 20) -> list[tuple[float, Images, Senses]]:
    tamper, given = Tamper(fault, seed=2), []
    for tick in range(round(seconds * 10)):
        time = tick / 10
        images = Images([(PICTURE, PICTURE)] * 2, [(PICTURE, PICTURE)] * 2 if tick % 10 == 0 else None)
        senses = Senses(Wheels(1, 1), Imu(0, 0, 0, 0), (1.0, 2.0) if tick % 5 == 0 else None)
        given.append((time, *tamper(images, senses, time)))
    return given


@pytest.mark.parametrize("fault", [None, *Fault])
def test_nothing_is_wrong_at_first(fault: Fault | None) -> None:
    for time, images, senses in spoiled(fault):
        if time < BEGINS and fault is not Fault.IMAGES_DELAYED:
            assert images.taken == time
            assert images.near[0][0] is PICTURE
            assert senses.gps in (None, (1.0, 2.0))


def test_a_fifth_of_the_frames_is_dropped() -> None:
    frames = [images for time, images, _ in spoiled(Fault.DROPPED_FRAMES, 100) if time >= BEGINS]
    lost = [images for images in frames if images.near[0][0] is None]
    assert 0.15 < len(lost) / len(frames) < 0.25
    assert any(images.far is not None and images.far[1][1] is None for images in lost)


def test_one_camera_is_black() -> None:
    _, images, _ = spoiled(Fault.BLACK_CAMERA)[-10]
    assert images.far is not None
    for pairs in (images.near, images.far):
        assert pairs[0][0] is not None
        assert not pairs[0][0].any()
        assert pairs[0][1] is PICTURE
        assert pairs[1] == (PICTURE, PICTURE)


def test_gps_is_ten_metres_off() -> None:
    late = [senses.gps for time, _, senses in spoiled(Fault.GPS_OFF) if time >= BEGINS and senses.gps]
    assert all(np.hypot(*np.subtract(gps, (1, 2))) == pytest.approx(10) for gps in late)


def test_far_pictures_stop_and_near_ones_go_on() -> None:
    late = [images for time, images, _ in spoiled(Fault.FAR_STOPPED) if time >= BEGINS]
    assert all(images.far is None and images.near[0][0] is PICTURE for images in late)


def test_pictures_are_half_a_second_late_and_say_so() -> None:
    given = spoiled(Fault.IMAGES_DELAYED)
    assert given[3][1].near[0][0] is None
    assert all(images.taken == pytest.approx(time - 0.5) for time, images, _ in given[6:])

"""What a robot's wheels, gyroscope and GPS tell it (sensor models): nearly the truth.

    sensors = Sensors(seed=3)
    wheels, imu, gps = sensors.read(vehicle, time)

Errors as of parts that a small robot has: GPS is off by about a metre, in a direction that changes within a
minute, with a little jitter; the compass by a few degrees that wander; wheels do not know that they slip.

Source: Borenstein & Feng 1996, "Measurement and correction of systematic odometry errors"; the processes are
those of Ornstein & Uhlenbeck (errors that wander, but not away).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, radians, sqrt

import numpy as np

from windowpane.drive.geometry.transforms import rpy_from_rotation
from windowpane.drive.senses import Floats, Imu, Wheels
from windowpane.sim.robot.vehicle import SkidSteer, standing

GPS_DRIFT, GPS_DRIFT_SECONDS, GPS_JITTER = 0.7, 60.0, 0.1  # metres along each axis
GPS_EVERY = 0.5  # seconds
YAW_DRIFT, YAW_DRIFT_SECONDS = radians(2.0), 60.0
TILT_JITTER, RATE_JITTER, RATE_BIAS = radians(0.3), 0.01, 0.004  # radians; rad/s
WHEEL_JITTER, WHEEL_SCALE = 0.01, 0.01  # m/s; how wrong the size of a wheel is known


@dataclass(frozen=True, slots=True)
class Senses:
    """What the sensors tell at a time, as `Navigator.step` takes it.

    Attributes
    ----------
    gps
        (east, north) m, or None.
    """

    wheels: Wheels
    imu: Imu
    gps: tuple[float, float] | None


class Sensors:
    """The robot's sensors beside its cameras.

    Parameters
    ----------
    seed
        Of all their errors.
    """

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng([seed, 2])
        self._gps = self._rng.normal(0, GPS_DRIFT, 2)
        self._yaw = float(self._rng.normal(0, YAW_DRIFT))
        self._bias = float(self._rng.normal(0, RATE_BIAS))
        self._scale = 1 + self._rng.normal(0, WHEEL_SCALE, 2)
        self._last, self._last_gps = 0.0, -GPS_EVERY
        self._last_yaw: float | None = None

    def read(self, vehicle: SkidSteer, time: float) -> Senses:
        """Return what is told at a time in seconds, later than that of the last call."""
        dt, self._last = time - self._last, time
        self._gps = self._wandered(self._gps, GPS_DRIFT, dt / GPS_DRIFT_SECONDS)
        self._yaw = float(self._wandered(np.array([self._yaw]), YAW_DRIFT, dt / YAW_DRIFT_SECONDS)[0])
        return Senses(self._wheels(vehicle), self._imu(vehicle, dt), self._place(vehicle, time))

    def _wheels(self, vehicle: SkidSteer) -> Wheels:
        turning = np.array([vehicle.wheels.left, vehicle.wheels.right])
        left, right = turning * self._scale + self._rng.normal(0, WHEEL_JITTER, 2) * (turning != 0)
        return Wheels(float(left), float(right))

    def _imu(self, vehicle: SkidSteer, dt: float) -> Imu:
        roll, pitch, _ = rpy_from_rotation(standing(vehicle.terrain, vehicle.pose)[:3, :3])
        yaw = vehicle.pose.yaw
        last, self._last_yaw = self._last_yaw, yaw
        rate = 0.0 if last is None or dt <= 0 else (yaw - last) / dt
        jitter = self._rng.normal(0, [TILT_JITTER, TILT_JITTER, RATE_JITTER])
        told = (yaw + self._yaw + np.pi) % (2 * np.pi) - np.pi
        return Imu(
            roll + float(jitter[0]), pitch + float(jitter[1]), told, rate + self._bias + float(jitter[2])
        )

    def _place(self, vehicle: SkidSteer, time: float) -> tuple[float, float] | None:
        jitter = self._rng.normal(0, GPS_JITTER, 2)
        if time - self._last_gps < GPS_EVERY - 1e-6:
            return None
        self._last_gps = time
        x, y = np.array([vehicle.pose.x, vehicle.pose.y]) + self._gps + jitter
        return float(x), float(y)

    def _wandered(self, error: Floats, sigma: float, share: float) -> Floats:
        """Return an error after a share of its time: it keeps its deviation and forgets where it was."""
        stays = exp(-max(share, 0.0))
        return np.asarray(error * stays + self._rng.normal(0, sigma * sqrt(1 - stays**2), len(error)))

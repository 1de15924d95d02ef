"""From a rectified pair of pictures to points in metres, each with its uncertainty (stereo matching).

    depth = Matcher(rig).match(left, right)
    depth.points[depth.valid], depth.sigma[depth.valid]

A point at distance z appears in the right picture f b / z pixels further to the left: its disparity. Where it
cannot be told it is NaN, and not a guess: where the ground has no texture, where only one camera sees a
place, where the picture matches at several places as well.

Sources: Hirschmuller 2008, "Stereo processing by semiglobal matching and mutual information" (the matcher,
OpenCV's); LeCun, NYU Deep Learning 2020, lecture 6.1 (stereo labels near the robot).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.camera import StereoRig
from windowpane.errors import ArgumentError

DISPARITY_SIGMA = 0.25
"""Standard deviation of a disparity in pixels, of those that are right at all."""
TEXTURE = 2.0
"""Least mean of the horizontal gradient around a pixel, in grey levels over two pixels: what is plainer, such
as sky, is not guessed."""
LITTLE = 0.35  # share of the pixels with a distance; less makes one look whether the cameras are all right
FEW = 0.05  # share below which there is a reason to give in any case


@dataclass(frozen=True, slots=True, eq=False)
class Depth:
    """How far everything in the left picture is.

    Attributes
    ----------
    disparity
        (H, W) float32, pixels; NaN where it is not known.
    points
        (H, W, 3) float32, metres, in the left camera's frame (x right, y down, z forward); NaN likewise.
    sigma
        (H, W) float32, the standard deviation of z in metres; infinite where not known.
    reason
        Why little or nothing is known, else empty.
    """

    disparity: NDArray[np.float32]
    points: NDArray[np.float32]
    sigma: NDArray[np.float32]
    reason: str = ""

    def __repr__(self) -> str:
        height, width = self.disparity.shape
        reason = f", reason={self.reason!r}" if self.reason else ""
        return f"Depth({width}x{height}, {self.share:.0%} known{reason})"

    @classmethod
    def blank(cls, height: int, width: int) -> Depth:
        """Return distances of which none is known."""
        unknown = np.full((height, width), np.nan, np.float32)
        points = np.full((height, width, 3), np.nan, np.float32)
        return cls(unknown, points, np.full((height, width), np.inf, np.float32))

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Where a distance is known, (H, W)."""
        return np.isfinite(self.disparity)

    @property
    def share(self) -> float:
        """The share of the pixels whose distance is known, 0..1."""
        return float(self.valid.mean())


class Matcher:
    """Finds how far everything in a rectified pair is, by semi-global matching.

    Parameters
    ----------
    rig
        Of the pictures as they are given to `match`: rectified, and resized where they are.
    disparities
        Distances from infinity to f b / disparities are looked for; rounded up to a multiple of 16.
    block
        Side of the blocks that are compared, pixels, odd.
    uniqueness
        By how many percent the best match must be better than any other.
    speckle
        Islands of like disparity smaller than this share of the picture are taken for mistakes; 0 for none.
    farthest
        Least disparity in pixels: what is farther is not known. At half a pixel, half of the range is noise.

    Raises
    ------
    ArgumentError
        For a number that cannot be.
    """

    def __init__(
        self,
        rig: StereoRig,
        *,
        disparities: int = 64,
        block: int = 5,
        uniqueness: int = 10,
        speckle: float = 0.001,
        farthest: float = 0.75,
    ) -> None:
        if disparities < 1 or block < 1 or block % 2 == 0:
            raise ArgumentError(f"disparities={disparities}, block={block}: give 1 or more, and an odd block")
        if not (0 <= uniqueness <= 100 and speckle >= 0 and farthest > 0):
            raise ArgumentError(
                f"uniqueness={uniqueness}, speckle={speckle}, farthest={farthest}: give percent, a share, and"
                " pixels above 0"
            )
        self.rig = rig
        self.disparities = -(-disparities // 16) * 16
        self.farthest, self.block = farthest, block
        opencv: Any = cv2  # its types lack this function
        self._engine = opencv.StereoSGBM_create(
            minDisparity=0,
            numDisparities=self.disparities,
            blockSize=block,
            P1=8 * block**2,
            P2=32 * block**2,
            disp12MaxDiff=1,
            preFilterCap=31,
            uniquenessRatio=uniqueness,
            speckleWindowSize=round(speckle * rig.left.width * rig.left.height),
            speckleRange=2,
            mode=cv2.STEREO_SGBM_MODE_SGBM_3WAY,
        )
        self._rays = rig.left.rays().astype(np.float32)

    def __repr__(self) -> str:
        return f"Matcher({self.rig!r}, disparities={self.disparities}, block={self.block})"

    def match(self, left: NDArray[np.uint8] | None, right: NDArray[np.uint8] | None) -> Depth:
        """Return the distances of a rectified pair, (H, W[, 3]) uint8 each, of the rig's size.

        Never raises for what the pictures show, or when there is none: then nothing is known, for a reason.
        """
        fault = unusable(left, right, self.rig.left.size)
        if fault or left is None or right is None:
            return self._depth(np.full(self.rig.left.size, np.nan, np.float32), fault)
        grey_left, grey_right = grey(left), grey(right)
        disparity = self._disparity(grey_left, grey_right)
        depth = self._depth(disparity, "")
        if depth.share < LITTLE:
            return replace(depth, reason=_explained(grey_left, grey_right, depth.share))
        return depth

    def _disparity(self, left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.float32]:
        # The matcher leaves out the first columns, whose farther half it could see: they get company.
        margin = (0, 0, self.disparities, 0, cv2.BORDER_REPLICATE)
        sixteenths = self._engine.compute(*(cv2.copyMakeBorder(one, *margin) for one in (left, right)))
        disparity = np.asarray(sixteenths[:, self.disparities :], np.float32) / 16
        gradient = cv2.convertScaleAbs(cv2.Sobel(left, cv2.CV_16S, 1, 0, ksize=3), alpha=1 / 4)
        plain = cv2.blur(gradient, (2 * self.block + 1,) * 2) < TEXTURE
        column = np.arange(left.shape[1], dtype=np.float32)
        # The last one also where the right picture ends: what lies beyond it was filled in, not seen.
        disparity[(disparity < self.farthest) | plain | (disparity > column)] = np.nan
        return np.asarray(disparity, np.float32)

    def _depth(self, disparity: NDArray[np.float32], reason: str) -> Depth:
        scale = np.float32(self.rig.left.fx * self.rig.baseline)
        z = scale / disparity
        sigma = z * z * np.float32(DISPARITY_SIGMA / scale)
        sigma[np.isnan(sigma)] = np.inf
        return Depth(disparity, self._rays * z[..., None], sigma, reason)


def _explained(left: NDArray[np.uint8], right: NDArray[np.uint8], share: float) -> str:
    """Return why little of a pair has a distance; empty where it may just be so, under much sky."""
    if left.std() < 3 or right.std() < 3:
        return "a picture is black or has no contrast"
    fault = pair_fault(*_matches(left, right))
    if fault or share >= FEW:
        return fault
    return f"only {100 * share:.1f} % of the picture has a distance: too little texture, or too blurred"


def _matches(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
    """Return how far corners of the left picture lie to the left, and lower, in the right one; px, (N,)."""
    corners = cv2.goodFeaturesToTrack(left, 200, 0.01, 8)
    if corners is None:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    nothing: Any = None
    there, good, _ = cv2.calcOpticalFlowPyrLK(left, right, corners, nothing, winSize=(15, 15), maxLevel=4)
    back, again, _ = cv2.calcOpticalFlowPyrLK(right, left, there, nothing, winSize=(15, 15), maxLevel=4)
    sure = (np.abs(back - corners).max(axis=(1, 2)) < 0.5) & (good[:, 0] == 1) & (again[:, 0] == 1)
    shift = (corners - there)[sure, 0]
    return shift[:, 0], -shift[:, 1]


def pair_fault(disparity: NDArray[np.floating], down: NDArray[np.floating]) -> str:
    """Return what is wrong with two cameras, from points that both see; "" when nothing is, or few are.

    Parameters
    ----------
    disparity
        (N,), how far to the left points lie in the right picture, pixels.
    down
        (N,), how far lower they lie there; 0 up to noise when the calibration is right.
    """
    if len(disparity) < 15:
        return ""
    if np.median(disparity) < -0.5 and np.mean(disparity < -0.5) > 0.7:
        return "the left and the right picture look swapped"
    if np.median(np.abs(down)) > 1.5:
        apart = np.median(np.abs(down))
        return f"rows of the two pictures are {apart:.1f} px apart: not the calibration of these cameras"
    return ""


def unusable(left: NDArray[np.uint8] | None, right: NDArray[np.uint8] | None, size: tuple[int, int]) -> str:
    """Return why a pair cannot be looked at, as it has no picture or one of the wrong size; "" if it can."""
    for side, picture in (("left", left), ("right", right)):
        if picture is None:
            return f"there is no {side} picture"
        if picture.ndim not in (2, 3) or picture.shape[:2] != size or picture.dtype != np.uint8:
            given = "x".join(map(str, picture.shape[1::-1]))
            return f"the {side} picture is {given} {picture.dtype}, not {size[1]}x{size[0]} uint8"
    return ""


def grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture (H, W[, 1 or 3]) as grey levels, (H, W)."""
    if picture.ndim == 2:
        return picture
    if picture.shape[2] == 1:
        return picture[..., 0]
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)

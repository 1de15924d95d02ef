"""The operator's screen of a robot that learns while it drives (operator display), as the original had it.

    screen    a sight: picture with plane and horizon, range, stereo labels, net labels, map, pyramid
    pyramid   the bands of distance, as the lecture's Figure 5 draws them
    figure4   that figure: picture, stereo labels and net labels of some sights
    ground_map   the ground around the robot seen from above, hyperbolic-polar, with the way it came

All images are RGB uint8 ``(H, W, 3)``, always new ones. Source: LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.drive.geometry.transforms import inverse, transformed
from windowpane.drive.perception.label_picture import LEGEND, greyed, labelled
from windowpane.drive.perception.labels import UNLABELLED, Label
from windowpane.errors import ArgumentError
from windowpane.images.drawing import DARK, PAPER, Colour, Image, blank, resized, write
from windowpane.show.canvas import BAR, TITLE, pane, status

if TYPE_CHECKING:
    from windowpane.core.pyramids import Band
    from windowpane.core.windows import Window
    from windowpane.drive.driver import Sight
    from windowpane.drive.geometry.camera import Pinhole
    from windowpane.drive.perception.far import BandView, FarView
    from windowpane.drive.perception.ground import Ground, Plane
    from windowpane.drive.perception.stereo import Depth

Floats = NDArray[np.float64]

BLACK: Colour = (0, 0, 0)
HORIZON: Colour = (70, 200, 255)
RINGS: Colour = (240, 180, 40)
ROUTE: Colour = (255, 255, 255)
UNSEEN: Colour = (22, 40, 120)
SIDE = 428  # width of the column with the map
LEAST_PYRAMID = 140  # height of its pane
WIDE = 2.0  # a picture that is wider for its height has its panes below each other, not beside

MAP_LEGEND = (((0, 230, 0), "traversable"), ((230, 0, 0), "not"), (UNSEEN, "unseen"))
RANGES = (2, 5, 10, 20, 50)
"""Metres ahead of which lines are drawn on the ground in the picture."""
CIRCLES = (5, 10, 25, 50, 100)
"""Metres of the circles of the map."""
BEND = 12.0
"""Metres that lie half-way between the middle of the map and its rim; the rim is at infinity."""


def screen(sight: Sight, camera: Pinhole, window: Window, trajectory: Sequence[Floats] = ()) -> Image:
    """Draw a sight.

    Parameters
    ----------
    sight
        What a `Driver` saw in one frame.
    camera
        The camera of its rectified pictures.
    window
        The window of the net that looks at them.
    trajectory
        (4, 4): The poses ``T_world_camera`` up to and with this frame.

    Returns
    -------
    ndarray of shape (H, W, 3)
        H and W depend on the size of the pictures only, so screens make a video.
    """
    view = sight.far
    picture = blank(camera.height, camera.width, BLACK) if sight.picture is None else sight.picture
    beside = camera.width < WIDE * camera.height
    width = 426 if beside else 760
    learned = stereo_labelled(picture, view, window)
    panes = [
        pane("Picture: ground and horizon", _with_plane(picture, sight.ground, camera, width - 8), width),
        pane("Range by stereo", ranged(picture, sight.depth), width if beside else SIDE),
        pane("Stereo: what the net learns", learned, width, LEGEND),
        pane("Net: all to the horizon", labelled(picture, view.labels, view.confidence), width, LEGEND),
    ]
    seen, range_, stereo, net = panes
    if beside:
        left = np.vstack([np.hstack([seen, range_]), np.hstack([stereo, net])])
    else:
        left = np.vstack([seen, stereo, net])
    above = pane("Map: hyperbolic-polar", ground_map(sight, camera, trajectory, SIDE - 8), SIDE, MAP_LEGEND)
    below = blank(0, SIDE) if beside else range_
    least = above.shape[0] + below.shape[0] + LEAST_PYRAMID
    left = np.vstack([left, blank(least - left.shape[0], left.shape[1], DARK)])
    room = left.shape[0] - above.shape[0] - below.shape[0]
    bands = pane("Distance-normalized pyramid", _fitted(view, SIDE - 8, room - TITLE - 8), SIDE)
    both = np.hstack([left, np.vstack([above, bands, below])])
    return np.vstack([both, _status(sight, both.shape[1])])


def _with_plane(picture: Image, ground: Ground, camera: Pinhole, width: int) -> Image:
    """Draw the ground in the size of its pane, so that lines and letters are as fine as those around."""
    image = resized(picture, width / picture.shape[1])
    return with_plane(image, ground, camera.resized(*image.shape[:2]))


def _fitted(view: FarView, width: int, height: int) -> Image:
    """Draw the pyramid of a view in the middle of so much room."""
    room = blank(height, width, DARK)
    if view.bands:
        drawn = pyramid([one.band for one in view.bands], width)
        drawn = resized(drawn, min(1.0, height / drawn.shape[0]))
        top, left = (height - drawn.shape[0]) // 2, (width - drawn.shape[1]) // 2
        room[top : top + drawn.shape[0], left : left + drawn.shape[1]] = drawn
    return room


# -- What the panes show -----------------------------------------------------------------------------------


def with_plane(picture: Image, ground: Ground, camera: Pinhole) -> Image:
    """Draw the horizon and, on the ground, lines at round distances over a copy of a picture."""
    drawn = picture.copy()
    if not ground:
        return drawn
    line = max(1, round(camera.height / 300))
    a, b = ground.plane.horizon(camera)
    ends = [(0, round(b)), (camera.width, round(a * camera.width + b))]
    cv2.line(drawn, ends[0], ends[1], HORIZON, line, cv2.LINE_AA)
    forward, right = _axes(ground.plane)
    written = 0
    for metres in reversed(RANGES):
        across = np.linspace(-1, 1, 21)[:, None] * metres
        points = metres * forward + across * right - ground.plane.height * ground.plane.normal
        pixels = camera.project(points)
        inside = np.asarray(np.abs(np.nan_to_num(pixels, nan=np.inf)).max(axis=1) < 1e4)
        cv2.polylines(drawn, [pixels[inside].round().astype(np.int32)], False, RINGS, line, cv2.LINE_AA)
        size = 0.5 * max(1.0, camera.height / 384)
        if inside[10] and pixels[10, 1] > written + 24 * size:
            written = pixels[10, 1]
            write(drawn, f"{metres} m", round(float(pixels[10, 0])) + 4, round(written) - 3, RINGS, size)
    return drawn


def ranged(picture: Image, depth: Depth) -> Image:
    """Draw what stereo knows over a grey copy of a picture: red is near, blue far."""
    drawn = greyed(picture)
    known = depth.valid
    if known.any():
        near = np.percentile(depth.disparity[known], 98)
        levels = np.clip(255 * np.sqrt(np.where(known, depth.disparity, 0) / near), 0, 255).astype(np.uint8)
        colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
        drawn[known] = colours[known]
    return drawn


def figure4(sights: Sequence[Sight], camera: Pinhole, window: Window, width: int = 966) -> Image:
    """Draw picture, stereo labels and net labels beside each other, a row for each sight.

    Parameters
    ----------
    sights
        At least one.
    camera, window
        As of `screen`.
    width
        Width of the whole, pixels.

    Returns
    -------
    ndarray of shape (H, W, 3)

    Raises
    ------
    ArgumentError
        If there is no sight.
    """
    if not sights:
        raise ArgumentError("no sights given: give the sights of some frames, as Driver.step returns them")
    rows = []
    for sight in sights:
        picture = blank(camera.height, camera.width, BLACK) if sight.picture is None else sight.picture
        net = labelled(picture, sight.far.labels, sight.far.confidence)
        three = [picture, stereo_labelled(picture, sight.far, window), net]
        small = [resized(one, (width / 3 - 6) / camera.width) for one in three]
        rows.append(
            np.hstack([cv2.copyMakeBorder(one, *(3,) * 4, cv2.BORDER_CONSTANT, value=PAPER) for one in small])
        )
    return np.asarray(np.vstack(rows), np.uint8)


def stereo_labelled(picture: Image, view: FarView, window: Window) -> Image:
    """Draw what stereo says of the windows of all bands, each at the places that its band shows best."""
    labels = np.full(picture.shape[:2], UNLABELLED, np.int8)
    for one in reversed(view.bands):  # the farther, the finer: on top
        mine = _window_labels(one, window, picture.shape[:2])
        labels = np.where(mine > UNLABELLED, mine, labels)
    return labelled(picture, labels)


def _window_labels(view: BandView, window: Window, size: tuple[int, int]) -> NDArray[np.int8]:
    """Return the labels of a band's windows at a picture's pixels: every window paints its middle cell."""
    if not view.stereo.size:
        return np.full(size, UNLABELLED, np.int8)
    x, y = window.centre(0, 0)
    step = np.diag([window.stride[1], window.stride[0], 1.0])
    step[:2, 2] = x, y  # from cells, the middle of the first at 0, to pixels of the band
    pixel = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    matrix = np.linalg.inv(np.vstack([view.band.matrix, [0, 0, 1]]) @ step) @ pixel
    moved = cv2.warpAffine(
        (view.stereo + 1).astype(np.uint8),
        matrix[:2],
        size[::-1],
        flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    return np.asarray(moved, np.int8) - np.int8(1)


def pyramid(bands: Sequence[Band], width: int = 640) -> Image:
    """Draw the bands below each other as the net sees them, with the horizon and what each shows.

    Parameters
    ----------
    bands
        At least one.
    width
        The largest that the figure may have, pixels; the bands keep their sizes to each other.

    Returns
    -------
    ndarray of shape (H, width, 3)

    Raises
    ------
    ArgumentError
        If there is no band.
    """
    if not bands:
        raise ArgumentError("no bands given: a view without ground has none; draw one that has")
    room, gap = 150, 6
    zoom = min(1.0, (width - room) / max(band.image.shape[1] for band in bands))
    rows = []
    for band in bands:
        image = resized(_of_yuv(band.image), zoom)
        row = blank(image.shape[0] + gap, width, DARK)
        left = (width - room - image.shape[1]) // 2
        row[: image.shape[0], left : left + image.shape[1]] = image
        y, high = round(band.horizon * zoom), image.shape[0]
        right = left + image.shape[1] + 8
        if 0 <= y < high:  # of a camera that looks down it lies above the band
            cv2.line(row, (max(0, left - 8), y), (right, y), HORIZON, 1)
        farthest = f"{band.far:.1f} m" if np.isfinite(band.far) else "inf"
        text = f"{band.near:.1f} m to {farthest}, 1 : {1 / band.scale:.1f}"
        write(row, text, right + 4, int(np.clip(y + 4, 10, max(10, high - 2))), BAR, 0.36)
        rows.append(row)
    return np.vstack(rows)


def _of_yuv(image: NDArray[np.float32]) -> Image:
    """Return a band, its light normalized, as RGB."""
    yuv = np.dstack([0.5 + 0.17 * image[..., 0], 0.5 + 1.3 * image[..., 1:]]).astype(np.float32)
    return np.asarray(255 * np.clip(cv2.cvtColor(yuv, cv2.COLOR_YUV2RGB), 0, 1), np.uint8)


# -- The map -----------------------------------------------------------------------------------------------


def ground_map(sight: Sight, camera: Pinhole, trajectory: Sequence[Floats] = (), size: int = 420) -> Image:
    """Draw the ground from above, the robot near the lower edge and what lies ahead above it.

    From the robot to the rim all distances up to infinity find room: one of z metres lies at z / (z + 12) of
    the radius. Green is traversable, red is not, purple a foot-line, black not known, blue not seen.

    Parameters
    ----------
    sight, camera, trajectory
        As of `screen`.
    size
        Width and height, pixels.

    Returns
    -------
    ndarray of shape (size, size, 3)
    """
    middle, radius = np.array([size / 2, 0.8 * size]), 0.78 * size
    y, x = np.mgrid[:size, :size]
    off = np.stack([x + 0.5 - middle[0], middle[1] - y - 0.5], axis=-1) / radius
    far = np.hypot(off[..., 0], off[..., 1])
    drawn = blank(size, size, UNSEEN)
    drawn[far >= 1] = DARK
    if sight.ground:
        metres = BEND * far / np.maximum(1 - far, 1e-3)
        _paint(drawn, sight, camera, off * (metres / np.maximum(far, 1e-6))[..., None], far < 0.985)
    for ring in CIRCLES:
        r = round(radius * ring / (ring + BEND))
        cv2.circle(drawn, (round(middle[0]), round(middle[1])), r, RINGS, 1, cv2.LINE_AA)
        write(drawn, f"{ring} m", round(middle[0]) + 3, round(middle[1]) - r - 3, RINGS, 0.36)
    way = _bent(_way(sight, trajectory)) * radius * [1, -1] + middle
    cv2.polylines(drawn, [np.round(way * 8).astype(np.int32)], False, ROUTE, 2, cv2.LINE_AA, 3)
    tip = np.array([[0, -9], [6, 7], [-6, 7]]) + middle
    cv2.fillPoly(drawn, [np.round(tip).astype(np.int32)], ROUTE, cv2.LINE_AA)
    return drawn


def _paint(drawn: Image, sight: Sight, camera: Pinhole, places: Floats, use: NDArray[np.bool_]) -> None:
    """Colour the map's pixels whose place (..., 2), metres to the right and ahead, the camera sees."""
    plane, view = sight.ground.plane, sight.far
    forward, right = _axes(plane)
    points = places[use] @ np.stack([right, forward]) - plane.height * plane.normal
    pixels = camera.project(points)
    with np.errstate(invalid="ignore"):
        inside = (pixels >= 0).all(axis=1) & (pixels[:, 0] < camera.width) & (pixels[:, 1] < camera.height)
    columns, rows = np.floor(pixels[inside]).astype(np.intp).T
    labels, good = view.labels[rows, columns], view.traversable[rows, columns]
    colours = np.stack([255 * (1 - 2 * good), 255 * (2 * good - 1), 0 * good], axis=-1)
    colours = np.clip(np.nan_to_num(colours), 0, 230)
    colours[labels == Label.FOOTLINE] = (230, 60, 230)
    # What lies behind an obstacle's foot is hidden: the picture shows the obstacle there.
    hidden = points[inside, 2] > 1.3 * view.distance[rows, columns] + 0.5
    colours[hidden] = 0.3 * colours[hidden] + 0.7 * np.array(UNSEEN)
    colours[labels == UNLABELLED] = UNSEEN
    spots = np.flatnonzero(use)[inside]
    drawn.reshape(-1, 3)[spots] = colours.astype(np.uint8)


def _way(sight: Sight, trajectory: Sequence[Floats]) -> Floats:
    """Return the places (N, 2) of the trajectory, metres to the right and ahead of where the camera is."""
    if not trajectory:
        return np.zeros((0, 2))
    points = transformed(inverse(trajectory[-1]), np.array([T[:3, 3] for T in trajectory]))
    axes = _axes(sight.ground.plane) if sight.ground else (np.array([0, 0, 1.0]), np.array([1.0, 0, 0]))
    forward, right = axes
    return np.asarray(points @ np.stack([right, forward]).T)


def _bent(places: Floats) -> Floats:
    """Return places (N, 2) in metres on the map, whose rim has the radius 1."""
    metres = np.linalg.norm(places, axis=1, keepdims=True)
    return np.asarray(places / (metres + BEND))


def _axes(plane: Plane) -> tuple[Floats, Floats]:
    """Return unit vectors forward and to the right, along the ground, in the camera's frame."""
    forward = np.array([0, 0, 1.0]) - plane.normal[2] * plane.normal
    forward /= np.linalg.norm(forward)
    return forward, np.cross(forward, plane.normal)


def _status(sight: Sight, width: int) -> Image:
    """Return the lines below: where the robot is, how well it sees that, how long it took, what is amiss."""
    x, y, z = sight.motion.T_world_camera[:3, 3]
    plane = sight.ground.plane if sight.ground else None
    parts = [f"frame {sight.frame}", f"place {x:+.2f} {y:+.2f} {z:+.2f} m", f"{sight.motion.inliers} corners"]
    if plane is not None:
        pitch, roll = np.degrees(plane.pitch), np.degrees(plane.roll)
        parts.append(f"camera {plane.height:.2f} m high, pitch {pitch:+.1f}, roll {roll:+.1f} deg")
    parts.append(f"ground {100 * sight.far.ground_share:.0f} %, to {sight.far.far:.0f} m")
    parts.append(f"{sight.ms.get('all', 0):.0f} ms")
    return status(parts, sight.reasons, width)

"""Make the pictures of the documentation from the built-in ones, with the nets that ship.

    python docs/make_pictures.py            writes docs/pictures/*.png

The built-in lines are drawn by tools/make_demo_lines.py, the walk by tools/make_demo_drive.py, the portrait
and the scene are in the public domain, so these pictures are as free as the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import chdir
from importlib import resources
from itertools import takewhile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np

from windowpane import Detector, Driver, Parser, PatchLearner, Reader, Recording, load_calibration, load_image
from windowpane.core.pyramids import laplacian, sqrt2
from windowpane.drive.perception.label_picture import labelled
from windowpane.images.drawing import ACCENT, BLUE, VIOLET, Image, blank, png
from windowpane.images.drawing import write as write_text
from windowpane.parse.labelmap import class_colours
from windowpane.read.steps import ReadSteps
from windowpane.show import draw
from windowpane.show import screen as operator
from windowpane.show.canvas import squares
from windowpane.show.draw import draw_labels

FOLDER = Path(__file__).parent / "pictures"
GREEN = (22, 130, 60)
ZOOM = 4


def main() -> None:
    """Write all pictures."""
    reader = Reader()
    zip_code = reader.explain(demo("pencil.png"))
    FOLDER.mkdir(exist_ok=True)
    write("figure1", draw.figure1(zip_code))
    write("line", line_of(zip_code))
    write("windows", windows_of(zip_code))
    write("score_map", score_map_of(zip_code))
    write("vote", vote_of(zip_code))
    write("lattice", lattice_of(reader.explain(demo("chalk.png"))))
    write("page", page(reader))
    write("scales", draw.detection_figure(Detector().explain(demo("portrait.jpg"))))
    write("parsing", draw.parsing_figure(Parser().explain(demo("rocket.jpg"))))
    drive()
    write("drive_learning", learning_curves())
    write("patches", patches())
    write("pyramid", pyramid())
    write("mining", mining())
    write("learning", learning())
    write("fifth", fifth())


def demo(name: str) -> Image:
    """Return one of the built-in pictures."""
    return load_image((resources.files("windowpane") / "demo" / name).read_bytes())


def line_of(explanation: ReadSteps) -> Image:
    """The picture as it came, and the line of ink that the net sees."""
    height = 150
    width = round(explanation.picture.shape[1] * height / explanation.picture.shape[0])
    before = cv2.resize(explanation.picture, (width, height), interpolation=cv2.INTER_AREA)
    return below(before, enlarged(255 - explanation.ink))


def windows_of(explanation: ReadSteps) -> Image:
    """The windows of all four widths, on the place of the second digit of the answer."""
    image = enlarged(255 - explanation.ink)
    x, y = explanation.window.centre(0, explanation.columns[1])
    for step, (scores, colour) in enumerate(
        zip(explanation.maps, (ACCENT, BLUE, GREEN, VIOLET), strict=True)
    ):
        x0, y0, x1, y1 = scores.window.box(*scores.window.cell(x, y))
        inset = 2 + 5 * step  # so that each stays visible
        corners = (round(x0 * ZOOM), round(y0 * ZOOM) + inset), (round(x1 * ZOOM), round(y1 * ZOOM) - inset)
        cv2.rectangle(image, *corners, colour, 2)
    return image


def score_map_of(explanation: ReadSteps) -> Image:
    """The score map of the widest window: a row a digit, a column a place."""
    return draw.hinton(np.exp(explanation.maps[0].scores[:10, 0]), cell=(16, 16))


def vote_of(explanation: ReadSteps) -> Image:
    """The vote, with ticks under the columns at which the path steps up."""
    return draw.hinton(np.exp(explanation.voted[:10]), cell=(16, 16), ticks=explanation.columns)


def lattice_of(explanation: ReadSteps) -> Image:
    """The order of the digits against the positions, with the shortest path."""
    return draw.lattice(explanation.voted, explanation.columns, explanation.reading.text, cell=(22, 22))


def page(reader: Reader) -> Image:
    """A page with three of the built-in numbers, and what is found on it."""
    sheet = np.full((420, 640, 3), 246, np.uint8)
    for name, corner, width in (
        ("ruled.png", (40, 30), 180),
        ("ink.png", (270, 120), 340),
        ("pencil.png", (60, 290), 240),
    ):
        picture = demo(name)
        height = round(picture.shape[0] * width / picture.shape[1])
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        sheet[corner[1] : corner[1] + height, corner[0] : corner[0] + width] = small
    drawn = sheet.copy()
    for reading in reader.read_page(sheet):
        x0, y0, x1, y1 = (round(value) for value in reading.box)
        cv2.rectangle(drawn, (x0 - 3, y0 - 3), (x1 + 3, y1 + 3), ACCENT, 2)
        write_text(drawn, reading.text, x0, y0 - 9, ACCENT, 0.7, 2)
    return drawn


PATCHES = {
    "sky": [(120, 10, 380, 90)],
    "bush": [(80, 165, 190, 195), (390, 160, 470, 195), (20, 40, 90, 100)],
    "path": [(200, 300, 330, 370), (228, 190, 262, 215)],
    "grass": [(20, 240, 110, 300), (430, 225, 500, 270)],
}
"""What a person might mark on the built-in walk: boxes x0, y0, x1, y1 of each class."""


def drive() -> None:
    """The built-in walk: the operator's screen, Figure 4 before and after learning, Figure 5."""
    folder = FOLDER.parents[1] / "src" / "windowpane" / "demo" / "drive"
    recording = Recording(folder)
    rig = load_calibration(folder / "calib.txt", recording.size)
    driver = Driver(rig)
    window = driver.window
    steps = [driver.step(frame.left, frame.right, frame.time) for frame in recording]
    way = [step.motion.T_world_camera for step in steps]
    write("drive_screen", operator.screen(steps[-1], rig.left, window, way))
    write("drive_labels", operator.figure4([steps[0], steps[-1]], rig.left, window))
    write("drive_bands", operator.pyramid([one.band for one in steps[-1].far.bands], 700))


def pyramid() -> Image:
    """Two pyramids: a portrait reduced by the square root of 2, and what each octave adds to a scene."""
    portrait, scene = demo("portrait.jpg"), demo("rocket.jpg")
    faces = [level.image for level in sqrt2(portrait, smallest_size=40)]
    octaves = [level.image for level in laplacian(scene)]
    detail = [(255 * np.clip(0.5 + 2 * one, 0, 1)).astype(np.uint8) for one in octaves[:-1]]
    rest = (255 * np.clip(octaves[-1], 0, 1)).astype(np.uint8)
    return below(in_a_row(faces), in_a_row([*detail, rest]))


def mining() -> Image:
    """The rounds of mining, and what the first net of `faces` still takes for one where there is none."""
    detector, tiles = Detector(), []
    for name in ("shadow.png", "ruled.png", "marker.png", "drive/left/000.jpg", "rocket.jpg"):
        search = detector.explain(demo(name))
        for x0, y0, x1, y1 in search.candidates.boxes.clip(0).astype(int)[:3]:
            tiles.append(cv2.resize(search.picture[y0:y1, x0:x1], (64, 64), interpolation=cv2.INTER_CUBIC))
    deceived = [in_a_row(tiles[start : start + 7]) for start in range(0, min(14, len(tiles)), 7)]
    return below(mining_curve(), *deceived)


def learning() -> Image:
    """The last frame of the built-in walk, labelled after 0, 1, 2 and 3 frames were learned."""
    folder = FOLDER.parents[1] / "src" / "windowpane" / "demo" / "drive"
    recording = Recording(folder)
    frames = list(recording)
    rig = load_calibration(folder / "calib.txt", recording.size)
    rows, driver = [], Driver(rig)
    for number, frame in enumerate(frames):
        looking = Driver(rig, learner=driver.learner, learn=False)
        sight = looking.step(frames[-1].left, frames[-1].right)
        drawn = labelled(sight.picture, sight.far.labels, sight.far.confidence)
        small = cv2.resize(drawn, (320, 240), interpolation=cv2.INTER_AREA)
        small[:28] //= 3
        label(small, f"{number} frame{'s' * (number != 1)} learned", (8, 20), (255, 255, 255))
        rows.append(small)
        driver.step(frame.left, frame.right, frame.time)
    return below(in_a_row(rows[:2]), in_a_row(rows[2:4]))


def fifth() -> Image:
    """What docs/fifth.md counts, after its own code."""
    page = (FOLDER.parent / "fifth.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {}
    with TemporaryDirectory() as folder, chdir(folder):
        for code in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
            exec(compile(code, "fifth.md", "exec"), names)
    tally, (picture, _) = names["tallies"][0], names["pairs"][0]
    image = np.asarray(cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC))
    for (x, y), ripe in zip(2 * tally.places, tally.ripe, strict=True):
        colour = (255, 255, 255) if ripe else (0, 0, 0)
        cv2.circle(image, (round(x), round(y)), 9, colour, 2, cv2.LINE_AA)
    return image


def patches() -> Image:
    """The boxes that a person marked on the built-in walk, and the whole picture labelled after them."""
    picture = demo("drive/left/000.jpg")
    learner = PatchLearner()
    boxes = [box for boxes in PATCHES.values() for box in boxes]
    learner.learn(picture, boxes, [name for name, boxes in PATCHES.items() for _ in boxes])
    drawn = draw_labels(picture, learner.label(picture))
    marked = np.full_like(drawn, 255)
    marked[: len(picture)] = picture
    colours = class_colours(len(PATCHES)).tolist()
    for colour, boxes in zip(colours, PATCHES.values(), strict=True):
        for x0, y0, x1, y1 in boxes:
            cv2.rectangle(marked, (x0, y0), (x1, y1), colour, 3)
    return np.hstack([marked, blank(len(marked), 12), drawn])


def enlarged(grey: Image) -> Image:
    """Grey (H, W) as RGB, every pixel a square."""
    return squares(grey, ZOOM)


def in_a_row(images: Sequence[Image]) -> Image:
    """Pictures beside each other on white, their lower edges in line."""
    height = max(image.shape[0] for image in images)
    room = [((height - len(image), 0), (0, 12), (0, 0)) for image in images]
    return np.hstack([np.pad(*one, constant_values=255) for one in zip(images, room, strict=True)])


def below(*images: Image) -> Image:
    """Pictures below each other on white."""
    width = max(image.shape[1] for image in images)
    rows = []
    for image in images:
        row = blank(image.shape[0] + 12, width)
        row[: image.shape[0], : image.shape[1]] = image
        rows.append(row)
    return np.concatenate(rows)


def learning_curves() -> Image:
    """Draw the errors after so many frames learned, as benchmarks/drive_learning.py wrote them."""
    head, *rows = table("| frames learned |")
    lines = {name: [float(cell.rstrip(" %")) for cell in cells] for name, *cells in rows}
    return chart(lines, [(value, f"{value} %") for value in range(0, 81, 20)], head[1:], "frames learned")


def mining_curve() -> Image:
    """Draw the false alarms before each round of mining, as benchmarks/detect_ablation.py wrote them."""
    _, *rows = table("| detector | mined |")
    alarms = [float(cells[1]) for cells in rows if cells[1]]
    lines = {"a megapixel": list(np.log10(alarms))}
    marks = [(float(np.log10(value)), str(value)) for value in (1, 10, 100, 1000)]
    return chart(lines, marks, [str(number + 1) for number in range(len(alarms))], "round of mining")


def table(start: str) -> list[list[str]]:
    """Return the cells of the table of benchmarks/RESULTS.md that starts so: its head, then its rows."""
    text = (FOLDER.parents[1] / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    lines = takewhile(lambda line: line.startswith("|"), text[text.index(start) :].splitlines())
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [head, *rows]


def chart(
    lines: Mapping[str, Sequence[float]], marks: Sequence[tuple[float, str]], across: Sequence[str], what: str
) -> Image:
    """Draw lines by their names. marks: heights, and what is written there; across: below each point."""
    image, (left, top, width, height) = blank(300, 560), (60, 30, 400, 220)
    low, high = marks[0][0], marks[-1][0]

    def down(value: float) -> int:
        return int(top + height * (high - value) / (high - low))

    for value, text in marks:
        cv2.line(image, (left, down(value)), (left + width, down(value)), (225, 225, 225), 1)
        label(image, text, (10, down(value) + 5), (110, 110, 110))
    places = left + np.linspace(0, width, len(across))
    for x, text in zip(places, across, strict=True):
        label(image, text, (int(x) - 4, top + height + 22), (110, 110, 110))
    label(image, what, (left + width // 2 - 50, top + height + 42), (110, 110, 110))
    for (name, values), colour in zip(lines.items(), (BLUE, ACCENT), strict=False):
        points = np.stack([places, [down(value) for value in values]], axis=1).astype(np.int32)
        cv2.polylines(image, [points[:, None]], False, colour, 2, cv2.LINE_AA)
        label(image, name, (left + width + 10, down(values[-1]) + 5), colour)
    return image


def label(image: Image, text: str, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """Write a text on a picture, from its lower left corner on."""
    write_text(image, text, *place, colour, 0.45)


def write(name: str, image: Image) -> None:
    """Write a picture (H, W, 3) RGB as a PNG with few colours, which keeps the file small."""
    steps = np.round(image.astype(float) / 17) * 17
    (FOLDER / f"{name}.png").write_bytes(png(steps.astype(np.uint8)))


if __name__ == "__main__":
    main()

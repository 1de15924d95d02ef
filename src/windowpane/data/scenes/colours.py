"""The colours of well-known label pictures (colour maps): CamVid's 32 classes and Cityscapes' own.

Sources: Brostow et al. 2009, label_colors.txt; Cordts et al. 2016, cityscapesscripts' labels.
"""

from __future__ import annotations

from windowpane.data.class_list import UNKNOWN, ClassList, Colour

CAMVID_COLOURS: dict[str, Colour] = {
    "animal": (64, 128, 64),
    "archway": (192, 0, 128),
    "bicyclist": (0, 128, 192),
    "bridge": (0, 128, 64),
    "building": (128, 0, 0),
    "car": (64, 0, 128),
    "cart luggage pram": (64, 0, 192),
    "child": (192, 128, 64),
    "column pole": (192, 192, 128),
    "fence": (64, 64, 128),
    "lane mkgs driv": (128, 0, 192),
    "lane mkgs non driv": (192, 0, 64),
    "misc text": (128, 128, 64),
    "motorcycle scooter": (192, 0, 192),
    "other moving": (128, 64, 64),
    "parking block": (64, 192, 128),
    "pedestrian": (64, 64, 0),
    "road": (128, 64, 128),
    "road shoulder": (128, 128, 192),
    "sidewalk": (0, 0, 192),
    "sign symbol": (192, 128, 128),
    "sky": (128, 128, 128),
    "suv pickup truck": (64, 128, 192),
    "traffic cone": (0, 0, 64),
    "traffic light": (0, 64, 64),
    "train": (192, 64, 128),
    "tree": (128, 128, 0),
    "truck bus": (192, 128, 192),
    "tunnel": (64, 0, 64),
    "vegetation misc": (192, 192, 0),
    "wall": (64, 192, 0),
}
CITYSCAPES_COLOURS: dict[str, Colour] = {
    "road": (128, 64, 128),
    "sidewalk": (244, 35, 232),
    "building": (70, 70, 70),
    "wall": (102, 102, 156),
    "fence": (190, 153, 153),
    "pole": (153, 153, 153),
    "traffic light": (250, 170, 30),
    "traffic sign": (220, 220, 0),
    "vegetation": (107, 142, 35),
    "terrain": (152, 251, 152),
    "sky": (70, 130, 180),
    "person": (220, 20, 60),
    "rider": (255, 0, 0),
    "car": (0, 0, 142),
    "truck": (0, 0, 70),
    "bus": (0, 60, 100),
    "train": (0, 80, 100),
    "motorcycle": (0, 0, 230),
    "bicycle": (119, 11, 32),
}
_NOTHING: tuple[Colour, ...] = ((0, 0, 0),)  # void, unlabelled, static
_NOT_EVALUATED: tuple[Colour, ...] = (  # by Cityscapes: dynamic, ground, parking, rail track ...
    (111, 74, 0),
    (81, 0, 81),
    (250, 170, 160),
    (230, 150, 140),
    (180, 165, 180),
    (150, 100, 100),
    (150, 120, 90),
    (0, 0, 90),
    (0, 0, 110),
)


def known_colours(classes: ClassList) -> list[dict[Colour, int]]:
    """Return the class of each colour, or `UNKNOWN`, by each of the well-known sets that has all classes."""
    found = []
    for table, unknown in ((CAMVID_COLOURS, _NOTHING), (CITYSCAPES_COLOURS, _NOTHING + _NOT_EVALUATED)):
        colours = {_letters(name): colour for name, colour in table.items()}
        names = [_letters(name) for name in classes.names]
        if names and all(name in colours for name in names):
            own = {colours[name]: place for place, name in enumerate(names)}
            found.append(dict.fromkeys(unknown, UNKNOWN) | own)
    return found


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())

"""The colours of well-known sets."""

from pathlib import Path

from windowpane.data.class_list import UNKNOWN, named
from windowpane.data.scenes.colours import CAMVID_COLOURS, CITYSCAPES_COLOURS, known_colours


def test_each_class_has_a_colour_of_its_own():
    for table in (CAMVID_COLOURS, CITYSCAPES_COLOURS):
        assert len(set(table.values())) == len(table)
    assert (len(CAMVID_COLOURS), len(CITYSCAPES_COLOURS)) == (31, 19)


def test_names_are_known_however_they_are_written():
    (colours,) = known_colours(named(Path("classes.txt"), ["Column_Pole", "SUVPickupTruck"]))
    assert colours == {(0, 0, 0): UNKNOWN, (192, 192, 128): 0, (64, 128, 192): 1}
    assert known_colours(named(Path("classes.txt"), ["sky", "heaven"])) == []
    assert len(known_colours(named(Path("classes.txt"), ["sky", "road"]))) == 2

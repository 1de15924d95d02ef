"""Labelled scenes (semantic segmentation data sets): public ones, and folders of one's own.

    public       Stanford Background, CamVid, YCOR, in the layouts in which they come
    own          a folder of one's own: pictures, label pictures and classes.txt; or polygons
    label_files  label pictures, read as numbers or as the colours that a list of classes names

Whatever number a set gives a class in its files, here classes count from 0 and `UNKNOWN` is no class.
"""

from windowpane.data.class_list import UNKNOWN
from windowpane.data.scenes.label_files import Labels, read_numbers
from windowpane.data.scenes.own import own
from windowpane.data.scenes.public import (
    CAMVID,
    FOLDS,
    STANFORD,
    YCOR,
    Part,
    camvid,
    stanford_background,
    ycor,
)
from windowpane.data.scenes.records import (
    LabelledScene,
    Picture,
    SceneSet,
    as_classes,
    read_all,
)

__all__ = [
    "CAMVID",
    "FOLDS",
    "STANFORD",
    "UNKNOWN",
    "YCOR",
    "LabelledScene",
    "Labels",
    "Part",
    "Picture",
    "SceneSet",
    "as_classes",
    "camvid",
    "own",
    "read_all",
    "read_numbers",
    "stanford_background",
    "ycor",
]

"""Labelled scenes of one's own (semantic segmentation masks): label pictures, or polygons.

    garden/images/1.jpg        JPEGImages/ too; in sub-folders too
    garden/labels/1.png        SegmentationClass/, masks/ too; or called as in Cityscapes and CamVid
    garden/classes.txt         CVAT's labelmap.txt, CamVid's label_colors.txt too

Polygons are those of labelme or COCO. Pixels in none are of the class background, which is the first one,
unless a classes.txt leaves it out: then they are unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from windowpane.data.annotations.coco import (
    coco_files,
    entries,
    finder_of,
    one_file,
    polygons_of,
    read_categories,
    read_content,
    read_sheets,
)
from windowpane.data.annotations.labelme import PictureRegions, class_file, labelme_files, read_regions
from windowpane.data.annotations.pictures import Pictures
from windowpane.data.annotations.records import Key, Place, Report, refuse
from windowpane.data.annotations.regions import Region, mask_of_runs
from windowpane.data.class_list import UNKNOWN, ClassList, named, read_class_list
from windowpane.data.root import existing
from windowpane.data.scenes.label_files import SUFFIXES as LABEL_SUFFIXES
from windowpane.data.scenes.records import LabelledScene, SceneSet
from windowpane.errors import DataError
from windowpane.images import SUFFIXES
from windowpane.images.folders import in_order

SceneLayout = Literal["label pictures", "labelme", "COCO"]

_PICTURES = ("images", "jpegimages")
_LABELS = ("labels", "segmentationclass", "masks", "annotations")
_LISTS = ("classes.txt", "labelmap.txt", "label_colors.txt", "class_dict.csv", "labels.txt")
_ENDINGS = (  # of a picture's name and of its labels'
    ("", ""),
    ("", "_L"),  # CamVid
    ("_leftImg8bit", "_gtFine_labelTrainIds"),
    ("_leftImg8bit", "_gtFine_labelIds"),
    ("_leftImg8bit", "_gtFine_color"),
)
_AREA = re.compile(rb'"segmentation"\s*:\s*(\[\s*\[|\{)')  # Roboflow's boxes have an empty one
_BACKGROUND = ("background", "_background_", "unlabelled", "unlabeled")


def own(folder: Path, report: Report = refuse, *, pictures: Path | None = None) -> SceneSet:
    """Read a folder of one's own, or a COCO file.

    Parameters
    ----------
    report
        Is told of every picture without labels, label file without a picture and region that cannot be drawn,
        which are left out. By default the first one raises DataError.
    pictures
        The folder of the pictures of polygons, where they are not beside these.

    Raises
    ------
    DataError
        In any case where there are no pictures or names of classes.
    """
    kind = scene_layout(folder)
    if kind == "labelme":
        finder = Pictures((folder,), folder, pictures)
        return _drawn_set(folder, list(read_regions(folder, finder, report)), report)
    if kind == "COCO":
        return _drawn_set(folder, _coco_regions(folder, report, pictures), report)
    file = next((folder / name for name in _LISTS if (folder / name).is_file()), folder / "classes.txt")
    classes = _enough(read_class_list(existing(file), of_pixels=True))
    return SceneSet(tuple(_paired(folder, report)), classes.names, classes=classes)


def scene_layout(folder: Path) -> SceneLayout | None:
    """Tell how the scenes of a folder, or of a COCO file, are labelled, by its files; None = not at all."""
    labels = _inner(folder, _LABELS)
    if labels and any(path.suffix.lower() in LABEL_SUFFIXES for path in labels.rglob("*")):
        return "label pictures"
    if folder.is_dir() and labelme_files(folder):
        return "labelme"
    if any(_AREA.search(file.read_bytes()) for file in coco_files(folder)):
        return "COCO"
    return None


def is_own(folder: Path) -> bool:
    """Whether a folder is one of labelled scenes of one's own, whatever its name."""
    listed = any((folder / name).is_file() for name in _LISTS)
    return folder.is_dir() and (listed or scene_layout(folder) in ("labelme", "COCO"))


def _inner(folder: Path, names: Sequence[str]) -> Path | None:
    """Return the first folder within one that has any of these names, in any case of letters."""
    found = {path.name.lower(): path for path in sorted(folder.glob("*")) if path.is_dir()}
    return next((found[name] for name in names if name in found), None)


def _enough(classes: ClassList) -> ClassList:
    if not 2 <= len(classes.names) <= UNKNOWN:
        count = len(classes.names)
        raise DataError(f"{classes.file}: {count} classes, expected 2 to {UNKNOWN}, a name in each line")
    return classes


# --- Label pictures ----------------------------------------------------------------------------------------


def _paired(folder: Path, report: Report) -> list[LabelledScene]:
    top = existing(_inner(folder, _PICTURES) or folder / "images")
    labels = existing(_inner(folder, _LABELS) or folder / "labels")
    inside = [path for path in top.rglob("*") if path.is_file() and path.name[0] != "."]
    pictures = [Path(name) for name in in_order([str(p) for p in inside if p.suffix.lower() in SUFFIXES])]
    if not pictures:
        kinds = ", ".join(sorted({path.suffix for path in inside})) or "nothing"
        raise DataError(f"{top} holds no pictures that can be read ({', '.join(SUFFIXES)}), but {kinds}")
    files = sorted(
        path for path in labels.rglob("*") if path.suffix.lower() in (*LABEL_SUFFIXES, ".jpg", ".jpeg")
    )
    by_name = {path.relative_to(labels).with_suffix(""): path for path in reversed(files)}
    scenes = []
    for picture in pictures:
        name = picture.relative_to(top).with_suffix("")
        file = next((by_name[one] for one in _label_names(name) if one in by_name), None)
        if file is None:
            missing = labels / name.with_name(f"{name.name}.png")
            report(picture, None, f"its labels {missing} are missing: add them, or remove the picture")
        else:
            scenes.append(LabelledScene(picture, file))
    used = {scene.labels for scene in scenes}
    meant = {one for scene in scenes for one in _label_names(scene.picture.relative_to(top).with_suffix(""))}
    for file in files:
        if file not in used and file.relative_to(labels).with_suffix("") not in meant:
            report(file, None, f"there is no picture {file.stem} in {top.name}/: add or remove it")
    return scenes


def _label_names(name: Path) -> list[Path]:
    """Return what the labels of a picture may be called, without suffix: in its sub-folder, or in none."""
    return [
        folder / f"{name.name.removesuffix(ending)}{other}"
        for folder in dict.fromkeys((name.parent, Path()))
        for ending, other in _ENDINGS
        if name.name.endswith(ending)
    ]


# --- Polygons ----------------------------------------------------------------------------------------------


def _drawn_set(source: Path, found: list[PictureRegions], report: Report) -> SceneSet:
    """Return the scenes of sheets and regions, with what names their classes."""
    listed = class_file(source if source.is_dir() else source.parent)
    if listed:
        classes = _enough(read_class_list(listed, of_pixels=True))
    else:
        seen = list(dict.fromkeys(region.name for _, regions in found for _, region in regions))
        others = [name for name in sorted(seen) if name not in _BACKGROUND[:2]]
        classes = _enough(
            named(source, [next((n for n in seen if n in _BACKGROUND[:2]), _BACKGROUND[0]), *others])
        )
    names = classes.names
    scenes = []
    for sheet, regions in found:
        if sheet.missing:
            report(sheet.place.file, None, f"{sheet.path} {sheet.missing}")
            continue
        drawn = []
        for place, region in regions:
            if region.name in names:
                drawn.append(region)
            elif region.name != "__ignore__":
                place.tell(report, f"is of the class {region.name!r}, which {classes.file} does not name")
        size = (sheet.size[1], sheet.size[0]) if sheet.size and min(sheet.size) > 0 else None
        scenes.append(LabelledScene(sheet.path, sheet.place.file, tuple(drawn), size))
    if not scenes:
        raise DataError(f"{source}: there is no picture for any of its polygons: put them beside")
    outside = next((place for place, name in enumerate(names) if name.lower() in _BACKGROUND), UNKNOWN)
    return SceneSet(tuple(scenes), names, outside=outside)


def _coco_regions(source: Path, report: Report, pictures: Path | None) -> list[PictureRegions]:
    """Return the areas of a COCO file, in each picture the smallest last: it lies on the others."""
    file = one_file(source)
    content = read_content(file)
    names = read_categories(file, content, report)
    sheets = read_sheets(file, content, finder_of(file, pictures), report)
    regions: dict[Key, list[tuple[Place, Region]]] = {key: [] for key in sheets}
    for place, entry in entries(file, content, "annotations", ("image_id", "category_id"), report):
        if entry["image_id"] not in sheets:
            place.tell(report, f"is of the image {entry['image_id']!r}, which is not among the images")
        elif entry["category_id"] not in names:
            place.tell(report, f"is of the unknown category {entry['category_id']!r}")
        else:
            name, runs = names[entry["category_id"]], entry.get("segmentation")
            try:
                polygons = tuple(polygons_of(entry))
                region = mask_of_runs(name, runs) if isinstance(runs, dict) else Region(name, polygons)
            except DataError as error:
                place.tell(report, str(error))
                continue
            if region.mask is None and not polygons:
                place.tell(report, "has no area: expected a segmentation of polygons or run lengths")
            else:
                regions[entry["image_id"]].append((place, region))
    ordered = {key: sorted(each, key=lambda one: -one[1].area) for key, each in regions.items()}
    return [(sheet, ordered[key]) for key, sheet in sheets.items()]

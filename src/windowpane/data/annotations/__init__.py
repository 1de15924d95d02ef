"""Pictures with boxes (annotations), in the layouts in which people keep them: COCO, YOLO, VOC, labelme.

    coco      one .json of images, annotations and categories; boxes x, y, width, height
    yolo      a .txt for each picture, a line for each box: class, centre x, y, width, height as shares of the
              picture; the classes in classes.txt, a *.names or the YAML of the set
    voc       an .xml for each picture in Annotations/, pictures in JPEGImages/; pixels counted from 1
    labelme   a .json for each picture, of shapes

A layout's reader makes a sheet for each picture, of boxes as they are written; all sheets are then held
against their pictures in one place.
"""

from windowpane.data.annotations.reading import layout, read_boxes
from windowpane.data.annotations.records import AnnotatedImage, BoxDataset, Layout, Report
from windowpane.data.annotations.yolo import label_file

__all__ = ["AnnotatedImage", "BoxDataset", "Layout", "Report", "label_file", "layout", "read_boxes"]

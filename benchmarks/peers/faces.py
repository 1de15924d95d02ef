"""Let one detector find faces in pictures, in a process of its own.

    python benchmarks/peers/faces.py DETECTOR THREADS USE NEEDS

Prints one JSON object a line: first what the detector is; then, for every path of a picture that comes in on
standard input, its boxes (x0, y0, x1, y1 in pixels), their scores, their landmarks if it finds any (left eye,
right eye, nose, corners of the mouth, left and right as in the picture), and the milliseconds that it took
from decoded pixels to boxes. USE is "all" for all boxes down to low scores, which a detection curve needs, or
"default" for the thresholds that the detector has by itself. NEEDS is the folder of the nets that no package
has; for windowpane the net, for MTCNN the folder of packages that its own one is in.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple

import cv2
import numpy as np

SMALLEST = 20  # pixels, where a detector lets one choose
LOW = 0.1  # of the scores that are shares: a set has several hundred false boxes above it


class Faces(NamedTuple):
    boxes: np.ndarray  # (N, 4)
    scores: np.ndarray  # (N,)
    landmarks: np.ndarray | None = None  # (N, 5, 2)


Find = Callable[[np.ndarray], Faces]  # in a picture (H, W, 3) uint8 BGR


def main() -> None:
    detector, threads, use = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    cv2.setNumThreads(threads)
    about, find = DETECTORS[detector](threads, use == "all", Path(sys.argv[4]))
    print(json.dumps({"about": about}), flush=True)
    for line in sys.stdin:
        picture = cv2.imread(line.rstrip("\n"))
        started = perf_counter()
        faces = find(picture)
        ms = 1000 * (perf_counter() - started)
        found = {name: value.tolist() for name, value in faces._asdict().items() if value is not None}
        print(json.dumps(found | {"ms": ms}), flush=True)


# -- The detectors: from threads, "all boxes?" and nets to (what it is, how it finds) ----------------------


def windowpane(threads: int, every: bool, net: Path) -> tuple[str, Find]:
    from windowpane import Detector

    options: dict[str, Any] = (
        {"threshold": LOW / 100} if every else {}
    )  # a probability: most false boxes are low
    detector = Detector(str(net), threads=threads, **options)

    def find(picture: np.ndarray) -> Faces:
        found = detector.detect(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        return Faces(found.boxes, found.confidence, found.landmarks)

    return "ONNX Runtime " + version("onnxruntime"), find


def yunet(threads: int, every: bool, nets: Path) -> tuple[str, Find]:
    file = _net(nets, "face_detection_yunet_2023mar.onnx")
    net = cv2.FaceDetectorYN.create(file, "", (0, 0), *([LOW] if every else []))

    def find(picture: np.ndarray) -> Faces:
        net.setInputSize(picture.shape[1::-1])
        found = net.detect(picture)[1]
        found = np.zeros((0, 15)) if found is None else found.astype(float)
        return Faces(_from_sides(found[:, :4]), found[:, 14], found[:, 4:14].reshape(-1, 5, 2))

    return f"2023mar, cv2.FaceDetectorYN, OpenCV {cv2.__version__}", find


def ultralight(width: int, height: int, threads: int, every: bool, nets: Path) -> tuple[str, Find]:
    """Its net, and around it what its authors do: one size for all pictures, scores from 0.7, overlap 0.3."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    file = _net(nets, f"version-RFB-{width}.onnx")
    net = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    name = net.get_inputs()[0].name
    least = LOW if every else 0.7

    def find(picture: np.ndarray) -> Faces:
        small = cv2.resize(picture, (width, height))
        blob = cv2.dnn.blobFromImage(small, 1 / 128, mean=(127, 127, 127), swapRB=True)
        scores, boxes = (output[0] for output in net.run(["scores", "boxes"], {name: blob}))
        likely = scores[:, 1] > least
        scores, boxes = scores[likely, 1].astype(float), boxes[likely] * np.tile(picture.shape[1::-1], 2)
        kept = np.asarray(cv2.dnn.NMSBoxes(_to_sides(boxes).tolist(), scores.tolist(), least, 0.3), int)
        return Faces(boxes[kept].astype(float), scores[kept])

    return f"RFB, {width}x{height}, ONNX Runtime {version('onnxruntime')}", find


def haar(cascade: str, threads: int, every: bool, _: Path) -> tuple[str, Find]:
    """All boxes: those of one neighbour too, which all windows have. The score is the last stage's sum."""
    net = cv2.CascadeClassifier(cv2.data.haarcascades + f"haarcascade_frontalface_{cascade}.xml")
    smallest = (SMALLEST, SMALLEST)

    def find(picture: np.ndarray) -> Faces:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        if every:
            boxes, _, scores = net.detectMultiScale3(grey, 1.1, 1, 0, smallest, outputRejectLevels=True)
        else:
            boxes, scores = net.detectMultiScale2(grey, 1.1, 3, 0, smallest)
        return Faces(_from_sides(np.reshape(boxes, (-1, 4))), np.reshape(scores, -1).astype(float))

    return f"from {SMALLEST} pixels, factor 1.1, 3 neighbours, OpenCV {cv2.__version__}", find


def dlib_hog(enlarged: int, threads: int, every: bool, _: Path) -> tuple[str, Find]:
    """It has one thread only."""
    import dlib

    detector = dlib.get_frontal_face_detector()

    def find(picture: np.ndarray) -> Faces:
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        boxes, scores, _ = detector.run(grey, enlarged, -1.0 if every else 0.0)
        rows = [(box.left(), box.top(), box.right() + 1, box.bottom() + 1) for box in boxes]
        return Faces(np.reshape(np.array(rows, float), (-1, 4)), np.array(scores, float))

    return f"from {80 >> enlarged} pixels, dlib {dlib.__version__}", find


def mtcnn(threads: int, every: bool, packages: Path) -> tuple[str, Find]:
    import torch

    sys.path.append(str(packages))
    torch.set_num_threads(threads)
    _stand_in_for_torchvision()
    from facenet_pytorch import MTCNN

    thresholds = {"thresholds": [0.4, 0.4, 0.05]} if every else {}  # of its three nets
    net = MTCNN(keep_all=True, min_face_size=SMALLEST, **thresholds)

    def find(picture: np.ndarray) -> Faces:
        boxes, scores, landmarks = net.detect(picture[..., ::-1], landmarks=True)
        if boxes is None:
            return Faces(np.zeros((0, 4)), np.zeros(0), np.zeros((0, 5, 2)))
        return Faces(boxes.astype(float), scores.astype(float), landmarks.astype(float))

    about = (
        f"from {SMALLEST} pixels, facenet-pytorch {version('facenet-pytorch')}, PyTorch {version('torch')}"
    )
    return about, find


def _stand_in_for_torchvision() -> None:
    """Give facenet-pytorch the one thing of torchvision that it needs; that has no build for a CPU alone."""
    import torch

    def batched_nms(boxes: Any, scores: Any, groups: Any, overlap: float) -> Any:
        apart = boxes + groups[:, None].to(boxes) * (boxes.max() + 1) if len(boxes) else boxes
        sides = _to_sides(apart.numpy()).tolist()
        kept = cv2.dnn.NMSBoxes(sides, scores.tolist(), 0.0, overlap)
        return torch.as_tensor(np.asarray(kept, int))

    names = ("torchvision", "torchvision.transforms", "torchvision.ops", "torchvision.ops.boxes")
    modules = {name: ModuleType(name) for name in names}
    modules["torchvision.transforms"].functional = None
    modules["torchvision.ops.boxes"].batched_nms = batched_nms
    sys.modules.update(modules)


def _net(nets: Path, name: str) -> str:
    if not (nets / name).is_file():
        sys.exit(f"{name} is not in the folder of nets")
    return str(nets / name)


def _from_sides(boxes: np.ndarray) -> np.ndarray:
    """Make x, y, width, height (N, 4) corners."""
    boxes = np.asarray(boxes, float)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def _to_sides(boxes: np.ndarray) -> np.ndarray:
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


DETECTORS = {
    "windowpane": windowpane,
    "yunet": yunet,
    "ultralight-640": partial(ultralight, 640, 480),
    "ultralight-320": partial(ultralight, 320, 240),
    "haar-alt2": partial(haar, "alt2"),
    "haar-default": partial(haar, "default"),
    "dlib-80": partial(dlib_hog, 0),
    "dlib-40": partial(dlib_hog, 1),
    "mtcnn": mtcnn,
}

if __name__ == "__main__":
    main()

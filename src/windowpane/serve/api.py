"""The JSON interface (REST API): a picture, or a form's files, in; the objects of the command line out.

One picture that cannot be used is answered with status 422; of several in a form it has an object with
``error``, and the others have their answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from numpy.typing import NDArray

from windowpane.core.system import Answer, Failure, System
from windowpane.errors import WindowpaneError
from windowpane.images.drawing import data_url
from windowpane.serve import schemas, steps
from windowpane.serve.limits import Admission, RefusalError
from windowpane.serve.options import (
    Format,
    Least,
    Length,
    Most,
    Net,
    Page,
    Rotations,
    Score,
    Superpixels,
    Threshold,
    Top,
    only_known,
)
from windowpane.serve.systems import Systems
from windowpane.serve.uploads import Upload, is_form, uploads
from windowpane.systems import DETECT, PARSE, READ

Record = dict[str, Any]
Ask = Callable[[NDArray[np.uint8]], Record]

STEPS_PIXELS = 4_200_000
"""Of a picture whose steps are shown: all its maps are in memory at once."""

ERRORS: dict[int, dict[str, Any]] = {
    status: {"model": schemas.Error, "description": text}
    for status, text in {
        401: "The token is missing or wrong.",
        413: "More than the limits let in.",
        415: "A body of a kind, or packed in a way, that is not taken.",
        422: "A picture or an option that cannot be used.",
        429: "Too many are waiting; the header Retry-After says for how many seconds to stay away.",
        503: "It took too long.",
    }.items()
}


def routes(systems: Systems, admission: Admission) -> APIRouter:
    """Return the routes of the interface."""
    api, asked = APIRouter(prefix="/api", dependencies=[Depends(only_known)]), _Asked(admission)
    _answers(api, systems, asked)
    for name, system in systems.own.items():
        _own(api, name, system, asked)
    _steps(api, systems, asked)

    @api.get("/nets", summary="The nets that are served, and their cards")
    async def nets() -> list[dict[str, Any]]:
        return [file.manifest.to_dict() for file in systems.nets.values()]

    return api


class _Asked:
    """Answers the pictures of a request, as far as they are admitted."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    async def answer(self, request: Request, ask: Ask) -> Response:
        """Answer the pictures of a request, as many at once as there are workers."""
        end = time.monotonic() + self._admission.limits.seconds
        async with self._admission.admit():
            files = await uploads(request, self._admission.limits)
            if not is_form(request):
                return JSONResponse(
                    await self._admission.run(lambda: _record(files[0], ask, self._admission))
                )
            at_once = asyncio.Semaphore(self._admission.limits.workers)

            async def one(file: Upload) -> Record:
                async with at_once:
                    if time.monotonic() > end:
                        seconds = f"{self._admission.limits.seconds:g} s"
                        return Failure(
                            file.name, f"not looked at, for {seconds} are over: send it again"
                        ).to_dict()
                    try:
                        return await self._admission.run(lambda: _record(file, ask, self._admission))
                    except (WindowpaneError, RefusalError) as error:
                        return Failure(file.name, str(error)).to_dict()

            return JSONResponse(await asyncio.gather(*map(one, files)))

    async def by(self, request: Request, system: Callable[[], System]) -> Response:
        """Answer the pictures of a request by a system, which is made where it is not there yet."""
        return await self.answer(request, lambda picture: answer_json(system().answer(picture)))


# -- Routes ------------------------------------------------------------------------------------------------


def _answers(api: APIRouter, systems: Systems, asked: _Asked) -> None:
    """Add the routes of the answers."""

    @api.post("/read", summary="Read a number, or with `page` all numbers", **described(schemas.Reading))
    async def read(
        request: Request,
        format: Format = "number",
        length: Length = None,
        page: Page = False,
        top: Top = 3,
        threshold: Threshold = None,
        score: Score = None,
        net: Net = None,
    ) -> Response:
        options = {
            "format": format,
            "length": length,
            "page": page,
            "top": top,
            "threshold": _either(threshold, score),
        }
        name = systems.checked(READ, net)
        return await asked.by(request, lambda: systems.get(READ, name, **options))

    @api.post(
        "/detect", summary="Find faces, or the other objects that a net knows", **described(schemas.Faces)
    )
    async def detect(
        request: Request,
        min_size: Least = 20,
        max_size: Most = None,
        threshold: Threshold = None,
        score: Score = None,
        rotations: Rotations = False,
        net: Net = None,
    ) -> Response:
        options = {
            "min_size": min_size,
            "max_size": max_size,
            "threshold": _either(threshold, score),
            "rotations": rotations,
        }
        name = systems.checked(DETECT, net)
        return await asked.by(request, lambda: systems.get(DETECT, name, **options))

    @api.post("/parse", summary="Give every pixel a class", **described(schemas.Scene))
    async def parse(request: Request, superpixels: Superpixels = False, net: Net = None) -> Response:
        name = systems.checked(PARSE, net)
        return await asked.by(request, lambda: systems.get(PARSE, name, superpixels=superpixels))


def _own(api: APIRouter, name: str, system: System, asked: _Asked) -> None:
    """Add the route of a system of one's own."""

    @api.post(f"/{name}", summary=(system.__doc__ or name).strip().splitlines()[0], **described(Record))
    async def own(request: Request) -> Response:
        return await asked.by(request, lambda: system)


def _steps(api: APIRouter, systems: Systems, asked: _Asked) -> None:
    """Add the routes of the steps that led to an answer."""

    @api.post("/read/steps", summary="Read a number, with maps, vote and path", **described(Record))
    async def read_steps(
        request: Request, format: Format = "number", length: Length = None, top: Top = 3, net: Net = None
    ) -> Response:
        options = {"format": format, "length": length, "top": top}
        name = systems.checked(READ, net)

        def ask(picture: NDArray[np.uint8]) -> Record:
            reader = systems.get(READ, name, **options).reader
            return steps.of_reading(reader.explain(_small_enough(picture)))

        return await asked.answer(request, ask)

    @api.post("/detect/steps", summary="Find faces, with the map of every scale", **described(Record))
    async def detect_steps(
        request: Request,
        min_size: Least = 20,
        max_size: Most = None,
        threshold: Threshold = None,
        score: Score = None,
        rotations: Rotations = False,
        net: Net = None,
    ) -> Response:
        options = {
            "min_size": min_size,
            "max_size": max_size,
            "threshold": _either(threshold, score),
            "rotations": rotations,
        }
        name = systems.checked(DETECT, net)

        def ask(picture: NDArray[np.uint8]) -> Record:
            found = systems.get(DETECT, name, **options).detector.explain(_small_enough(picture))
            return steps.of_search(found, systems.get(DETECT, name).detector.threshold)

        return await asked.answer(request, ask)

    @api.post("/parse/steps", summary="Parse, with what each scale alone says", **described(Record))
    async def parse_steps(request: Request, net: Net = None) -> Response:
        name = systems.checked(PARSE, net)

        def ask(picture: NDArray[np.uint8]) -> Record:
            parser = systems.get(PARSE, name).parser
            return steps.of_parsing(parser.explain(_small_enough(picture)), parser.window)

        return await asked.answer(request, ask)


# -- What they say -------------------------------------------------------------------------------------------


def described(model: Any) -> dict[str, Any]:
    """Return what the page of the interface is told of a route that takes pictures."""
    responses = {200: {"model": model, "description": "The answer."}, **ERRORS}
    return {"responses": responses, "openapi_extra": schemas.PICTURES}


def answer_json(answer: Answer) -> Record:
    """Return an answer as JSON; one that is a picture itself has it as the URL of a PNG."""
    to_png = getattr(answer, "to_png", None)
    file = {"file": data_url(to_png())} if to_png else {}
    return {**answer.to_dict(), **file}


def _record(file: Upload, ask: Ask, admission: Admission) -> Record:
    picture, notes = file.told(admission.limits)
    told = {"notes": list(notes)} if notes else {}
    return {"image": file.name, **ask(picture), **told}


def _either(threshold: float | None, score: float | None) -> float | None:
    return score if threshold is None else threshold


def _small_enough(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if height * width > STEPS_PIXELS:
        raise WindowpaneError(
            f"the picture has {width} x {height} pixels, and steps are shown of up to "
            f"{STEPS_PIXELS / 1e6:.1f} million: make it smaller"
        )
    return picture

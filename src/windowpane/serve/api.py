"""The JSON interface: a picture, or the files of a form, in; the objects of the command line out.

One picture that cannot be used is answered with status 422; of several in a form it has an object with
``error``, and the others have their answers.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from numpy.typing import NDArray

from windowpane.errors import WindowpaneError
from windowpane.serve import schemas, steps
from windowpane.serve.limits import Desk, RefusalError
from windowpane.serve.systems import Systems
from windowpane.serve.uploads import Upload, is_form, uploads

Record = dict[str, Any]
Answer = Callable[[NDArray[np.uint8]], Record]

STEPS_PIXELS = 4_200_000
"""Of a picture whose steps are shown: all its maps are in memory at once."""

Net = Annotated[str | None, Query(description="The name of a net; see /api/nets.")]
Format = Annotated[
    Literal["number", "zip"], Query(description="`zip`: five digits, US ZIP codes; `number`: any digits.")
]
Length = Annotated[int | None, Query(ge=1, le=64, description="How many digits there are.")]
Score = Annotated[float | None, Query(ge=0, le=1, description="The limit of what is sure enough.")]
Top = Annotated[int, Query(ge=1, le=20, description="How many alternatives to give.")]
Least = Annotated[int, Query(ge=8, le=10_000, description="The smallest object to look for, in pixels.")]
Most = Annotated[int | None, Query(ge=8, le=100_000, description="The largest.")]

ERRORS: dict[int, dict[str, Any]] = {
    status: {"model": schemas.Error, "description": text}
    for status, text in {
        401: "The token is missing or wrong.",
        413: "More than the limits let in.",
        422: "A picture or an option that cannot be used.",
        429: "Too many are waiting; the header Retry-After says for how many seconds to stay away.",
        503: "It took too long.",
    }.items()
}


def routes(systems: Systems, desk: Desk) -> APIRouter:
    """Return the routes of the interface."""
    api = APIRouter(prefix="/api")

    async def answered(request: Request, answer: Answer) -> Response:
        """Answer the pictures of a request, as many at once as there are workers."""
        end = time.monotonic() + desk.limits.seconds
        async with desk.place():
            files = await uploads(request, desk.limits)
            if not is_form(request):
                return JSONResponse(await desk.do(lambda: _answer(files[0], answer, desk)))
            at_once = asyncio.Semaphore(desk.limits.workers)

            async def one(file: Upload) -> Record:
                async with at_once:
                    if time.monotonic() > end:
                        sentence = f"not looked at, for {desk.limits.seconds:g} s are over: send it again"
                        return {"image": file.name, "error": sentence}
                    try:
                        return await desk.do(lambda: _answer(file, answer, desk))
                    except (WindowpaneError, RefusalError) as error:
                        return {"image": file.name, "error": str(error)}

            return JSONResponse(await asyncio.gather(*map(one, files)))

    @api.post("/read", summary="Read a number, or with `page` all numbers", **told(schemas.Reading))
    async def read(
        request: Request,
        format: Format = "number",
        length: Length = None,
        page: bool = False,
        top: Top = 3,
        score: Score = None,
        net: Net = None,
    ) -> Response:
        name = systems.checked("read", net)

        def answer(picture: NDArray[np.uint8]) -> Record:
            reader = systems.reader(name, format, length, top, score)
            if page:
                return {"readings": [one.to_dict(box=True) for one in reader.read_page(picture)]}
            return reader.read(picture).to_dict()

        return await answered(request, answer)

    @api.post("/detect", summary="Find faces, or the other objects that a net knows", **told(schemas.Faces))
    async def detect(
        request: Request, min_size: Least = 20, max_size: Most = None, score: Score = None, net: Net = None
    ) -> Response:
        name = systems.checked("detect", net)

        def answer(picture: NDArray[np.uint8]) -> Record:
            return systems.detector(name, min_size, max_size, score).detect(picture).to_dict()

        return await answered(request, answer)

    @api.post("/parse", summary="Give every pixel a class", **told(schemas.Scene))
    async def parse(request: Request, superpixels: bool = False, net: Net = None) -> Response:
        name = systems.checked("parse", net)

        def answer(picture: NDArray[np.uint8]) -> Record:
            scene = systems.parser(name, superpixels).parse(picture)
            return {**scene.to_dict(), "file": steps.picture(scene.class_ids)}

        return await answered(request, answer)

    @api.post("/read/steps", summary="Read a number, with maps, vote and path", **told(Record))
    async def read_steps(
        request: Request, format: Format = "number", length: Length = None, top: Top = 3, net: Net = None
    ) -> Response:
        name = systems.checked("read", net)
        return await answered(
            request,
            lambda picture: steps.of_reading(
                systems.reader(name, format, length, top).explain(_small_enough(picture))
            ),
        )

    @api.post("/detect/steps", summary="Find faces, with the map of every scale", **told(Record))
    async def detect_steps(
        request: Request, min_size: Least = 20, max_size: Most = None, score: Score = None, net: Net = None
    ) -> Response:
        name = systems.checked("detect", net)

        def answer(picture: NDArray[np.uint8]) -> Record:
            found = systems.detector(name, min_size, max_size, score).explain(_small_enough(picture))
            return steps.of_search(found, systems.detector(name).threshold)

        return await answered(request, answer)

    @api.post("/parse/steps", summary="Parse, with what each scale alone says", **told(Record))
    async def parse_steps(request: Request, net: Net = None) -> Response:
        parser = systems.parser(systems.checked("parse", net))
        return await answered(
            request, lambda picture: steps.of_parsing(parser.explain(_small_enough(picture)), parser.window)
        )

    @api.get("/nets", summary="The nets that are served, and their cards")
    async def nets() -> list[dict[str, Any]]:
        return [file.manifest.to_dict() for file in systems.nets.values()]

    return api


def told(model: Any) -> dict[str, Any]:
    """Return what the page of the interface is told of a route that takes pictures."""
    responses = {200: {"model": model, "description": "The answer."}, **ERRORS}
    return {"responses": responses, "openapi_extra": schemas.PICTURES}


def _answer(file: Upload, answer: Answer, desk: Desk) -> Record:
    return {"image": file.name, **answer(file.picture(desk.limits))}


def _small_enough(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    if height * width > STEPS_PIXELS:
        raise WindowpaneError(
            f"the picture has {width} x {height} pixels, and steps are shown of up to "
            f"{STEPS_PIXELS / 1e6:.1f} million: make it smaller"
        )
    return picture

"""From the body of a request to pictures in memory (uploads): never to disk, never more than is let in."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from windowpane.images.loader import Told, load_told
from windowpane.serve.encodings import CODINGS, BrokenError, TooMuchError, Unpacking
from windowpane.serve.limits import Limits, RefusalError
from windowpane.serve.options import names_of, refuse_unknown

FIELDS = 64
"""Of a form, besides its files; more are not even told of."""

FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of bodies (media types) that a route takes; a body that does not say is taken too.

    Attributes
    ----------
    names
        The kinds; one that ends with ``/`` stands for all that begin so.
    expected
        What to send, for people.
    """

    names: tuple[str, ...]
    expected: str

    def check(self, request: Request) -> None:
        """Raise RefusalError 415 for a request with another kind of body."""
        kind = _kind(request)
        if (
            kind
            and kind not in self.names
            and not kind.startswith(tuple(n for n in self.names if n[-1] == "/"))
        ):
            raise RefusalError(415, f"a body of the kind {kind[:60]!r} is not taken: {self.expected}")


UNTOLD = ("application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded")
"""What clients say where nobody told them what they send; the last is curl."""

PICTURES = Kinds(
    (FORM, "image/", "application/pdf", *UNTOLD),
    "send a picture as its body (image/..., application/octet-stream), or files of a form (multipart/...)",
)
JSON = Kinds(("application/json", *UNTOLD), "send JSON (application/json)")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a request: its name, ``-`` where it has none, and its bytes."""

    name: str
    data: bytes

    def picture(self, limits: Limits) -> NDArray[np.uint8]:
        """Return the picture (H, W, 3) uint8; raises ImageError, which names the file."""
        return self.told(limits).picture

    def told(self, limits: Limits) -> Told:
        """Return the picture with what is to be said of how it was read, else as `picture`."""
        file = io.BytesIO(self.data)
        file.name = "the picture" if self.name == "-" else self.name  # for the sentence of an error
        return load_told(file, max_pixels=limits.pixels)


def is_form(request: Request) -> bool:
    """Say whether a request is a form with files, and not one picture as it is."""
    return _kind(request) == FORM


async def uploads(request: Request, limits: Limits) -> list[Upload]:
    """Return the files of a form, or the body as the one file that it is.

    Raises RefusalError: 400 for a broken form or none of it, 408 where it takes too long, 413 for too much,
    415 for a body of another kind or packed otherwise, 422 for a form that has more than files.
    """
    body = await whole_body(request, limits, PICTURES)
    if not is_form(request):
        return [Upload("-", body)]
    return await _files(request, body, limits)


async def whole_body(request: Request, limits: Limits, kinds: Kinds) -> bytes:
    """Return the body of a request, unpacked; raises RefusalError where it is missing or cannot be taken."""
    kinds.check(request)
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limits.bytes:
        raise _too_large(limits)
    coding, unpacking = _unpacking(request, limits)
    body, packed = bytearray(), 0
    try:
        async with asyncio.timeout(limits.seconds):
            async for part in request.stream():
                packed += len(part)
                body += unpacking.add(part) if unpacking else part
                if packed > limits.bytes:
                    raise _too_large(limits)
        if unpacking and packed:
            unpacking.end()
    except TimeoutError:
        raise RefusalError(408, f"the request did not arrive within {limits.seconds:g} s") from None
    except ClientDisconnect:
        raise RefusalError(400, "the connection broke off") from None
    except TooMuchError:
        raise _too_large(limits, "unpacked, ") from None
    except BrokenError as error:
        raise RefusalError(400, f"the request's {coding} {error}: send it again, or as it is") from None
    if not body:
        raise RefusalError(400, f"the request is empty: {kinds.expected}")
    return bytes(body)


def _unpacking(request: Request, limits: Limits) -> tuple[str, Unpacking | None]:
    """Return how a request's body is packed, and what undoes it; raises RefusalError 415 for other ways."""
    coding = ", ".join(request.headers.getlist("content-encoding")).strip().lower()
    if coding in ("", "identity"):
        return coding, None
    if coding not in CODINGS:
        sentence = (
            f"the content encoding {coding[:60]!r} is not taken: send gzip or deflate, or the body as it is"
        )
        raise RefusalError(415, sentence, {"Accept-Encoding": "gzip, deflate"})
    return coding, Unpacking(coding, limits.bytes)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _files(request: Request, body: bytes, limits: Limits) -> list[Upload]:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(request.headers, stream(), max_files=limits.files, max_fields=FIELDS)
    parser.spool_max_size = 2 * limits.bytes  # so that nothing is ever written to disk
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise RefusalError(
                413, f"one request may have {limits.files} files: send the others in further ones"
            ) from None
        raise RefusalError(400, f"the form cannot be read: {error.message}") from None
    except (KeyError, ValueError) as error:
        raise RefusalError(400, f"the form cannot be read: {error}") from None
    files = [item for _, item in form.multi_items() if isinstance(item, UploadFile)]
    found = [Upload(file.filename or "-", await file.read()) for file in files]
    await form.close()
    if not found:
        raise RefusalError(400, "the form has no file: send pictures as its files")
    texts = [name for name, item in form.multi_items() if not isinstance(item, UploadFile)]
    if texts:
        refuse_unknown(texts, names_of(request))
        raise RefusalError(
            422,
            f"the form has {texts[0]!r} as a field: options are part of the address, as"
            f" {request.scope['path']}?{texts[0]}=..., and the form has files alone",
        )
    return found


def _too_large(limits: Limits, how: str = "") -> RefusalError:
    return RefusalError(
        413, f"{how}a request may have {limits.megabytes:g} MB: send smaller pictures, or fewer"
    )

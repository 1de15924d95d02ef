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
from windowpane.serve.limits import Limits, RefusalError

FIELDS = 64
"""Of a form, besides its files; they are not read."""


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
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def uploads(request: Request, limits: Limits) -> list[Upload]:
    """Return the files of a form, or the body as the one file that it is.

    Raises RefusalError: 400 for a broken form or none of it, 408 where it takes too long, 413 for too much.
    """
    body = await whole_body(request, limits)
    if not is_form(request):
        return [Upload("-", body)]
    return await _files(request, body, limits)


async def whole_body(request: Request, limits: Limits) -> bytes:
    """Return the body of a request; raises RefusalError where it is missing, too large or too slow."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > limits.bytes:
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for part in request.stream():
                body += part
                if len(body) > limits.bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise RefusalError(408, f"the request did not arrive within {limits.seconds:g} s") from None
    except ClientDisconnect:
        raise RefusalError(400, "the connection broke off") from None
    if not body:
        raise RefusalError(400, "the request is empty: send a picture as its body, or files of a form")
    return bytes(body)


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
    return found


def _too_large(limits: Limits) -> RefusalError:
    return RefusalError(413, f"a request may have {limits.megabytes:g} MB: send smaller pictures, or fewer")

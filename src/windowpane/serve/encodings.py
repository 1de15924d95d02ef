"""Undoes how a body was packed on its way (content codings, RFC 9110), and never to more than is let in."""

from __future__ import annotations

import zlib

CODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Those that are undone, each with what zlib calls it."""

MEMBERS = 1000
"""Of a gzip body: each takes its time, however small it is."""

_BARE = -15  # deflate without the frame that RFC 9110 asks for: some clients send it so


class BrokenError(Exception):
    """Why a body cannot be unpacked: the end of a sentence that begins with its coding."""


class TooMuchError(Exception):
    """A body holds more than is let in."""


class Unpacking:
    """Unpacks a body part by part.

    Parameters
    ----------
    coding
        One of `CODINGS`.
    most
        Bytes that may come out of it.
    """

    def __init__(self, coding: str, most: int) -> None:
        self._format, self._left = CODINGS[coding], most
        self._begun, self._members = False, 1
        self._stream = zlib.decompressobj(self._format)

    def add(self, part: bytes) -> bytes:
        """Return what a further part holds; raises BrokenError, and TooMuchError before it is unpacked."""
        if not self._begun and part:
            self._begun = True
            if self._format == CODINGS["deflate"] and part[0] & 15 != 8:
                self._format = _BARE
                self._stream = zlib.decompressobj(self._format)
        unpacked = bytearray()
        while part:
            if self._stream.eof:
                self._go_on()
            try:
                some = self._stream.decompress(part, self._left + 1)
            except zlib.error:
                raise BrokenError("is damaged") from None
            self._left -= len(some)
            if self._left < 0:
                raise TooMuchError
            unpacked += some
            part = self._stream.unused_data if self._stream.eof else b""
        return bytes(unpacked)

    def end(self) -> None:
        """Raise BrokenError where the body breaks off."""
        if not self._stream.eof:
            raise BrokenError("breaks off")

    def _go_on(self) -> None:
        """Begin a further member: gzip may have several, one behind the other."""
        self._members += 1
        if self._format != CODINGS["gzip"] or self._members > MEMBERS:
            raise BrokenError("goes on behind its end")
        self._stream = zlib.decompressobj(self._format)

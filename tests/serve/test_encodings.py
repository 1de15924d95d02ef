"""Packed bodies: unpacked part by part, and never to more than is let in."""

from __future__ import annotations

import gzip
import zlib

import pytest

from windowpane.serve.encodings import MEMBERS, BrokenError, TooMuchError, Unpacking

TEXT = b"a picture, or what is called so " * 100


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)  # the same at every collection of the tests


def bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def unpacked(coding: str, packed: bytes, most: int = 10_000, size: int = 7) -> bytes:
    unpacking = Unpacking(coding, most)
    parts = [unpacking.add(packed[at : at + size]) for at in range(0, len(packed), size)]
    unpacking.end()
    return b"".join(parts)


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzipped(TEXT)),
        ("x-gzip", gzipped(TEXT[:99]) + gzipped(TEXT[99:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", bare(TEXT)),
    ],
    ids=["gzip", "two members", "deflate", "without its frame"],
)
def test_what_was_packed_comes_out(coding, packed):
    assert unpacked(coding, packed) == TEXT
    assert unpacked(coding, packed, size=len(packed)) == TEXT


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_not_unpacked(pack):
    bomb = pack(bytes(50_000_000))
    unpacking = Unpacking("gzip" if pack is gzip.compress else "deflate", 1000)
    with pytest.raises(TooMuchError):
        unpacking.add(bomb)


@pytest.mark.parametrize(
    ("coding", "packed", "says"),
    [
        ("gzip", b"no gzip", "is damaged"),
        ("gzip", gzipped(TEXT)[:-3], "breaks off"),
        ("gzip", gzipped(TEXT) + b"more", "is damaged"),
        ("deflate", zlib.compress(TEXT) + b"more", "goes on behind its end"),
        ("gzip", gzipped(b"") * (MEMBERS + 1), "goes on behind its end"),
        ("gzip", b"", "breaks off"),
    ],
    ids=["none", "cut", "text behind", "bytes behind", "many members", "empty"],
)
def test_a_broken_one_is_told_of(coding, packed, says):
    with pytest.raises(BrokenError, match=says):
        unpacked(coding, packed)

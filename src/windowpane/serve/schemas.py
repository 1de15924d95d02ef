"""What the answers look like (response schemas), for the page of the interface: as on the command line."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

Box = list[float]


class Error(BaseModel):
    """Why there is no answer."""

    error: str = Field(description="One sentence: what was given, what is expected, what to do.")


class Digit(BaseModel):
    """One digit, with its box x0, y0, x1, y1 in pixels of the upright picture."""

    text: str
    box: Box
    confidence: float


class Alternative(BaseModel):
    """Another string that the picture may show."""

    text: str
    confidence: float


class Reading(BaseModel):
    """A number; with `page` there is a list of them under `readings`, each with its box."""

    image: str
    text: str
    confidence: float
    rejected: bool
    digits: list[Digit]
    alternatives: list[Alternative]


class Face(BaseModel):
    """One object, with its box x0, y0, x1, y1 in pixels of the upright picture."""

    box: Box
    score: float
    landmarks: list[list[float]] | None = None


class Faces(BaseModel):
    """What was found, highest score first; the key is the net's label in the plural."""

    image: str
    width: int
    height: int
    faces: list[Face]


class Scene(BaseModel):
    """The share of each class, and the class of each pixel as a grey PNG in a data URL."""

    image: str
    width: int
    height: int
    labels: dict[str, float]
    file: str


PICTURES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One picture as it is, and the answer is one object; or the files of a form, and the "
        "answer is a list with an object for each.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "array", "items": {"type": "string", "format": "binary"}}
                    },
                }
            },
        },
    }
}

"""The options that several verbs take (command-line arguments), each written once.

What an option of a system means and how it is by default is in the table, `windowpane.systems`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from windowpane.errors import ArgumentError
from windowpane.systems import DETECT, PARSE, READ, Task


def _of(task: Task[Any], name: str, *spellings: str, **more: Any) -> Any:
    """Return an option of a system, as Typer takes it."""
    return typer.Option(*spellings, help=task.options[name].help, **more)


# -- Of every verb -----------------------------------------------------------------------------------------

Images = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGE",
        help="Files, folders or patterns; films, the number of a camera, rtsp://; - is standard input.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and nothing else.")]
ImagesFolder = Annotated[
    Path | None,
    typer.Option("--images", help="The folder of the pictures, where they are not beside their annotations."),
]
Net = Annotated[str, typer.Option(help="A net's name or file.")]
Threads = Annotated[int, _of(READ, "threads", min=1)]


def _everywhere(max_pixels: int | None) -> int | None:
    """Let pictures be so large wherever this process and those that it starts load them."""
    if max_pixels is not None:
        from windowpane.images.loader import LIMIT  # later, for it loads OpenCV

        os.environ[LIMIT] = str(max_pixels)
    return max_pixels


def _max_pixels(**more: Any) -> Any:
    told = "A picture that claims to have more pixels is refused; 200 million by default."
    return typer.Option("--max-pixels", min=1, help=told, **more)


MaxPixels = Annotated[int | None, _max_pixels()]
MaxPixelsEverywhere = Annotated[int | None, _max_pixels(callback=_everywhere)]
"""Of verbs that load pictures deep inside; they need not look at it."""

Score = Annotated[float | None, typer.Option("--score", min=0, max=1, hidden=True)]
"""The old name of a threshold."""

# -- Of reading --------------------------------------------------------------------------------------------

Format = Annotated[str, _of(READ, "format")]
Length = Annotated[int | None, _of(READ, "length", min=1)]
Page = Annotated[bool, _of(READ, "page", "--page")]
Every = Annotated[bool, _of(READ, "every", "--all")]
Mail = Annotated[bool, _of(READ, "mail", "--mail")]
CountryOfMail = Annotated[str | None, _of(READ, "country", "--country", metavar="CC")]
Top = Annotated[int, _of(READ, "top", min=1)]
RejectionThreshold = Annotated[float | None, _of(READ, "threshold", min=0, max=1)]
Separators = Annotated[bool, _of(READ, "separators", "--separators")]
Counter = Annotated[bool, _of(READ, "counter", "--counter")]
Vote = Annotated[Literal["majority", "highest"] | None, _of(READ, "vote")]

# -- Of detecting ------------------------------------------------------------------------------------------

MinSize = Annotated[int, _of(DETECT, "min_size", min=1)]
MaxSize = Annotated[int | None, _of(DETECT, "max_size", min=1)]
DetectionThreshold = Annotated[float | None, _of(DETECT, "threshold", min=0, max=1)]
Rotations = Annotated[bool, _of(DETECT, "rotations", "--rotations")]

# -- Of parsing --------------------------------------------------------------------------------------------


def _views(count: int | None) -> int | None:
    from windowpane.parse.tta import views

    try:
        return None if count is None else len(views(count))
    except ArgumentError as error:
        raise typer.BadParameter(str(error)) from None


Tta = Annotated[int, _of(PARSE, "tta", "--tta", metavar="1|2|4", callback=_views)]
Looks = Annotated[int | None, typer.Option("--looks", callback=_views, hidden=True)]
"""The old name of test-time augmentation."""
Superpixels = Annotated[bool, _of(PARSE, "superpixels", "--superpixels")]

"""What a request may say besides its pictures (query parameters), and the refusal of all else.

An option that is not there would otherwise be passed over, and the answer be one to another question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from inspect import signature
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from pydantic import TypeAdapter, ValidationError

from windowpane.errors import choices
from windowpane.serve.limits import RefusalError
from windowpane.systems import DETECT, PARSE, READ

Net = Annotated[str | None, Query(description="The name of a net; see /api/nets.")]
Format = Annotated[
    Literal["number", "zip"], Query(description="`zip`: five digits, US ZIP codes; `number`: any digits.")
]
Length = Annotated[int | None, Query(ge=1, le=64, description=READ.options["length"].help)]
Page = Annotated[bool, Query(description=READ.options["page"].help)]
Top = Annotated[int, Query(ge=1, le=20, description=READ.options["top"].help)]
Threshold = Annotated[float | None, Query(ge=0, le=1, description=DETECT.options["threshold"].help)]
Score = Annotated[
    float | None, Query(ge=0, le=1, deprecated=True, description="The old name of `threshold`.")
]
Least = Annotated[int, Query(ge=8, le=10_000, description=DETECT.options["min_size"].help)]
Most = Annotated[int | None, Query(ge=8, le=100_000, description=DETECT.options["max_size"].help)]
Rotations = Annotated[bool, Query(description=DETECT.options["rotations"].help)]
Superpixels = Annotated[bool, Query(description=PARSE.options["superpixels"].help)]

PARAMETERS: dict[str, dict[str, Any]] = {
    READ.name: {"format": Format, "length": Length, "top": Top, "threshold": Threshold},
    DETECT.name: {"min_size": Least, "max_size": Most, "threshold": Threshold, "rotations": Rotations},
    PARSE.name: {"superpixels": Superpixels},
}
"""Of each verb those that a request in KServe's protocol may have, with their types and bounds."""

OLD = ("score",)
"""Names that are taken, and not told of."""


def only_known(request: Request) -> None:
    """Raise RefusalError 422 for a query parameter that a route does not have, or that is given twice."""
    given, known = Counter(name for name, _ in request.query_params.multi_items()), names_of(request)
    refuse_unknown(given, known)
    for name, times in given.items():
        if times > 1:
            raise RefusalError(422, f"the option {name!r} is given {times} times: give it once")


def names_of(request: Request) -> list[str]:
    """Return the names of the options of a request's route."""
    arguments = signature(request.scope["route"].endpoint).parameters
    return [name for name in arguments if name not in ("request", *request.path_params)]


def refuse_unknown(given: Iterable[str], known: Iterable[str], what: str = "option") -> None:
    """Raise RefusalError 422 for the first name that is not known, with what there is."""
    known = list(known)
    for name in given:
        if name not in known:
            told = [one for one in known if one not in OLD]
            short = name if len(name) <= 60 else f"{name[:60]}..."
            end = f" here{choices(short, told)}" if told else ": none is taken here"
            raise RefusalError(422, f"there is no {what} {short!r}{end}")


def checked(task: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters of a request in KServe's protocol as options; raises RefusalError 422."""
    options: dict[str, Any] = {}
    for name, value in given.items():
        try:
            options[name] = TypeAdapter(PARAMETERS[task][name]).validate_python(value, strict=True)
        except ValidationError as error:
            raise RefusalError(422, f"{name}: {error.errors()[0]['msg']}") from None
    return options

"""Admission control: how much at once, and what is told to those who have to wait."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from windowpane.errors import ArgumentError
from windowpane.serve.limits import Admission, Limits, RefusalError


def test_when_all_places_are_taken_others_are_told_to_come_again():
    async def crowd() -> list[object]:
        admission = Admission(Limits(workers=1, queue=1))
        go = threading.Event()

        async def one() -> object:
            try:
                async with admission.admit():
                    return await admission.run(lambda: go.wait(5))
            except RefusalError as error:
                return error

        tasks = [asyncio.create_task(one()) for _ in range(4)]
        await asyncio.sleep(0.1)
        go.set()
        answers = await asyncio.gather(*tasks)
        return [*answers, admission.admitted]

    first, second, third, fourth, inside = asyncio.run(crowd())
    assert (first, second, inside) == (True, True, 0)
    for refused in (third, fourth):
        assert isinstance(refused, RefusalError)
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1


def test_work_that_takes_too_long_is_given_up_and_keeps_its_place_until_it_ends():
    async def wait() -> tuple[int, int, int]:
        admission = Admission(Limits(workers=1, queue=1, seconds=0.05))
        go = threading.Event()
        with pytest.raises(RefusalError) as refused:
            async with admission.admit():
                await admission.run(lambda: go.wait(5))
        during = admission.admitted
        go.set()
        await asyncio.sleep(0.2)
        return refused.value.status, during, admission.admitted

    assert asyncio.run(wait()) == (503, 1, 0)


def test_a_crowd_is_answered_or_told_to_come_again(serving, number):
    with serving(Limits(workers=1, queue=2)) as ask, ThreadPoolExecutor(24) as clients:
        replies = list(clients.map(lambda _: ask("POST", "/api/read", number), range(96)))
        assert {one.status for one in replies} == {200, 429}
        assert all("Retry-After" in one.headers for one in replies if one.status == 429)
        assert ask("POST", "/api/read", number).status == 200  # and when they are gone it is as before


@pytest.mark.parametrize(
    "wrong", [{"workers": 0}, {"megapixels": 0}, {"seconds": -1}, {"files": 0}, {"queue": -1}]
)
def test_limits_that_cannot_be_are_refused_at_once(wrong):
    with pytest.raises(ArgumentError, match=next(iter(wrong))):
        Limits(**wrong)


@pytest.mark.parametrize("size", [(4284, 5712), (6048, 8064)], ids=["24 megapixels", "48 megapixels"])
def test_the_photos_of_telephones_are_let_in_by_default(size):
    assert size[0] * size[1] < Limits().pixels

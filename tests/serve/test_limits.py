"""What is let in, how much at once, and from whom; and that nothing stays."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from windowpane.serve.limits import Admission, Limits, RefusalError


def test_requests_that_are_too_large_are_refused_before_they_are_read(ask):
    big = ask("POST", "/api/read", bytes(9_000_000))
    assert big.status == 413
    assert "8 MB" in big.json["error"]
    chunks = ask("POST", "/api/read", iter([bytes(1_000_000)] * 9))  # without a length
    assert chunks.status == 413


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


def test_a_token_is_asked_for(serving):
    with serving(token="open sesame") as ask:
        for path in ("/api/nets", "/metrics", "/v2/health/ready"):
            assert ask("GET", path).status == 401
            assert ask("GET", path, Authorization="Bearer wrong").status == 401
            assert ask("GET", path, Authorization="Bearer open sesame").status == 200
        assert ask("GET", "/").status == ask("GET", "/health").status == 200


def test_a_server_for_this_machine_answers_to_no_other_name(serving):
    with serving(hosts=("localhost", "127.0.0.1")) as ask:
        assert ask("GET", "/health").status == 200
        assert ask("GET", "/health", Host="evil.example").status == 400


def test_answers_keep_the_page_to_itself(ask):
    headers = ask("GET", "/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_is_written_to_disk(ask, number):
    opened: list[str] = []

    def watch(event: str, given: tuple) -> None:
        if event == "open" and given[1] and set(str(given[1])) & set("wax+"):
            opened.append(str(given[0]))

    sys.addaudithook(watch)  # cannot be taken away again; it only listens
    large = number + bytes(3_000_000)  # more than forms are usually kept in memory
    assert ask.form("/api/read", [("a.png", large), ("b.png", number)]).status == 200
    assert [name for name in opened if not name.startswith("/dev/")] == []


def test_a_slow_client_is_left(serving, number):
    with serving(Limits(seconds=0.3)) as ask:

        def slowly():
            yield number[:100]
            time.sleep(1)
            yield number[100:]

        assert ask("POST", "/api/read", slowly()).status == 408

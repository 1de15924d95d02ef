"""Whatever is killed, at whatever time: run again, and every picture has exactly one answer."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.alone

CRASHER = '''
"""A picture that ends the process that decodes it: what a fault in a decoder does."""
import os
import windowpane.images.loader as loader

load = loader.load_told

def crashing(source, **options):
    if "crash" in getattr(source, "name", ""):
        os.kill(os.getpid(), 9)
    return load(source, **options)

loader.load_told = crashing
'''


@pytest.fixture
def begin(tmp_path):
    """Start ``windowpane batch read scans/``; what is left of it is ended."""
    started = []

    def begin(*options, **environment):
        command = [sys.executable, "-m", "windowpane", "batch", "read", "scans", "--out", "out", *options]
        environment = {**os.environ, **environment}
        with (tmp_path / "told").open("wb") as told, (tmp_path / "said").open("wb") as said:
            process = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=told, stderr=said)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def many(tmp_path, number):
    """A folder of 320 pictures, so 16 parts of 20."""
    (tmp_path / "scans").mkdir()
    for name in range(320):
        (tmp_path / "scans" / f"{name}.png").write_bytes(number)
    return {f"{tmp_path}/scans/{name}.png" for name in range(320)}


def assert_complete(rows, expected):
    assert len(rows) == len(expected)
    assert {row["image"] for row in rows} == expected
    assert all(row["text"] == "94720" for row in rows)


def wait_for(condition, process, seconds=120):
    """Wait until a condition holds or the process ends, and say whether it held."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_killed_many_times_in_one_process(begin, many, tmp_path, answers):
    kills, out = 0, tmp_path / "out"
    chance = random.Random(0)
    for _ in range(6):
        parts = len(list(out.glob("*.parquet")))
        process = begin("--workers", "1")
        # At every stage: while it lists, in the middle of a part, while a part is written.
        wait_for(lambda parts=parts: len(list(out.glob("*.parquet"))) > parts, process)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    assert kills >= 3
    assert begin("--workers", "1").wait() == 0
    assert_complete(answers(out), many)
    assert [path.name for path in (out / "_batch").glob(".*")] == []


def test_a_picture_that_ends_its_process_is_an_error_in_the_third_run(begin, tmp_path, number, answers):
    (tmp_path / "scans").mkdir()
    for name in ("a", "b", "crash"):
        (tmp_path / "scans" / f"{name}.png").write_bytes(number)
    (tmp_path / "sitecustomize.py").write_text(CRASHER)
    for status in (-signal.SIGKILL, -signal.SIGKILL, 1):
        assert begin("--workers", "1", PYTHONPATH=str(tmp_path)).wait() == status
    rows = answers(tmp_path / "out")
    assert [row["text"] for row in rows] == ["94720", "94720", None]
    assert "crash.png ends the process that answers it" in rows[2]["error"]


def test_interrupted_by_hand_it_says_how_to_go_on(begin, many, tmp_path):
    process = begin("--workers", "1")
    assert wait_for(lambda: list((tmp_path / "out").glob("*.parquet")), process)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 1
    said = (tmp_path / "said").read_text()
    assert said.endswith("windowpane: stopped; what is answered is in out: repeat the command to go on\n")


# -- On Ray ------------------------------------------------------------------------------------------------


def ray_workers(driver: int) -> list[int]:
    """Return the processes, below a driver, that answer pictures."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if (folder / "cmdline").read_bytes().startswith(b"ray::MapWorker"):
                found.append(int(folder.name))
        except OSError:  # it has just ended
            continue

    def is_below(process: int) -> bool:
        return process == driver or (process in parents and is_below(parents[process]))

    return [process for process in found if is_below(process)]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds Ray's processes in /proc")
def test_workers_and_then_the_driver_are_killed(begin, many, tmp_path, answers):
    pytest.importorskip("ray")
    out = tmp_path / "out"

    def parts():
        return len(list(out.glob("*.parquet")))

    process = begin("--workers", "2")
    for seen in (0, 2):  # a worker, and later another
        assert wait_for(lambda seen=seen: parts() > seen and ray_workers(process.pid), process)
        os.kill(ray_workers(process.pid)[-1], signal.SIGKILL)
    assert wait_for(lambda: parts() > 4, process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert parts() < 16

    process = begin("--workers", "2", "--json")
    before = parts()
    assert wait_for(lambda: parts() > before and ray_workers(process.pid), process)
    os.kill(ray_workers(process.pid)[0], signal.SIGKILL)
    assert process.wait() == 0
    assert json.loads((tmp_path / "told").read_text())["pictures"] == len(many)
    assert_complete(answers(out), many)

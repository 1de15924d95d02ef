"""The server against the plain library, a crowd of clients, and a stroke on the Teach page.

    python benchmarks/serve.py [--quick]

The server is a process of its own, as `windowpane serve` starts it; the clients are threads of this one, so
they take their time from the same processors. Server and library work on as many threads as there are
processors, on the same files, from their bytes to the answer; they take turns, so both see the same machine.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import http.client
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import resources
from os import getloadavg
from pathlib import Path
from statistics import median
from time import monotonic, perf_counter, sleep

import cv2
import numpy as np
from results import made_with, percent, publish, table

from windowpane import Detector, Parser, Reader
from windowpane.core.runtimes import cores

PACKAGE = Path(str(resources.files("windowpane")))
DEMO = PACKAGE / "demo"
ROUNDS, SECONDS = 5, 2.0  # turns of each side, and how long one is
CLIENTS, CROWD = 200, 60.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a look of a few seconds, printed only")
    quick = parser.parse_args().quick
    with server() as (port, process):
        body = [
            made_with("fastapi", "uvicorn", "uvloop", "onnxruntime", "numpy", more=busy()),
            throughput(port, *((2, 0.5) if quick else (ROUNDS, SECONDS))),
            crowd(port, process, 5.0 if quick else CROWD),
            strokes(port),
            weight(),
        ]
    publish("serve", "The server", "\n\n".join(body), quick=quick)


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """Start the server; yield its port and the number of its process."""
    command = [sys.executable, "-m", "windowpane", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().split(":")[2].split("/")[0]), process.pid
        finally:
            process.terminate()


def busy() -> str:
    """Return a remark where the machine has other work: shares are to be trusted then, rates are not."""
    load = getloadavg()[0]
    return f"; {load:.0f} other processes wanted them meanwhile" if load > 1 else ""


class Client:
    """One connection that stays."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, path: str, body: bytes, kind: str = "application/octet-stream") -> tuple[int, str, bytes]:
        self.connection.request("POST", path, body, {"Content-Type": kind})
        answer = self.connection.getresponse()
        return answer.status, answer.headers.get("Retry-After", "1"), answer.read()


def form(data: bytes, count: int) -> bytes:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    return (head + data + b"\r\n") * count + b"--x--\r\n"


def jpeg(name: str, width: int, height: int) -> bytes:
    picture = cv2.resize(cv2.imread(str(DEMO / name)), (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", picture)[1].tobytes()


# -- Against the library -----------------------------------------------------------------------------------


def throughput(port: int, rounds: int, seconds: float) -> str:
    reader, detector, parser = Reader(), Detector(), Parser()
    line, group, street = (
        (DEMO / "ruled.png").read_bytes(),
        jpeg("portrait.jpg", 640, 480),
        jpeg("rocket.jpg", 640, 480),
    )
    plain = "application/octet-stream"
    works: list[tuple[str, int, Callable[[], object], str, bytes, str]] = [
        ("read a line", 1, lambda: json.dumps(reader.read(line).to_dict()), "/api/read", line, plain),
        (
            "read 64 lines, one form",
            64,
            lambda: [json.dumps(reader.read(line).to_dict()) for _ in range(64)],
            "/api/read",
            form(line, 64),
            "multipart/form-data; boundary=x",
        ),
        (
            "detect, 640x480",
            1,
            lambda: json.dumps(detector.detect(group).to_dict()),
            "/api/detect",
            group,
            plain,
        ),
        ("parse, 640x480", 1, lambda: parsed(parser, street), "/api/parse", street, plain),
    ]
    rows = []
    for name, count, library, path, body, kind in works:
        theirs, ours = [], []
        for _ in range(rounds):
            theirs.append(count * rate(lambda _, work=library: work(), cores(), seconds))
            clients = [Client(port) for _ in range(2 * cores())]
            ask = lambda number, some=clients, what=(path, body, kind): some[number].post(*what)  # noqa: E731
            ours.append(count * rate(ask, len(clients), seconds))
        share = median(a / b for a, b in zip(ours, theirs, strict=True))
        rows.append([name, f"{median(theirs):.0f}", f"{median(ours):.0f}", percent(share, 0)])
    head = ["work", "library, a second", "server, a second", "share"]
    return "Pictures a second; the goal is 80 % of the plain library.\n\n" + table(head, rows)


def parsed(parser: Parser, street: bytes) -> str:
    """What the server does too: the labels are part of its answer."""
    scene = parser.parse(street)
    file = base64.b64encode(cv2.imencode(".png", scene.class_ids, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1])
    return json.dumps({**scene.to_dict(), "file": file.decode()})


def rate(work: Callable[[int], object], threads: int, seconds: float) -> float:
    """Return how often a second work is done by so many threads."""
    end, done = monotonic() + seconds, [0] * threads

    def repeat(number: int) -> None:
        while monotonic() < end:
            work(number)
            done[number] += 1

    start = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(repeat, range(threads)))
    return sum(done) / (perf_counter() - start)


# -- A crowd -----------------------------------------------------------------------------------------------


def crowd(port: int, process: int, seconds: float) -> str:
    line, group, street = (
        (DEMO / "ruled.png").read_bytes(),
        jpeg("portrait.jpg", 640, 480),
        jpeg("rocket.jpg", 320, 240),
    )
    asked = [
        ("/api/read", line),
        ("/api/detect", group),
        ("/api/parse", street),
        ("/api/read/steps", line),
        ("/api/read", b"no picture"),
    ]
    found: Counter[str] = Counter()
    memory, lock, end = [], threading.Lock(), monotonic() + seconds

    def visit(number: int) -> None:
        client = Client(port)
        while monotonic() < end:
            number += 1
            path, body = asked[number % len(asked)]
            try:
                status, wait, _ = client.post(path, body)
                expected = 422 if body == b"no picture" else 200
                said = "answered" if status == expected else str(status)
            except OSError as error:
                said, wait, client = type(error).__name__, "1", Client(port)
            with lock:
                found[said] += 1
            if said == "429":
                sleep(min(float(wait), max(0.0, end - monotonic())))

    with ThreadPoolExecutor(CLIENTS) as pool:
        visits = [pool.submit(visit, number) for number in range(CLIENTS)]
        while monotonic() < end:
            sleep(seconds / 12)
            memory.append(resident(process))
        for one in visits:
            one.result()
    errors = sum(found.values()) - found["answered"] - found["429"]
    levels = ", ".join(f"{value:.0f}" for value in memory[1::3])
    rows = [
        ["answered", found["answered"]],
        ["told to come again (429)", found["429"]],
        ["other errors", f"{errors} {dict(found) if errors else ''}".strip()],
        ["memory of the server on the way, MB", levels],
    ]
    what = (
        f"{CLIENTS} clients for {seconds:.0f} s: lines, faces, scenes, steps, and files that are no picture"
    )
    return f"{what}. They come again when they are told to.\n\n" + table(["", ""], rows)


def resident(process: int) -> float:
    """Return the memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1000


# -- The page ----------------------------------------------------------------------------------------------


def strokes(port: int) -> str:
    client, rows = Client(port), []
    picture = jpeg("rocket.jpg", 1024, 768)
    start = perf_counter()
    name = json.loads(client.post("/api/teach/pictures", picture)[2])["id"]
    looked = 1000 * (perf_counter() - start)
    rng = np.random.default_rng(0)
    for count in (3, 30, 300):
        lines = []
        for number in range(count):
            x, y = rng.uniform(100, 900), (100, 400, 700)[number % 3]
            lines.append({"label": number % 3, "points": [[x, y], [x + 60, y + 20]], "radius": 14})
        lesson = {"classes": ["sky", "rocket", "ground"], "strokes": {name: lines}, "show": name}
        times = []
        for _ in range(9):
            start = perf_counter()
            status, _, _ = client.post("/api/teach/labels", json.dumps(lesson).encode(), "application/json")
            times.append(1000 * (perf_counter() - start))
            assert status == 200
        rows.append([count, f"{median(times):.0f} ms"])
    title = (
        "A stroke on the Teach page, from the request to all labels of 1024x768 pixels; the goal is 200 ms."
    )
    return f"{title} To open the picture takes {looked:.0f} ms.\n\n" + table(["strokes so far", "time"], rows)


def weight() -> str:
    files = [path for path in (PACKAGE / "serve" / "page").iterdir() if path.is_file()]
    plain = sum(path.stat().st_size for path in files)
    packed = sum(len(gzip.compress(path.read_bytes())) for path in files)
    return (
        f"The page is {len(files)} files of {plain / 1000:.0f} kB together ({packed / 1000:.0f} kB packed)."
    )


if __name__ == "__main__":
    main()

"""Driving to a goal in the simulator: every course, many seeds, with and without each step of the lecture.

python benchmarks/drive_courses.py [--seeds N] [--processes N] [--tuning] [--quick]

A run takes about a minute of one core. Every finished run is a line of JSON in runs/courses, so this can be
stopped at any time and goes on where it was; it writes its section from what there is. Seeds from 2001 on are
for measuring and nothing is tuned on them; --tuning takes those from 0 on, and prints.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from drive_learning import Plain
from results import made_with, percent, publish, table

from windowpane.cli.common.output import write_picture
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.navigator import Imu, Navigator, Step
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.planning.planner import plan
from windowpane.drive.senses import Images
from windowpane.evaluate.measures.intervals import mean_interval, share_interval
from windowpane.show.overview import overview
from windowpane.sim.robot.faults import Fault
from windowpane.sim.robot.vehicle import RIGS
from windowpane.sim.simulator import FAR_LATENCY, Simulator
from windowpane.sim.world.courses import COURSES, Course, make

RUNS = Path(__file__).parents[1] / "runs" / "courses"
PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
FIRST = 2001
VARIANTS = {
    "full": "full system",
    "frozen": "last layer frozen",
    "histogram": "colour histogram only",
    "stereo": "far stereo, no labels",
    "near": "near vision only",
}
FAULTY = ("barrier", "path")
"""The courses on which things go wrong."""
ABOUT = """\
Up to {seeds} seeds a course, from {first} on, none of them used for tuning. Way: metres driven over the
shortest way on the true map, mean over all runs, with what was left to the goal added where it was not
reached. In brackets: 95 % intervals (Wilson for shares, bootstrap for means). Collisions: with what must not
be hit. Interventions: somebody had to help. The clock is simulated: the fast loop is charged its latency ten
times a second, far vision its own."""
COMPARED = """\
What each step is worth: without it over the full system, on the same seeds, the ratio of metres driven."""
FAULTS = f"""\
Things go wrong from the fifth second on, on the courses {" and ".join(FAULTY)}. Stopped: not at the goal, but
standing, with a reason."""
PERSON = """\
A person steps out 2.5 m before the robot, at 1.2 m/s. Reaction: simulated seconds from when it is in the way
until the command is slower than at its fastest since a second before the first step; 0 if it was by then."""


@dataclass(frozen=True)
class Job:
    """A run to be made."""

    course: str
    seed: int
    variant: str = "full"
    fault: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--courses", nargs="*", default=list(COURSES), choices=COURSES)
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument("--tuning", action="store_true", help="seeds from 0 on, printed")
    parser.add_argument("--write-only", action="store_true", help="drive nothing, write from what there is")
    parser.add_argument("--quick", action="store_true", help="one tuning seed a course, full system, printed")
    options = parser.parse_args()
    tuning = options.tuning or options.quick
    first = 0 if tuning else FIRST
    seeds = range(first, first + (1 if options.quick else options.seeds))
    variants = ["full"] if options.quick else options.variants
    jobs = [Job(course, seed, one) for seed in seeds for one in variants for course in options.courses]
    if not (options.no_faults or options.quick):
        some = seeds[: max(1, len(seeds) // 4)]
        jobs += [
            Job(course, seed, fault=fault.value) for seed in some for fault in Fault for course in FAULTY
        ]
    file = RUNS / ("tuning.jsonl" if tuning else "runs.jsonl")
    if not options.write_only:
        drive(jobs, file, options.processes)
    runs = [
        run
        for run in read(file)
        if Job(*(run[key] for key in ("course", "seed", "variant", "fault"))) in set(jobs)
    ]
    body = report(runs, first, len(seeds))
    publish("drive-courses", "Driving to a goal in the simulator", body, quick=tuning)
    if not tuning:
        pictures(options.courses, first)


# -- The runs ----------------------------------------------------------------------------------------------


def drive(jobs: Sequence[Job], file: Path, processes: int) -> None:
    """Make those runs that there are not yet, in processes, and add each to the file when it ends."""
    file.parent.mkdir(parents=True, exist_ok=True)
    done = {Job(run["course"], run["seed"], run["variant"], run["fault"]) for run in read(file)}
    todo = [job for job in jobs if job not in done]
    began = time.monotonic()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(run, job): job for job in todo}
        for number, future in enumerate(as_completed(waiting), 1):
            line = future.result()
            with file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            left = (time.monotonic() - began) / number * (len(todo) - number) / 60
            said = "goal" if line["reached"] else f"no goal: {line['reason']}"
            hurt = f"{line['collisions']} collisions, {line['interventions']} interventions"
            way = f"{line['distance_m'] / line['shortest_m']:.2f}"
            job = " ".join(str(one) for one in asdict(waiting[future]).values() if one != "")
            print(f"{number}/{len(todo)} {job}: {said}; way {way}; {hurt}; {left:.0f} min left", flush=True)


class Unlabelled(CostMap):
    """A map of what stereo sees, without the labels of far vision."""

    def add_far(self, *_: Any) -> None:
        """Leave the labels of a frame away."""


def run(job: Job) -> dict[str, Any]:
    """Drive one course; return what came of it."""
    cv2.setNumThreads(1)
    os.environ["LP_NUM_THREADS"] = "1"
    course, began = make(job.course, job.seed), time.monotonic()
    navigator = Navigator(
        course.goal,
        RIGS.near,
        RIGS.far,
        vision="near" if job.variant == "near" else "far",
        net=Plain(Backbone("ground"), "histogram") if job.variant == "histogram" else "ground",
        learn=job.variant != "frozen",
        far_latency=FAR_LATENCY,
        seed=job.seed,
    )
    if job.variant == "stereo":
        navigator.map = Unlabelled()
    reasons: dict[str, int] = {}

    def on_step(step: Step) -> None:
        for reason in step.reasons:
            reasons[reason] = reasons.get(reason, 0) + 1

    fault = Fault(job.fault) if job.fault else None
    outcome = Simulator(course, fault=fault).run(navigator, on_step)
    often = sorted(reasons, key=lambda one: -reasons[one])[:5]
    more = {"took_s": round(time.monotonic() - began, 1), "reasons": {one: reasons[one] for one in often}}
    return outcome.to_dict() | asdict(job) | more


def read(file: Path) -> list[dict[str, Any]]:
    """Return the runs in a file; a line that was cut off is none."""
    if not file.exists():
        return []
    runs = []
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            runs.append(json.loads(line))
        except ValueError:
            continue
    return runs


# -- The tables --------------------------------------------------------------------------------------------


def report(runs: list[dict[str, Any]], first: int, seeds: int) -> str:
    """Return the section."""
    plain = [one for one in runs if not one["fault"]]
    body = [
        made_with("numpy", "opencv-python-headless", "onnxruntime", "moderngl", "scipy"),
        ABOUT.format(seeds=seeds, first=first),
        outcomes(plain),
        COMPARED,
        compared(plain),
        PERSON,
        person(plain),
    ]
    faulty = [one for one in runs if one["fault"]]
    if faulty:
        body += [FAULTS, faults(faulty)]
    body += [SEEN.format(seed=first), *shown(plain, first), SPEED, speed()]
    return "\n\n".join(body)


def outcomes(runs: list[dict[str, Any]]) -> str:
    """Return the table of all courses and variants."""
    rows = []
    for course in COURSES:
        for variant, name in VARIANTS.items():
            some = [one for one in runs if (one["course"], one["variant"]) == (course, variant)]
            if some:
                rows.append([course, name, *_row(some)])
    for variant, name in VARIANTS.items():
        some = [one for one in runs if one["variant"] == variant]
        if {one["course"] for one in some} == set(COURSES):
            rows.append(["**all**", name, *_row(some)])
    head = ["course", "what sees", "runs", "goals reached", "way", "seconds", "collisions", "interventions"]
    return table(head, rows)


def _row(runs: list[dict[str, Any]]) -> list[str]:
    reached = sum(one["reached"] for one in runs)
    low, high = share_interval(reached, len(runs))
    ways = np.array([one["distance_m"] / one["shortest_m"] for one in runs])
    a, b = mean_interval(ways)
    return [
        str(len(runs)),
        f"{percent(reached / len(runs), 0)} [{percent(low, 0)}, {percent(high, 0)}]",
        f"{ways.mean():.2f} [{a:.2f}, {b:.2f}]",
        f"{np.mean([one['time_s'] for one in runs]):.0f}",
        str(sum(one["collisions"] for one in runs)),
        str(sum(one["interventions"] for one in runs)),
    ]


def compared(runs: list[dict[str, Any]]) -> str:
    """Return how much longer the ways are without each step, seed by seed."""
    rows = []
    for course in COURSES:
        ways = {
            variant: {
                one["seed"]: one for one in runs if (one["course"], one["variant"]) == (course, variant)
            }
            for variant in VARIANTS
        }
        for variant, name in list(VARIANTS.items())[1:]:
            both = sorted(ways["full"].keys() & ways[variant].keys())
            if both:
                full, other = ([ways[one][seed] for seed in both] for one in ("full", variant))
                rows.append([course, name, len(both), *_compared(full, other)])
    return table(["course", "what sees", "seeds", "full system", "this one", "ratio of ways"], rows)


def _compared(full: list[dict[str, Any]], other: list[dict[str, Any]]) -> list[str]:
    said, metres = [], []
    for some in (full, other):
        metres.append(np.array([one["distance_m"] for one in some]))
        said.append(f"{metres[-1].mean():.0f} m, {np.mean([one['time_s'] for one in some]):.0f} s")
    ratios = metres[1] / metres[0]
    a, b = mean_interval(ratios)
    return [*said, f"{ratios.mean():.2f} [{a:.2f}, {b:.2f}]"]


def person(runs: list[dict[str, Any]]) -> str:
    """Return how the full system reacts to a person."""
    some = [one for one in runs if one["course"] == "person" and one["variant"] == "full"]
    times = [one["reaction_s"] for one in some if one["reaction_s"] is not None]
    if not times:
        return "Nobody was in the way."
    return table(
        ["runs", "in the way", "slower before", "touched", "reaction, mean", "reaction, longest"],
        [
            [
                len(some),
                len(times),
                times.count(0.0),
                sum(one["collisions"] for one in some),
                f"{np.mean(times):.2f} s",
                f"{max(times):.2f} s",
            ]
        ],
    )


def faults(runs: list[dict[str, Any]]) -> str:
    """Return the table of what goes wrong."""
    rows = []
    for fault in Fault:
        some = [one for one in runs if one["fault"] == fault.value]
        if some:
            stopped = sum(
                not one["reached"] and bool(one["reason"]) and not one["collisions"] for one in some
            )
            rows.append(
                [fault.value, len(some), sum(one["reached"] for one in some), stopped]
                + [sum(one[key] for one in some) for key in ("collisions", "interventions")]
            )
    return table(["fault", "runs", "goals reached", "stopped", "collisions", "interventions"], rows)


# -- The speed ---------------------------------------------------------------------------------------------

SPEED = f"""\
Both loops at once on recorded pictures, as fast as they can: the fast loop in one thread, with two pairs of
{RIGS.near[0].left.width}x{RIGS.near[0].left.height}, far vision in another, with two pairs of
{RIGS.far[0].left.width}x{RIGS.far[0].left.height}. Map: 200 m around the robot. Medians of three rounds."""
ROUNDS, SECONDS = 3, 15.0


def speed() -> str:
    """Return how often both loops run at the same time, what the parts take, and the map's memory."""
    course = make("hillside", 0)
    simulator, frames = Simulator(course), []
    for _ in range(30):
        frames.append(simulator.look(far=True))
        simulator.act(0.8, 0.0, 0.1)
    rounds = [_round(course, frames) for _ in range(ROUNDS)]
    middle = {name: float(np.median([one[name] for one in rounds])) for name in rounds[0]}
    rows = [
        ["fast loop", f"{middle['fast']:.1f} a second"],
        ["far loop, at the same time", f"{middle['far']:.1f} a second"],
        ["where it is", f"{middle['where']:.1f} ms"],
        ["what is near, onto the map", f"{middle['near']:.1f} ms"],
        ["costs and route", f"{middle['route']:.1f} ms"],
        ["the same while far vision stands still", f"{middle['alone']:.1f} ms"],
        ["arcs", f"{middle['arcs']:.1f} ms"],
        ["far vision, each pair", f"{middle['pair']:.0f} ms"],
        ["the map's memory", f"{middle['bytes'] / 2**20:.1f} MB"],
    ]
    return table(["", ""], rows)


def _round(course: Course, frames: Sequence[Images]) -> dict[str, float]:
    """Return what is measured of both loops, on the same pictures again and again: rates and milliseconds."""
    navigator = Navigator(course.goal, RIGS.near, RIGS.far)
    parts: dict[str, list[float]] = {}
    began, answers, last = time.monotonic(), 0, None
    count = 0
    while (now := time.monotonic() - began) < SECONDS:
        step = navigator.step(frames[count % len(frames)], now, imu=Imu(0, 0, 0, 0))
        count, answers, last = count + 1, answers + (step.far_time != last), step.far_time
        for name, value in step.ms.items():
            parts.setdefault(name, []).append(value)
    navigator.close()
    alone = []
    for number in range(20):
        began = time.perf_counter()
        plan(navigator.map, step.goal_odom, SECONDS + number, navigator.route)
        alone.append(1000 * (time.perf_counter() - began))
    pairs = [np.median([v for name, v in sight.ms.items() if name == "all"]) for sight in step.sights]
    return {
        **{name: float(np.median(values)) for name, values in parts.items()},
        "fast": count / SECONDS,
        "far": answers / SECONDS,
        "route": float(np.median([value for value in parts["plan"] if value > 0])),
        "alone": float(np.median(alone)),
        "pair": float(np.mean(pairs)),
        "bytes": float(navigator.map.nbytes),
    }


# -- The pictures ------------------------------------------------------------------------------------------

SEEN = """\
The ways of seed {seed}:"""


def shown(runs: Iterable[dict[str, Any]], seed: int) -> list[str]:
    """Return where the report shows the picture of each course that was driven."""
    driven = {one["course"] for one in runs if one["seed"] == seed}
    return [f"![{name}](../docs/pictures/course-{name}.png)" for name in COURSES if name in driven]


def pictures(courses: Iterable[str], seed: int) -> None:
    """Draw the ways of one seed of each course, with far vision and without."""
    runs = {
        (one["course"], one["variant"]): one
        for one in read(RUNS / "runs.jsonl")
        if one["seed"] == seed and not one["fault"]
    }
    for name in courses:
        course, ways = make(name, seed), {}
        for variant, said in (("full", "far vision"), ("near", "near vision only")):
            if (name, variant) in runs:
                ways[said] = runs[name, variant]["track"]
        if ways:
            view = overview(course.scene, {**ways, "shortest": course.line}, course.goal)
            write_picture(PICTURES / f"course-{name}.png", view)


if __name__ == "__main__":
    main()

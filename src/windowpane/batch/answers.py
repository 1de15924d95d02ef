"""The folder of a batch (checkpoint): what was asked, which pictures, and the answers in Parquet parts.

    answers/
      part-00000-00000.parquet     the answers to the first pictures; one row each
      _batch/settings.json         system, net and options
      _batch/0f3c....onnx          the net that answers
      _batch/inputs-00000          the pictures, as Parquet; a row group is what one part answers

Exactly one answer for each picture, whatever is killed whenever, follows from three things:

* the list of pictures is written once, whole, before any answer, and never changes; later pictures make a
  list of their own (``inputs-00001``);
* a part has the name of its row group, so whoever writes it writes the same answers under the same name;
* a part appears whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from io import BytesIO
from typing import Any
from uuid import uuid4

from windowpane.batch.inputs import READERS, Row
from windowpane.batch.places import absolute, explained, is_disk, place
from windowpane.errors import DataError
from windowpane.images import MAX_PIXELS
from windowpane.systems import TASKS

LARGEST = 256
"""Pictures in a part: what is lost at most when a worker is killed."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """What was asked: all that an answer depends on besides its picture.

    Attributes
    ----------
    system
        read, detect or parse; or the name of a system that was given as an object.
    net
        Its name or file, as given.
    digest
        Of the net's bytes; empty where the system was given as an object, which is not in the folder.
    options
        Of the system, all of them.
    column
        Of Parquet files, the one with the pictures.
    max_pixels
        A picture of more is refused.
    """

    system: str
    net: str = ""
    digest: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    max_pixels: int = MAX_PIXELS

    @classmethod
    def from_json(cls, text: bytes) -> BatchSettings:
        """Return settings that were kept; what was no option then, or had another name, is as it was."""
        kept = cls(**json.loads(text))
        if kept.system not in TASKS or kept.is_given:
            return kept
        task = TASKS[kept.system]
        options = {task.old.get(name, name): value for name, value in kept.options.items()}
        return replace(kept, options=task.checked(options))

    @property
    def is_given(self) -> bool:
        """Whether the system was given as an object."""
        return not self.digest


@dataclass(frozen=True, slots=True)
class Part:
    """Some pictures that are answered together: a row group of a list."""

    plan: int
    group: int
    pictures: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"part-{self.plan:05d}-{self.group:05d}.parquet"


class AnswerFolder:
    """The folder of a batch, on a disk or in an object store."""

    def __init__(self, name: str) -> None:
        self.name = name
        with explained(name):
            self.system, self.path = place(name)

    # -- What was asked ------------------------------------------------------------------------------------

    def begin(self, settings: BatchSettings, net: bytes | None = None) -> None:
        """Take down what is asked; raises DataError if this folder has the answers to something else."""
        with explained(self.name):
            if self.system.isfile(self.path):
                raise DataError(f"{self.name} is a file: give a folder for the answers")
            if is_disk(self.system):
                os.makedirs(f"{self.path}/_batch", exist_ok=True)
            files = {} if net is None else {f"{settings.digest}.onnx": net}
            files["settings.json"] = json.dumps(asdict(settings), indent=1).encode()
            for file, data in files.items():
                with suppress(FileExistsError):
                    self._create(file, data)
        there = self.settings()
        pairs = {
            "system": (there.system, settings.system),
            "net": (there.digest, settings.digest),
            "column": (there.column, settings.column),
            "max_pixels": (there.max_pixels, settings.max_pixels),
            **{key: (there.options.get(key), value) for key, value in settings.options.items()},
        }
        for what, (old, new) in pairs.items():
            if old != new:
                raise DataError(
                    f"{self.name} has answers with {what} {old!r}, and {new!r} was asked for: give another"
                    " folder, or ask for the same to go on"
                )

    @property
    def is_begun(self) -> bool:
        """Whether it was taken down here what is asked."""
        with explained(self.name):
            return bool(self.system.exists(f"{self.path}/_batch/settings.json"))

    def settings(self) -> BatchSettings:
        """Return what was asked."""
        with explained(self.name):
            return BatchSettings.from_json(self.system.cat_file(f"{self.path}/_batch/settings.json"))

    def net(self) -> bytes:
        """Return the net that answers."""
        with explained(self.name):
            return bytes(self.system.cat_file(f"{self.path}/_batch/{self.settings().digest}.onnx"))

    # -- Which pictures ------------------------------------------------------------------------------------

    def lists(self) -> int:
        """Return how many lists there are so far."""
        with explained(self.name):
            return sum(name.startswith("inputs-") for name in self._names(f"{self.path}/_batch"))

    def pictures(self) -> set[str]:
        """Return the files of all pictures in the lists so far, and the parts here, which are no pictures."""
        names = {absolute(self.system, f"{self.path}/{name}") for name in self.done()}
        with explained(self.name):
            for plan in range(self.lists()):
                with self._plan(plan) as table:
                    for group in range(table.num_row_groups):
                        names.update(table.read_row_group(group, ["image"])["image"].to_pylist())
        return names

    def add(self, rows: Sequence[Row], lists: int) -> None:
        """Write a list of further pictures, after so many lists; raises FileExistsError if there are more."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([("image", pa.string()), ("row", pa.int64())])
        size = min(LARGEST, -(-len(rows) // 16))
        file = BytesIO()
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            for first in range(0, len(rows), size):
                images, numbers = zip(*rows[first : first + size], strict=True)
                writer.write_table(pa.table([images, pa.array(numbers, pa.int64())], schema=schema))
        self._create(f"inputs-{lists:05d}", file.getvalue())

    def parts(self) -> list[Part]:
        """Return all parts that the lists make."""
        found = []
        with explained(self.name):
            for plan in range(self.lists()):
                with self._plan(plan) as table:
                    sizes = (
                        table.metadata.row_group(group).num_rows for group in range(table.num_row_groups)
                    )
                    found += [Part(plan, group, size) for group, size in enumerate(sizes)]
        return found

    def rows(self, part: Part) -> list[Row]:
        """Return the pictures of a part."""
        with explained(self.name), self._plan(part.plan) as table:
            columns = table.read_row_group(part.group).to_pydict()
        return [Row(*row) for row in zip(columns["image"], columns["row"], strict=True)]

    # -- Their answers -------------------------------------------------------------------------------------

    def done(self) -> set[str]:
        """Return the names of the parts that are there."""
        with explained(self.name):
            return {name for name in self._names(self.path) if name.startswith("part-")}

    def has(self, part: Part) -> bool:
        """Say whether a part is there."""
        with explained(self.name):
            return bool(self.system.exists(f"{self.path}/{part.name}"))

    def write(self, part: Part, table: Any) -> None:
        """Write the answers of a part: whole, or not at all; raises DataError where that fails."""
        import pyarrow.parquet as pq

        file = BytesIO()
        pq.write_table(table, file, compression="zstd")
        with explained(self.name):
            self._put(f"{self.path}/{part.name}", file.getvalue())
            for mark in self._marks(part):
                with suppress(FileNotFoundError):
                    self.system.rm_file(mark)

    def mark(self, part: Part) -> int:
        """Leave a mark that a part is begun; return how many there are of those who never ended it."""
        with explained(self.name):
            before = len(self._marks(part))
            self.system.pipe_file(f"{self.path}/_batch/.{part.name}-{uuid4().hex}", b"")
            return before

    def _marks(self, part: Part) -> list[str]:
        names = self._names(f"{self.path}/_batch")
        return [f"{self.path}/_batch/{name}" for name in names if name.startswith(f".{part.name}-")]

    def failed(self, parts: Iterable[Part]) -> int:
        """Return how many pictures of parts that are there have an error for an answer."""
        with explained(self.name), ThreadPoolExecutor(READERS) as readers:
            return sum(readers.map(self._failed, parts))

    def _failed(self, part: Part) -> int:
        import pyarrow.parquet as pq

        with self.system.open(f"{self.path}/{part.name}", "rb") as file:
            errors = pq.read_table(file, columns=["error"])["error"]
        return len(errors) - int(errors.null_count)

    def finish(self) -> None:
        """Remove what killed workers left behind."""
        if is_disk(self.system):
            for name in os.listdir(f"{self.path}/_batch"):
                if name.startswith("."):
                    os.unlink(f"{self.path}/_batch/{name}")

    # -- Files ---------------------------------------------------------------------------------------------

    def _names(self, path: str) -> list[str]:
        self.system.invalidate_cache()
        return [str(name).rsplit("/", 1)[-1] for name in self.system.ls(path, detail=False)]

    @contextmanager
    def _plan(self, plan: int) -> Iterator[Any]:
        import pyarrow.parquet as pq

        with self.system.open(f"{self.path}/_batch/inputs-{plan:05d}", "rb") as file:
            yield pq.ParquetFile(file)

    def _put(self, path: str, data: bytes) -> None:
        """Write a file that others see whole or not at all; object stores do that by themselves."""
        if not is_disk(self.system):
            self.system.pipe_file(path, data)
            return
        try:
            os.replace(self._beside(data), path)
        except FileNotFoundError:  # swept away by one who has finished the batch meanwhile
            if not os.path.exists(path):
                raise

    def _create(self, name: str, data: bytes) -> None:
        """Write a new file below ``_batch``; raises FileExistsError if there is one."""
        path = f"{self.path}/_batch/{name}"
        if not is_disk(self.system):
            self.system.pipe_file(path, data, mode="create")
            return
        beside = self._beside(data)
        try:
            os.link(beside, path)
        finally:
            os.unlink(beside)

    def _beside(self, data: bytes) -> str:
        """Write a file that no one looks at yet, and return its path."""
        path = f"{self.path}/_batch/.{uuid4().hex}"
        try:
            with open(path, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            raise
        return path

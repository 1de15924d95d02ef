"""One worker of a batch: it answers part after part."""

from __future__ import annotations

from windowpane.batch.answering import records, records_carefully, system_in
from windowpane.batch.answers import AnswerFolder, Part
from windowpane.batch.columns import schema_of
from windowpane.batch.inputs import opened
from windowpane.core.system import System

TRIES = 2
"""Workers that may die of a part before its pictures are answered carefully."""


class Worker:
    """Answers the parts of the batch in a folder.

    All that it needs to know is there; in the process of the command the system is made already.
    """

    def __init__(self, folder: str, system: System | None = None) -> None:
        self.folder = AnswerFolder(folder)
        self.settings = self.folder.settings()
        self.system = system_in(self.folder) if system is None else system
        self.schema = schema_of(self.system)

    def answer(self, part: Part) -> tuple[int, int]:
        """Write the answers of a part, unless they are there; return its numbers of pictures and failures."""
        import pyarrow as pa

        if self.folder.has(part):
            return part.pictures, self.folder.failed([part])
        rows = self.folder.rows(part)
        files = opened(rows, self.settings.column)
        if self.folder.mark(part) < TRIES or self.settings.is_given:
            answers = records(self.system, files, self.settings.max_pixels)
        else:
            answers = records_carefully(self.folder.name, files)
        places = ({"image": row.image, "row": row.row} for row in rows)
        table = [{**place, **answer} for place, answer in zip(places, answers, strict=True)]
        self.folder.write(part, pa.Table.from_pylist(table, schema=self.schema))
        return len(table), sum("error" in record for record in table)

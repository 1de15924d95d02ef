"""One worker of a batch: it answers part after part."""

from __future__ import annotations

from windowpane.batch.answering import Answerer, answers_carefully
from windowpane.batch.answers import Folder, Part
from windowpane.batch.inputs import opened

TRIES = 2
"""Workers that may die of a part before its pictures are answered carefully."""


class Worker:
    """Answers the parts of the batch in a folder; all that it needs to know is there."""

    def __init__(self, folder: str) -> None:
        import pyarrow as pa

        self.folder = Folder(folder)
        self.column = self.folder.settings().column
        self.answerer = Answerer(self.folder)
        columns = self.answerer.system.columns
        self.schema = pa.schema({"image": pa.string(), "row": pa.int64(), **columns, "error": pa.string()})

    def answer(self, part: Part) -> tuple[int, int]:
        """Write the answers of a part, unless they are there; return its numbers of pictures and failures."""
        import pyarrow as pa

        if self.folder.has(part):
            return part.pictures, self.folder.failed([part])
        rows = self.folder.rows(part)
        files = opened(rows, self.column)
        if self.folder.mark(part) < TRIES:
            answers = self.answerer.answers(files)
        else:
            answers = answers_carefully(self.folder.name, files)
        places = ({"image": row.image, "row": row.row} for row in rows)
        records = [{**place, **answer} for place, answer in zip(places, answers, strict=True)]
        self.folder.write(part, pa.Table.from_pylist(records, schema=self.schema))
        return len(records), sum("error" in record for record in records)

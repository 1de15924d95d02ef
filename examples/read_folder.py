"""Read every picture of a folder; list what a person should look at.

python examples/read_folder.py [FOLDER]         (default: the built-in lines)
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from windowpane import ImageError, Reader
from windowpane.images import expand


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else str(resources.files("windowpane") / "demo")
    reader = Reader()
    doubtful = []
    for name in expand([Path(folder)]):
        try:
            reading = reader.read(name)
        except ImageError as error:
            print(error, file=sys.stderr)
            continue
        print(f"{Path(name).name:20} {reading.text:12} {reading.confidence:6.1%}")
        if reading.rejected:
            doubtful.append((name, reading))
    for name, reading in doubtful:
        others = ", ".join(other.text for other in reading.alternatives)
        print(f"please look at {name}: {reading.text or 'nothing'}{', or ' if others else ''}{others}")


if __name__ == "__main__":
    main()

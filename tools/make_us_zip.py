"""Make src/windowpane/read/us_zip.bin, the US ZIP codes that ship, from a GeoNames table.

    python tools/make_us_zip.py

reads digits/us-zip/us_zip_geonames_2026-03-30.csv (a column ``zip``) below the folder that WINDOWPANE_DATA
names (else ../shared/data). The file is a zlib-compressed map of 100,000 bits, first bit first: bit n is
set if n, written with five digits, is a ZIP code.
"""

import csv
import os
import zlib
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("WINDOWPANE_DATA", "../shared/data"))
TABLE = DATA / "digits/us-zip/us_zip_geonames_2026-03-30.csv"
TARGET = Path(__file__).parents[1] / "src/windowpane/read/us_zip.bin"


def main() -> None:
    """Write the bit map and say how large it is."""
    valid = np.zeros(100_000, bool)
    with TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            valid[int(row["zip"])] = True
    packed = zlib.compress(np.packbits(valid).tobytes(), level=9)
    TARGET.write_bytes(packed)
    print(f"{TARGET}: {valid.sum()} codes in {len(packed)} bytes")


if __name__ == "__main__":
    main()

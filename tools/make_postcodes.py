"""Make src/windowpane/read/postcodes.zip, the postcodes that ship, from tables of GeoNames.

    python tools/make_postcodes.py

reads digits/us-zip/us_zip_geonames_2026-03-30.csv (a column ``zip``) and digits/postcodes-other/*.csv.gz (a
column ``code``) below the folder that WINDOWPANE_DATA names (else ../shared/data). The archive has a member
for every country, named by its two letters: a map of 10**n bits, first bit first, in which bit number m is
set if m, written with n digits, is a postcode there.
"""

import csv
import gzip
import os
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("WINDOWPANE_DATA", "../shared/data"))
US = DATA / "digits/us-zip/us_zip_geonames_2026-03-30.csv"
OTHERS = DATA / "digits/postcodes-other"
TARGET = Path(__file__).parents[1] / "src/windowpane/read/postcodes.zip"
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the same tables give the same archive


def main() -> None:
    """Write the archive and say how large it is."""
    countries = {"US": column(US.read_text(encoding="utf-8").splitlines(), "zip")}
    for path in sorted(OTHERS.glob("??.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            countries[path.name[:2]] = column(lines, "code")
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, codes in sorted(countries.items()):
            archive.writestr(zipfile.ZipInfo(name, NO_TIME), bit_map(codes), zipfile.ZIP_DEFLATED, 9)
    total = sum(map(len, countries.values()))
    print(f"{TARGET}: {total} codes of {len(countries)} countries in {TARGET.stat().st_size} bytes")


def column(lines: Iterable[str], name: str) -> set[str]:
    """Return the different values of a column of a table."""
    return {row[name] for row in csv.DictReader(lines)}


def bit_map(codes: set[str]) -> bytes:
    """Return the map of codes, all of the same number of digits."""
    (digits,) = {len(code) for code in codes}
    valid = np.zeros(10**digits, bool)
    valid[[int(code) for code in codes]] = True
    return np.packbits(valid).tobytes()


if __name__ == "__main__":
    main()

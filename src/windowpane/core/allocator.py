"""Memory that is freed is kept for the next picture.

The C library of most Linux systems, glibc, gives what is freed back to the system. The next picture's arrays
then come page by page anew, each cleared by the kernel: a quarter of the time that a small picture takes.

Source: the manual page mallopt(3).
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

KEPT = 64 << 20
TRIM_THRESHOLD, MMAP_THRESHOLD, MMAP_MAX = -1, -3, -4


def keep_freed_memory(most: int | None = KEPT) -> None:
    """Let this process keep up to so many bytes of what it frees, for each arena of threads; None = all.

    Arrays larger than half of it still go back to the system. Where the C library is not glibc, nothing
    happens.
    """
    with suppress(AttributeError, OSError, TypeError):
        allocator = ctypes.CDLL(None).mallopt
        if most is None:
            allocator(TRIM_THRESHOLD, -1)
            allocator(MMAP_MAX, 0)
        elif allocator(MMAP_THRESHOLD, most // 2):  # refused on 32 bits, and the other alone does harm
            allocator(TRIM_THRESHOLD, most)

"""What the C library is told about memory."""

from __future__ import annotations

import ctypes
from contextlib import suppress

LARGE_BYTES = 128 * 1024
"""From here on a block has a mapping of its own: glibc's default, which it raises as soon as such a block is freed."""

_M_MMAP_THRESHOLD = -3
"""As in glibc's malloc.h."""


def keep_large_blocks_apart() -> bool:
    """Have glibc keep its threshold for large blocks where it is; tell whether it did. Nothing happens elsewhere.

    asyncio receives into blocks of 256 KiB, which are then cut down to what came. Once these come from the heap, whatever is
    allocated meanwhile and stays (a recorded reply) splits the hole they leave, and the heap grows by a new one: by some
    40 MiB an hour at 50 messages a second, all of it free and none of it large enough.
    """
    with suppress(OSError, AttributeError):
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))
    return False

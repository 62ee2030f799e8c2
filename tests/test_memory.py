"""Large blocks stay out of the heap, however often one is freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes
from bot.memory import LARGE_BYTES, keep_large_blocks_apart

class Counts(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()]

count = ctypes.CDLL(None).mallinfo2
count.restype = Counts
if {called}:
    assert keep_large_blocks_apart()
for _ in range(5):
    bytes(2 * LARGE_BYTES)
before = count().hblks
held = bytes(2 * LARGE_BYTES)
print(count().hblks - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="glibc alone raises its threshold")
@pytest.mark.parametrize(("called", "mapped"), [(True, 1), (False, 0)])
def test_block_like_those_freed_before_has_a_mapping_of_its_own(called: bool, mapped: int) -> None:
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(called=called)], capture_output=True, text=True, check=False
    )
    if "mallinfo2" in told.stderr:
        pytest.skip("glibc is too old to count")
    assert told.stdout.strip() == str(mapped), told.stderr

"""Memory that goes back to the machine."""

import ctypes
import os
import subprocess
import sys

import pytest

from colornet.system import memory

# Blocks as large as Pillow's, with something small that stays behind each
SCRIPT = """
import sys
import psutil
from colornet.system import memory
if sys.argv[1] == "give back":
    memory.give_back()
bytearray(16 * 2**20)
blocks, small = [], []
for _ in range(20):
    blocks.append(bytearray(16 * 2**20))
    small.append(bytearray(100_000))
del blocks
if sys.argv[1] == "trim":
    memory.trim()
print(psutil.Process().memory_info().rss)
"""


def is_glibc() -> bool:
    try:
        return "glibc" in (os.confstr("CS_GNU_LIBC_VERSION") or "")
    except (AttributeError, ValueError, OSError):
        return False


@pytest.mark.skipif(not is_glibc(), reason="another C library")
def test_freed_blocks_are_given_back():
    held = []
    for how in ("leave", "give back", "trim"):
        command = [sys.executable, "-c", SCRIPT, how]
        held.append(int(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    assert max(held[1:]) < held[0] - 200 * 2**20


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_other_c_libraries_are_left_as_they_are(monkeypatch, error):
    def no_library(name):
        raise error

    monkeypatch.setattr(ctypes, "CDLL", no_library)
    assert memory.give_back.__wrapped__() is False
    memory.trim()

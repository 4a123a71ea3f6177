"""Downloads by processes that run at the same time, are killed, or fill the disk."""

import os
import subprocess
import sys
import time

import pytest

from colornet.system import disk, download
from support.downloads import CONTENT, NAME, SHA256, get, left, ranges
from support.server import Fault

COMMAND = """
import sys
from colornet.system import download, retry
retry.FIRST_PAUSE = 0.01
try:
    print(download.get(sys.argv[1], checksum=sys.argv[2], name=sys.argv[3]))
except (ValueError, OSError) as error:
    sys.exit(f"{type(error).__name__} {error}")
"""


def process(address, **options) -> subprocess.Popen:
    arguments = [address, f"sha256:{SHA256}", NAME]
    command = [sys.executable, "-c", COMMAND, *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, **options)


@pytest.mark.slow
def test_two_processes_download_a_file_once(server, downloads):
    server.pace = 0.03
    address = server.add("/a", CONTENT)
    both = [process(address), process(address)]
    output = [one.communicate(timeout=600) for one in both]
    assert [one.returncode for one in both] == [0, 0], output
    assert server.sent == len(CONTENT)
    assert sum("another process downloads" in errors for _, errors in output) == 1


@pytest.mark.slow
def test_a_killed_process_blocks_no_other_and_its_part_is_continued(server, downloads):
    server.pace = 0.05
    address = server.add("/a", CONTENT)
    first = process(address)
    deadline = time.monotonic() + 600
    while server.sent < 20_000:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    first.kill()
    first.communicate()
    kept = disk.size(downloads / SHA256[:12] / f"{NAME}.part")
    server.pace = 0
    assert get(address) == CONTENT
    assert ranges(server)[-1] == (f"bytes={kept}-" if kept else None)


@pytest.mark.slow
def test_a_full_disk_leaves_a_part_that_is_continued(server, downloads, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small file system needs more rights")
    try:
        # Chunked: without a length the check of the free space cannot see that it is too little
        address = server.add("/a", CONTENT, *[Fault(no_length=True)] * 2)
        running = process(address, env=os.environ | {download.CACHE: str(small)})
        _, errors = running.communicate(timeout=600)
        assert running.returncode == 1 and "No space left on device" in errors
        assert left(small) == {f"{NAME}.part"}
        subprocess.run(["mount", "-o", "remount,size=1m", str(small)], check=True)
        running = process(address, env=os.environ | {download.CACHE: str(small)})
        path, _ = running.communicate(timeout=600)
        assert path.strip() == str(small / SHA256[:12] / NAME)
        assert ranges(server)[-1].startswith("bytes=")
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)

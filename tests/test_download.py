"""An address and a checksum -> a file, whatever the network does meanwhile."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from colornet.system import disk, download, trouble
from support.server import Fault

CONTENT = bytes(range(256)) * 400  # 102,400 bytes
SHA256 = hashlib.sha256(CONTENT).hexdigest()
NAME = "some.zip"


def get(*addresses, **options) -> bytes:
    options = {"checksum": f"sha256:{SHA256}", "name": NAME} | options
    return download.get(list(addresses), **options).read_bytes()


def ranges(server, path="/a"):
    return [asked for where, asked in server.asked if where == path]


def left(cache: Path) -> set[str]:
    files = {file for file in cache.rglob("*") if file.is_file() and file.suffix != ".lock"}
    assert all(file.parent == cache / SHA256[:12] for file in files)
    return {file.name for file in files}


def leave(cache: Path, content: bytes, name: str) -> None:
    (cache / SHA256[:12]).mkdir(parents=True, exist_ok=True)
    (cache / SHA256[:12] / name).write_bytes(content)


def test_a_file_is_downloaded_once_for_all(server):
    address = server.add("/a", CONTENT)
    assert get(address) == CONTENT
    assert get(address) == CONTENT and get(server.url("/elsewhere")) == CONTENT
    assert ranges(server) == [None] and len(server.asked) == 1


def test_it_lies_in_the_cache_under_its_checksum_and_nothing_beside_it(server, downloads):
    get(server.add("/a", CONTENT))
    assert left(downloads) == {NAME}


def test_without_the_variable_the_cache_is_the_users(monkeypatch):
    monkeypatch.delenv(download.CACHE, raising=False)
    assert download.cache().name == "colornet" and download.cache().is_relative_to(Path.home())


def test_the_bar_shows_size_speed_and_time_left(server, capsys):
    get(server.add("/a", CONTENT))
    shown = capsys.readouterr().err
    assert NAME in shown and "102k/102k" in shown and "B/s" in shown and "<00:00" in shown


# What passes: the faults of the answers one after another, and the ranges that are asked for.
PASSING = {
    "cut": ([Fault(cut=30_000)], [None, "bytes=30000-"]),
    "cut three times": (
        [Fault(cut=30_000), Fault(cut=10), Fault(cut=40_000)],
        [None, "bytes=30000-", "bytes=30010-", "bytes=70010-"],
    ),
    "cut more often than it is tried without success": (
        [Fault(cut=9_000)] * (trouble.TRIES + 3),
        [None, *(f"bytes={9_000 * n}-" for n in range(1, trouble.TRIES + 4))],
    ),
    "cut by a server that ignores ranges": (
        [Fault(cut=30_000), Fault(ranges=False)],
        [None, "bytes=30000-"],
    ),
    "cut by a server that says nothing of lengths": (
        [Fault(cut=30_000, no_length=True)],
        [None, "bytes=30000-"],
    ),
    "stalled": ([Fault(stall=1)], [None, "bytes=49152-"]),
    "hung up on": ([Fault(hang_up=True)], [None, None]),
    "500 twice": ([Fault(500), Fault(500)], [None] * 3),
    "503": ([Fault(503)], [None] * 2),
    "408": ([Fault(408)], [None] * 2),
    "429 with a wait": ([Fault(429, {"Retry-After": "0"})], [None] * 2),
    "429 without": ([Fault(429)], [None] * 2),
    "429 with nonsense": ([Fault(429, {"Retry-After": "soon"})], [None] * 2),
    "answered with another range": (
        [Fault(cut=30_000), Fault(shift=5)],
        [None, "bytes=30000-", None],
    ),
    "called gzip-encoded": ([Fault(headers={"Content-Encoding": "x-gzip"})], [None]),
    "redirected": ([Fault(302, {"Location": "/b"})], [None]),
}


@pytest.mark.parametrize("case", PASSING)
def test_what_passes_ends_well(server, downloads, case):
    faults, expected = PASSING[case]
    server.add("/b", CONTENT)
    assert get(server.add("/a", CONTENT, *faults), length=len(CONTENT)) == CONTENT
    assert ranges(server) == expected
    assert left(downloads) == {NAME}


def test_going_on_asks_only_for_what_is_missing(server):
    get(server.add("/a", CONTENT, *[Fault(cut=20_000)] * 4))
    assert server.sent == len(CONTENT)


def pauses(monkeypatch) -> list[float]:
    """The pauses that this thread would take; those of others, left by other tests, are theirs."""
    taken, sleep, own = [], time.sleep, threading.get_ident()
    monkeypatch.setattr(
        time, "sleep", lambda s: taken.append(s) if threading.get_ident() == own else sleep(s)
    )
    return taken


def test_pauses_grow(server, monkeypatch):
    address = server.add("/a", CONTENT, *[Fault(500)] * 5)
    monkeypatch.setattr(trouble, "FIRST_PAUSE", 1.0)
    taken = pauses(monkeypatch)
    get(address)
    assert taken == [1, 2, 4, 8, 16]


@pytest.mark.parametrize("form", ["7", "date"])
def test_a_server_s_own_wait_is_kept(server, monkeypatch, capsys, form):
    from email.utils import formatdate

    said = form if form == "7" else formatdate(time.time() + 7, usegmt=True)
    address = server.add("/a", CONTENT, Fault(429, {"Retry-After": said}))
    taken = pauses(monkeypatch)
    get(address)
    assert taken == [pytest.approx(7, abs=1.5)]
    assert "429 Too Many Requests; trying again in" in capsys.readouterr().err


# What does not pass: the faults of all answers, what the sentence says, what is left to go on from.
FINAL = {
    "404": ([Fault(404)], "it answers 404 Not Found", None),
    "403": ([Fault(403)], "it answers 403 Forbidden", None),
    "a wrong byte": (
        [Fault(wrong=True)],
        f"has the sha256 [0-9a-f]{{64}}, expected is {SHA256}",
        0,
    ),
    "a login page": (
        [Fault(body=b"<html>log in</html>", headers={"Content-Type": "text/html"})],
        r"it sends 19 bytes \(text/html\) where 102,400 are expected",
        None,
    ),
    "more than there should be": (
        [Fault(body=CONTENT * 2, no_length=True)],
        "it sends more than the 102,400 bytes",
        102_400,
    ),
    "silence": ([Fault(silence=0.7)] * 6, "nothing came from it for 0.4 seconds", None),
    "500 for ever": ([Fault(500)] * 6, "it answers 500 Internal Server Error", None),
    "hanging up for ever": ([Fault(hang_up=True)] * 6, "the connection broke off", None),
    "a wait of an hour": (
        [Fault(429, {"Retry-After": "3600"})],
        "it answers 429 Too Many Requests and asks for a pause of 60 minutes",
        None,
    ),
    "redirects without end": (
        [Fault(302, {"Location": "/a"})] * 40,
        "it leads from one address to the next without end",
        None,
    ),
}


@pytest.mark.parametrize("case", FINAL)
def test_what_does_not_pass_is_a_sentence_and_no_file(server, downloads, case):
    faults, sentence, kept = FINAL[case]
    address = server.add("/a", CONTENT, *faults)
    with pytest.raises(ValueError, match=sentence) as caught:
        get(address, length=len(CONTENT))
    assert str(caught.value).startswith(f"{NAME} could not be downloaded. {server.url('/a')}: ")
    assert "\n" not in str(caught.value)
    parts = {f"{NAME}.part"} if kept else set()
    assert left(downloads) == parts
    server.faults["/a"] = []
    assert get(address, length=len(CONTENT)) == CONTENT


def test_both_checksums_stand_in_the_sentence(server):
    wrong = hashlib.sha256(b"wrong").hexdigest()
    with pytest.raises(ValueError, match=f"has the sha256 {wrong}, expected is {SHA256}"):
        get(server.add("/a", b"wrong"))


# What a call that was killed, or lost its power, may have left: it, and the ranges asked for.
LEFT = {
    "a beginning": (CONTENT[:70_000], "part", ["bytes=70000-"]),
    "all of it, not yet checked": (CONTENT, "part", ["bytes=102400-"]),
    "a damaged beginning": (bytes(70_000), "part", ["bytes=70000-", None]),
    "too much": (CONTENT * 2, "part", ["bytes=204800-", None]),
    "nothing": (b"", "part", [None]),
    "a damaged file": (CONTENT[:-1] + b"x", "", ["bytes=102400-", None]),
    "a file without its end": (CONTENT[:-1], "", ["bytes=102399-"]),
}


@pytest.mark.parametrize("case", LEFT)
def test_whatever_an_earlier_call_left_the_file_is_right(server, downloads, case):
    content, end, expected = LEFT[case]
    leave(downloads, content, f"{NAME}.{end}".rstrip("."))
    assert get(server.add("/a", CONTENT)) == CONTENT
    assert ranges(server) == expected
    assert left(downloads) == {NAME}


@pytest.mark.parametrize(
    "first", [Fault(404), Fault(403), Fault(wrong=True), Fault(body=b"<html>"), None]
)
def test_a_mirror_is_asked_when_the_first_fails(server, first):
    address = server.add("/a", CONTENT, *([first] if first else []))
    if first is None:
        address = "http://127.0.0.1:9/refused"
    assert get(address, server.add("/b", CONTENT), length=len(CONTENT)) == CONTENT
    assert ranges(server, "/b") == [None]


def test_a_mirror_goes_on_where_the_first_broke_off(server):
    first = server.add("/a", CONTENT, Fault(cut=30_000), Fault(404))
    assert get(first, server.add("/b", CONTENT)) == CONTENT
    assert ranges(server, "/b") == ["bytes=30000-"]


def test_each_address_has_its_reason(server):
    with pytest.raises(ValueError) as caught:
        get(server.add("/a", CONTENT, Fault(403)), server.url("/b"), "ftp://host/c")
    said = str(caught.value)
    assert "/a: it answers 403" in said and "/b: it answers 404" in said
    assert "ftp://host/c: this is no address" in said


def looked_up(number: int):
    def lookup(*_, **__):
        raise socket.gaierror(number, "cannot be resolved")

    return lookup


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (socket.EAI_NONAME, "http://nowhere/a: this host is not known"),
        (socket.EAI_AGAIN, "http://nowhere/a: there is no network: no name can be looked up"),
    ],
)
def test_without_a_network_it_says_so_at_once(downloads, monkeypatch, number, sentence):
    monkeypatch.setattr(socket, "getaddrinfo", looked_up(number))
    taken = pauses(monkeypatch)
    with pytest.raises(ValueError, match=sentence):
        get("http://nowhere/a")
    assert not taken and not left(downloads)


def test_a_network_that_cannot_be_reached_is_named(downloads, monkeypatch):
    def connect(*_, **__):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ValueError, match="there is no network: it cannot be reached"):
        get("http://127.0.0.1:9/a")


def test_a_port_without_a_server_is_named(downloads):
    with pytest.raises(ValueError, match="127.0.0.1:9/a: it refuses the connection"):
        get("http://127.0.0.1:9/a")


def test_a_network_that_goes_away_in_the_middle_is_waited_for(server, monkeypatch):
    address = server.add("/a", CONTENT, Fault(cut=30_000)).replace("127.0.0.1", "localhost")
    real, calls = socket.getaddrinfo, []

    def lookup(*arguments, **options):
        calls.append(arguments)
        if len(calls) in (2, 3):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return real(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    assert get(address) == CONTENT
    assert len(calls) == 4


def test_a_proxy_that_is_not_there_is_named(server, monkeypatch):
    address = server.add("/a", CONTENT).replace("127.0.0.1", "colornet.invalid")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(ValueError, match="the proxy that HTTPS_PROXY or HTTP_PROXY names"):
        get(address)


def test_a_certificate_that_no_one_vouches_for_is_named(server, tmp_path):
    import ssl

    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost".split()
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    try:
        subprocess.run([*command, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = server.add("/a", CONTENT).replace("http://127.0.0.1", "https://localhost")
    with pytest.raises(ValueError, match="its certificate is not trusted.*REQUESTS_CA_BUNDLE"):
        get(address)


def test_names_and_passwords_of_an_address_are_not_shown(server):
    address = server.add("/a", CONTENT, Fault(403)).replace("//", "//me:secret@") + "?token=secret"
    with pytest.raises(ValueError, match="/a: it answers 403") as caught:
        get(address)
    assert "secret" not in str(caught.value)


def test_a_file_of_this_machine_is_taken_where_it_lies(downloads, tmp_path):
    (tmp_path / "my.zip").write_bytes(CONTENT)
    for address in (tmp_path / "my.zip", "my.zip", (tmp_path / "my.zip").as_uri()):
        assert get(str(address)) == CONTENT
    assert not downloads.exists()


def test_a_file_of_this_machine_that_is_not_right_is_named(downloads, tmp_path):
    with pytest.raises(ValueError, match="there is no file nowhere.zip"):
        get("nowhere.zip")
    (tmp_path / "my.zip").write_bytes(b"wrong")
    with pytest.raises(ValueError, match=f"my.zip has the sha256 .*, expected is {SHA256}"):
        get("my.zip")


def test_md5_serves_where_nothing_better_is_stated(server):
    address = server.add("/a", CONTENT)
    assert get(address, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}") == CONTENT


def test_a_checksum_in_capitals_is_the_same(server):
    assert get(server.add("/a", CONTENT), checksum=f"sha256:{SHA256.upper()}") == CONTENT


def test_too_little_room_is_said_before_anything_comes(server, downloads, monkeypatch):
    usage = type("usage", (), {"free": 50_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    address = server.add("/a", CONTENT)
    with pytest.raises(OSError, match=r"0.10 MB in .*cache/.* are needed, 0.05 MB are free"):
        get(address)
    assert not left(downloads)
    leave(downloads, CONTENT[:60_000], f"{NAME}.part")
    assert get(address) == CONTENT  # of which less is missing


def test_room_that_is_needed_afterwards_counts(server, downloads, monkeypatch, tmp_path):
    usage = type("usage", (), {"free": 150_000})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="0.10 MB in .*cache.* and 0.06 MB in .*raw are needed"):
        get(server.add("/a", CONTENT), room={tmp_path / "data/raw": 60_000})


COMMAND = """
import sys
from colornet import download, trouble
trouble.FIRST_PAUSE = 0.01
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
def test_two_processes_download_it_once(server, downloads):
    server.pace = 0.03
    address = server.add("/a", CONTENT)
    both = [process(address), process(address)]
    said = [done.communicate(timeout=60) for done in both]
    assert [done.returncode for done in both] == [0, 0], said
    assert server.sent == len(CONTENT)
    assert sum("another process downloads" in err for _, err in said) == 1


@pytest.mark.slow
def test_a_killed_process_stands_in_nobody_s_way(server, downloads):
    server.pace = 0.05
    address = server.add("/a", CONTENT)
    first = process(address)
    deadline = time.monotonic() + 30
    while server.sent < 20_000 and time.monotonic() < deadline:
        time.sleep(0.02)
    first.kill()
    first.communicate()
    kept = trouble.size(downloads / SHA256[:12] / f"{NAME}.part")
    server.pace = 0
    assert get(address) == CONTENT
    assert ranges(server)[-1] == (f"bytes={kept}-" if kept else None)


@pytest.mark.slow
def test_a_disk_that_becomes_full_leaves_what_can_be_gone_on_from(server, downloads, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system takes the right to mount one")
    try:
        # chunked, so that no length tells beforehand that there is too little room
        address = server.add("/a", CONTENT, *[Fault(no_length=True)] * 2)
        done = process(address, env=os.environ | {download.CACHE: str(small)})
        said = done.communicate(timeout=60)
        assert done.returncode == 1 and "No space left on device" in said[1]
        assert left(small) == {f"{NAME}.part"}
        subprocess.run(["mount", "-o", "remount,size=1m", str(small)], check=True)
        done = process(address, env=os.environ | {download.CACHE: str(small)})
        assert done.communicate(timeout=60)[0].strip() == str(small / SHA256[:12] / NAME)
        assert ranges(server)[-1].startswith("bytes=")
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)

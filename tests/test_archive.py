"""Some members of an archive are unpacked; hostile and broken archives do no harm."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from colornet.sources import archive
from colornet.system import disk
from support.archives import tarred, zipped

MEMBERS = {f"folder/p{n}.jpg": bytes([n]) * 1000 for n in range(12)}
FORMS = {
    "zip": lambda members: zipped(members),
    "tar": lambda members: tarred(members),
    "tar.gz": lambda members: tarred(members, mode="w:gz"),
    "tar.xz": lambda members: tarred(members, mode="w:xz"),
}


def last(name: str) -> str | None:
    return Path(name).name if name.endswith(".jpg") else None


@pytest.fixture
def extract(tmp_path):
    (tmp_path / "into").mkdir()

    def extract(content: bytes, rename=last, **options) -> dict[str, bytes]:
        file = tmp_path / "archive.bin"  # the name does not tell the format
        file.write_bytes(content)
        names = list(archive.extract(file, tmp_path / "into", rename=rename, **options))
        found = {f.name: f.read_bytes() for f in (tmp_path / "into").iterdir()}
        assert sorted(names) == sorted(found)
        return found

    return extract


@pytest.mark.parametrize("form", FORMS)
def test_members_are_written_unchanged_under_their_new_names(extract, form):
    found = extract(FORMS[form](MEMBERS | {"folder/notes.txt": b"not wanted"}))
    assert found == {Path(name).name: content for name, content in MEMBERS.items()}


@pytest.mark.parametrize("form", FORMS)
def test_only_wanted_members_are_written(extract, form):
    found = extract(FORMS[form](MEMBERS), lambda name: "one" if name.endswith("p7.jpg") else None)
    assert found == {"one": MEMBERS["folder/p7.jpg"]}


def test_the_choice_of_pictures_depends_on_their_names_alone(extract, tmp_path):
    chosen = []
    for form in (zipped(MEMBERS), tarred(dict(reversed(MEMBERS.items())))):
        chosen.append(set(extract(form, pictures=5)))
        for file in (tmp_path / "into").iterdir():
            file.unlink()
    assert chosen[0] == chosen[1] and len(chosen[0]) == 5
    assert set(extract(zipped(MEMBERS), pictures=3)) < chosen[0]


def test_a_limit_above_the_number_of_pictures_takes_all(extract):
    assert len(extract(zipped(MEMBERS), pictures=100)) == len(MEMBERS)


def test_of_two_members_with_one_new_name_the_first_is_taken(extract):
    content = zipped({"a/p.jpg": b"first", "b/p.jpg": b"second"})
    assert extract(content) == {"p.jpg": b"first"}


HOSTILE = {
    "../up.jpg": "leads out of the archive",
    "a/../../up.jpg": "leads out of the archive",
    "..\\up.jpg": "leads out of the archive",
    "/etc/up.jpg": "has an absolute name",
    "\\\\host\\up.jpg": "has an absolute name",
    "C:\\up.jpg": "has an absolute name",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_member_that_leads_out_of_the_archive_is_skipped_and_named(extract, capsys, form, name):
    found = extract(FORMS[form]({name: b"evil", "good.jpg": b"good"}))
    assert found == {"good.jpg": b"good"}
    assert f"archive.bin: skipped {name!r} {HOSTILE[name]}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (tarfile.SYMTYPE, "link"),
        (tarfile.LNKTYPE, "link"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.FIFOTYPE, "device"),
    ],
)
def test_a_link_or_device_in_a_tar_is_skipped_and_named(extract, capsys, kind, word):
    content = tarred({"good.jpg": b"good"}, others=[("evil.jpg", kind, "/etc/passwd")])
    assert extract(content) == {"good.jpg": b"good"}
    assert f"skipped 'evil.jpg' is a {word}" in capsys.readouterr().err


def test_a_link_in_a_zip_is_skipped_and_named(extract, capsys):
    content = zipped({"evil.jpg": b"/etc/passwd", "good.jpg": b"good"}, links=("evil.jpg",))
    assert extract(content) == {"good.jpg": b"good"}
    assert "skipped 'evil.jpg' is a link" in capsys.readouterr().err


def test_names_cannot_control_the_terminal_and_only_five_are_shown(extract, capsys):
    extract(zipped({f"../\x1b[31m{n}.jpg": b"evil" for n in range(9)} | {"p.jpg": b"good"}))
    shown = capsys.readouterr().err
    assert "\x1b[31m" not in shown and "\\x1b[31m0.jpg" in shown and "and 4 more" in shown


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def encrypted() -> bytes:
    content = bytearray(zipped({"p.jpg": b"secret"}))
    for signature, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):  # the place of the flags
        content[content.index(signature) + place] |= 1
    return bytes(content)


def flipped(content: bytes) -> bytes:
    middle = content.index(MEMBERS["folder/p5.jpg"][:100])
    return content[:middle] + b"\xff" + content[middle + 1 :]


def stored() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, content in MEMBERS.items():
            made.writestr(name, content)
    return stream.getvalue()


BROKEN = {
    "a page": b"<html>log in</html>",
    "nothing": b"",
    "a cut zip": cut(zipped(MEMBERS)),
    "a cut tar.gz": cut(tarred(MEMBERS, mode="w:gz")),
    "a cut tar.xz": cut(tarred(MEMBERS, mode="w:xz")),
    "a zip with a wrong byte": flipped(stored()),
    "an encrypted zip": encrypted(),
    "PK and no more": b"PK\3\4",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_archive_is_an_error_of_one_line(extract, case):
    with pytest.raises(ValueError, match="archive.bin is not a complete archive: .") as caught:
        extract(BROKEN[case])
    assert "\n" not in str(caught.value)


def test_too_little_space_is_an_error_before_anything_is_written(extract, tmp_path, monkeypatch):
    usage = type("usage", (), {"free": 4_900})
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match=r"0.01 MB in .*into are needed, 0.00 MB are free"):
        extract(zipped(MEMBERS))
    assert not list((tmp_path / "into").iterdir())
    assert extract(zipped(MEMBERS), pictures=4)


def test_the_progress_bar_shows_how_many_are_done(extract, capsys):
    extract(zipped(MEMBERS))
    assert "12/12" in capsys.readouterr().err

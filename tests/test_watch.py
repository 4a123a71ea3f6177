"""A watched folder: what is whole is coloured once, what is being written waits."""

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from colornet.cli import arguments, manifest, watch
from colornet.cli.ledger import Ledger
from support.archive import Painter, contents
from support.films import make
from support.pictures import opened

INBOX = ("inbox", "--output", "out")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("inbox").mkdir()


class Watching:
    """A watch whose looks a test makes."""

    def __init__(self, *arguments_: str):
        self.options = arguments.read([*arguments_], command="watch")
        self.ledger = Ledger(self.options.manifest, pages=self.options.pages)
        self.watch = watch.Watch(self.options, Painter(), self.ledger)

    def look(self, times: int = 2) -> None:
        with self.ledger:
            for _ in range(times):
                self.watch.look()


def save(name: str, size=(50, 40)) -> Path:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize(size).save(file)
    return file


def names() -> list[str]:
    return sorted(contents(Path("out"))) if Path("out").exists() else []


def lines(capsys) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_a_file_is_coloured_when_two_looks_found_it_the_same(capsys):
    watching = Watching(*INBOX)
    save("inbox/album/a.png")
    watching.look(1)
    assert names() == []
    watching.look(1)
    assert names() == ["album/a.png"]
    watching.look(3)
    assert lines(capsys) == ["inbox/album/a.png -> out/album/a.png"]


def test_a_file_that_grows_waits(capsys):
    watching, whole = Watching(*INBOX), save("whole.png").read_bytes()
    for size in (0, 0, 20, 60, len(whole) - 1, len(whole)):
        Path("inbox/a.png").write_bytes(whole[:size])
        watching.look(1)
        assert names() == []
    watching.look(1)
    assert names() == ["a.png"] and len(lines(capsys)) == 1


def test_a_broken_file_is_named_once_and_tried_again_when_it_changes(capsys):
    watching, file = Watching(*INBOX), Path("inbox/a.png")
    file.write_bytes(save("whole.png").read_bytes()[:60])
    watching.look(5)
    (line,) = lines(capsys)
    assert line.startswith("skipped: inbox/a.png is truncated") and names() == []
    shutil.copy("whole.png", file)
    watching.look()
    assert lines(capsys) == ["inbox/a.png -> out/a.png"]


def test_after_a_restart_existing_results_count(capsys, monkeypatch):
    save("inbox/a.png")
    Watching(*INBOX).look()
    monkeypatch.setattr(Painter, "__call__", lambda *_: pytest.fail("is coloured again"))
    Watching(*INBOX).look()
    assert len(lines(capsys)) == 1


def test_a_manifest_remembers_broken_files_after_a_restart(capsys, monkeypatch):
    archive = (*INBOX, "--manifest", "m.jsonl")
    Path("inbox/a.png").write_bytes(b"no picture")
    Watching(*archive).look()
    recorded = Path("m.jsonl").read_bytes()
    monkeypatch.setattr(watch.work, "outcomes", lambda *_, **__: pytest.fail("is tried"))
    Watching(*archive).look(4)
    assert lines(capsys) == ["skipped: inbox/a.png is no picture"] * 2
    assert Path("m.jsonl").read_bytes() == recorded


def test_a_manifest_has_one_line_for_each_picture_however_often_it_is_looked_at():
    save("inbox/a.png")
    watching = Watching(*INBOX, "--manifest", "m.jsonl")
    watching.look(6)
    Watching(*INBOX, "--manifest", "m.jsonl").look(6)
    assert [each.status for each in manifest.records(Path("m.jsonl"))] == ["coloured"]


def test_the_output_folder_may_lie_in_the_inbox(capsys):
    watching = Watching("inbox", "--output", "inbox/out")
    save("inbox/a.png")
    watching.look(6)
    assert sorted(contents(Path("inbox"))) == ["a.png", "out/a.png"] and len(lines(capsys)) == 1


def test_without_an_output_folder_results_lie_beside_their_sources_and_are_not_coloured(capsys):
    watching = Watching("inbox")
    save("inbox/a.png")
    watching.look(6)
    assert sorted(contents(Path("inbox"))) == ["a-colour.png", "a.png"]
    assert len(lines(capsys)) == 1


def test_pages_that_become_files_of_their_own_are_coloured_once(capsys):
    frames = [Image.new("L", (50, 50), grey) for grey in (0, 100, 200)]
    frames[0].save("inbox/many.gif", save_all=True, append_images=frames[1:])
    Watching(*INBOX, "--pages", "all").look(6)
    assert names() == ["many-1.png", "many-2.png", "many-3.png"] and len(lines(capsys)) == 3


def test_an_inbox_that_is_gone_for_a_while_is_named_once(capsys):
    watching = Watching(*INBOX)
    os.rename("inbox", "away")
    watching.look(3)
    assert lines(capsys) == ["skipped: inbox does not exist"]
    os.rename("away", "inbox")
    save("inbox/a.png")
    watching.look()
    assert names() == ["a.png"]


def test_a_full_disk_is_named_once_and_work_goes_on_when_there_is_space(capsys, monkeypatch):
    from colornet.system import whole

    watching, real = Watching(*INBOX), whole.file
    save("inbox/a.png")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole, "file", full)
    watching.look(4)
    assert [line.split(":")[0] for line in lines(capsys)] == ["skipped"]
    monkeypatch.setattr(whole, "file", real)
    watching.look(1)
    assert names() == ["a.png"]


def test_json_is_a_line_for_each_file(capsys):
    save("inbox/a.png")
    Path("inbox/b.png").write_bytes(b"no picture")
    Watching(*INBOX, "--json").look(4)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(each["source"], each["state"]) for each in found] == [
        ("inbox/a.png", "coloured"),
        ("inbox/b.png", "skipped"),
    ]


def test_films_are_coloured_too(capsys):
    make(Path("inbox/a.mp4"))
    save("inbox/b.png")
    Watching(*INBOX, "--manifest", "m.jsonl").look(6)
    assert names() == ["a.mp4", "b.png"] and len(lines(capsys)) == 2
    assert [each.path for each in manifest.records(Path("m.jsonl"))] == ["b.png", "a.mp4"]


def test_with_a_manifest_a_source_that_has_grown_is_coloured_again(capsys):
    watching = Watching(*INBOX, "--manifest", "m.jsonl")
    save("inbox/a.png")
    watching.look()
    save("inbox/a.png", size=(90, 40))
    watching.look()
    assert opened("out/a.png").size == (90, 40) and len(lines(capsys)) == 2

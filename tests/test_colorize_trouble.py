"""The command line in trouble: one sentence, no traceback, nothing half done, nothing executed."""

import errno
import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from colornet import paths
from support.command import COMMAND, ENV, call, files, said
from support.pictures import colourful, opened


@pytest.mark.parametrize("name", ["a\nb.jpg", "\U0001f408.jpg", os.fsdecode(b"\xff.jpg")])
def test_any_name_is_coloured_and_printed_on_one_line(photos, name, capsys):
    os.rename("photos/a.jpg", Path("photos", name))
    assert call(Path("photos", name), "--output", "out", "--json") == 0
    assert Path("out", name).is_file()
    captured = capsys.readouterr()
    (entry,) = json.loads(captured.out)["files"]
    assert entry["target"] == f"out/{name}" and captured.out.isascii()
    assert len(captured.err.splitlines()) == 2


def test_a_full_disk_is_one_sentence_and_leaves_nothing_half_done(photos, capsys, monkeypatch):
    def full(self, stream, kind, **options):
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    monkeypatch.setattr("colornet.cli.batch.WORKERS", 1)
    assert call(photos, "--output", "out") == 1
    text = said(capsys)
    assert text.count("the disk is full") == 1 and "2 skipped (1 of them not tried)" in text
    assert files("out") == []


def test_an_output_that_cannot_be_made_or_written_to_is_one_sentence(photos, capsys, monkeypatch):
    assert call(photos, "--output", "photos/a.jpg/out") == 1
    assert "error: photos/a.jpg/out cannot be made: Not a directory" in said(capsys)
    monkeypatch.setattr(os, "access", lambda *arguments: False)
    assert call(photos, "--output", "out") == 1
    text = said(capsys)
    assert text == "error: out cannot be written to: name another --output\n"


def rewritten(change) -> None:
    """Changes the description of the network in runs/tiny/model.keras."""
    file = paths.run("tiny") / "model.keras"
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    change(config["config"]["layers"][1])
    content["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


def no_model() -> None:
    (paths.run("tiny") / "model.keras").write_bytes(b"no model")


def cut_short() -> None:
    file = paths.run("tiny") / "model.keras"
    file.write_bytes(file.read_bytes()[:-500])


def of_another_version() -> None:
    rewritten(lambda layer: layer.update(class_name="ConvOfTomorrow"))


def with_an_unknown_argument() -> None:
    rewritten(lambda layer: layer["config"].update(tomorrow=1))


def that_calls_a_program() -> None:
    command = {"args": ["touch", "executed"]}
    rewritten(lambda layer: layer.update(module="subprocess", class_name="Popen", config=command))


def that_brings_code() -> None:
    import keras

    def evil(x):
        open("executed", "w").close()
        return x

    # The code as bytes, which is what Keras writes for a Lambda layer
    layer = keras.layers.Lambda(evil, name="evil")
    given = keras.Input((None, None, 1))
    keras.Model(given, layer(given)).save(paths.run("tiny") / "model.keras")
    Path("executed").unlink()


@pytest.mark.parametrize(
    "damage",
    [no_model, cut_short, of_another_version, with_an_unknown_argument]
    + [that_calls_a_program, that_brings_code],
)
def test_a_bad_model_gets_a_sentence_and_runs_nothing(photos, damage, capsys):
    damage()
    assert call(photos, "--output", "out") == 1
    text = said(capsys)
    assert text.startswith("error: runs/tiny/model.keras cannot be loaded")
    assert text.count("\n") == 1
    assert not Path("executed").exists() and files("out") == []


@pytest.mark.slow
def test_ctrl_c_leaves_whole_pictures_and_the_same_command_goes_on(photos):
    for number in range(16):
        colourful(number).resize((1200, 900)).save(photos / f"{number}.png")
    command = [*COMMAND, "--run", "runs/tiny", "photos", "--output", "out", "--json"]
    with subprocess.Popen(command, env=ENV, stdout=-1, stderr=-1, text=True) as process:
        limit = time.monotonic() + 60
        while not list(Path("out").glob("*.png")) and time.monotonic() < limit:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        start = time.monotonic()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130 and time.monotonic() - start < 3
    assert "stopped" in err and "Traceback" not in err
    assert json.loads(out)["error"] == "stopped with Ctrl-C"
    there = files("out")
    assert 1 <= len(there) < 18 and not [name for name in there if ".part" in name]
    assert all(opened(name).size for name in there)
    again = subprocess.run(command, env=ENV, capture_output=True, text=True)
    assert again.returncode == 0 and json.loads(again.stdout)["kept"] == len(there)
    assert len(files("out")) == 18

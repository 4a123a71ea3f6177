"""The command line when something fails: one sentence, complete files only, nothing executed."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from colornet import paths
from support.command import COMMAND, ENV, call, files, printed
from support.pictures import colourful, opened


@pytest.mark.parametrize("name", ["a\nb.jpg", "\U0001f408.jpg", os.fsdecode(b"\xff.jpg")])
@pytest.mark.usefixtures("photos")
def test_any_name_is_coloured_and_printed_on_one_line(name, capsys):
    os.rename("photos/a.jpg", Path("photos", name))
    assert call(Path("photos", name), "--output", "out", "--json") == 0
    assert Path("out", name).is_file()
    captured = capsys.readouterr()
    (entry,) = json.loads(captured.out)["files"]
    assert entry["target"] == f"out/{name}" and captured.out.isascii()
    assert len(captured.err.splitlines()) == 2


def test_a_full_disk_is_one_sentence_and_leaves_no_incomplete_file(photos, capsys, monkeypatch):
    def full(*arguments, **_):
        arguments[1].write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    monkeypatch.setattr("colornet.cli.batch.WORKERS", 1)
    assert call(photos, "--output", "out") == 1
    text = printed(capsys)
    assert text.count("the disk is full") == 1 and "2 skipped (1 of them not tried)" in text
    assert files("out") == []


def test_an_output_that_cannot_be_created_or_written_to_is_one_sentence(
    photos, capsys, monkeypatch
):
    assert call(photos, "--output", "photos/a.jpg/out") == 1
    assert "error: photos/a.jpg/out cannot be created: Not a directory" in printed(capsys)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert call(photos, "--output", "out") == 1
    text = printed(capsys)
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


def with_code_in_it() -> None:
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
    + [that_calls_a_program, with_code_in_it],
)
def test_a_bad_model_is_one_sentence_and_executes_nothing(photos, damage, capsys):
    damage()
    assert call(photos, "--output", "out") == 1
    text = printed(capsys)
    assert text.startswith("error: runs/tiny/model.keras cannot be loaded")
    assert text.count("\n") == 1
    assert not Path("executed").exists() and files("out") == []


# The network colours one picture and then never ends. A shell may have made SIGINT ignored.
ONE_PICTURE = """
import itertools, signal, threading
from colornet import colorize, colorizer

signal.signal(signal.SIGINT, signal.default_int_handler)
colour, calls = colorizer.Colorizer.__call__, itertools.count()

def slow(self, picture):
    if next(calls):
        threading.Event().wait()
    return colour(self, picture)

colorizer.Colorizer.__call__ = slow
colorize.command()
"""


@pytest.mark.slow
def test_ctrl_c_leaves_complete_pictures_and_the_same_command_continues(photos):
    for number in range(4):
        colourful(number).save(photos / f"{number}.png")
    arguments = ["--run", "runs/tiny", "photos", "--output", "out", "--json"]
    command = [sys.executable, "-c", ONE_PICTURE, *arguments]
    with subprocess.Popen(command, env=ENV, stdout=-1, stderr=-1, text=True) as process:
        while not coloured() and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        try:  # it would never end if it waited for the network
            out, err = process.communicate(timeout=600)
        finally:
            process.kill()
    assert process.returncode == 130, err
    assert "stopped" in err and "Traceback" not in err
    assert json.loads(out)["error"] == "stopped with Ctrl-C"
    (done,) = files("out")
    assert opened(done).size
    again = subprocess.run([*COMMAND, *arguments], env=ENV, capture_output=True, text=True)
    assert again.returncode == 0 and json.loads(again.stdout)["kept"] == 1
    assert len(files("out")) == 6


def coloured() -> list[str]:
    """The results, without files that are being written."""
    return [name for name in files("out") if ".part" not in name]

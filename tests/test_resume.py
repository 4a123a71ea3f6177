"""Training continues exactly where it was stopped, and never from another training's state."""

import math
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import signals
from colornet import params, paths
from support.training import SECTION, WINDOWS, interrupted, sentence, trained, tree

pytestmark = pytest.mark.slow

FEW_WINDOWS = {**WINDOWS, "steps_per_epoch": 2}  # a step of lite takes half a second


def clear(run: str) -> None:
    """Removes the outs of a run, as dvc does before it calls the stage again."""
    for out in paths.RUN_OUTS:
        file = paths.run(run) / out
        shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)


@pytest.mark.parametrize("model, section", [("beta", SECTION), ("lite", FEW_WINDOWS)])
def test_an_interrupted_training_continues_to_the_same_bytes(
    prepared, shallow_beta, monkeypatch, model, section
):
    trained("one", model, **section)
    whole = tree()
    for stopped in (1, 2) if model == "beta" else (2,):
        interrupted(stopped, monkeypatch, section, model)
        assert (paths.run("one") / "checkpoint").is_dir()
        assert not (paths.run("one") / "model.keras").exists()
        if stopped == 2:
            clear("one")
        trained("one", model, **section)
        assert tree() == whole
        assert list(pd.read_csv(paths.run("one") / "times.csv")["epoch"]) == [1, 2, 3]


def test_a_checkpoint_of_other_parameters_is_not_continued(
    prepared, shallow_beta, monkeypatch, capsys
):
    interrupted(2, monkeypatch, SECTION)
    capsys.readouterr()
    trained("one", "beta", **{**SECTION, "zoom": 0.3})
    assert "for 3 epochs" in capsys.readouterr().out


def test_a_checkpoint_of_other_pictures_is_not_continued(
    prepared, shallow_beta, monkeypatch, capsys
):
    interrupted(2, monkeypatch, SECTION)
    capsys.readouterr()
    one, other = sorted((paths.prepared("tiny") / "train").glob("*.png"))[:2]
    one.write_bytes(other.read_bytes())
    trained("one", "beta", **SECTION)
    assert "for 3 epochs" in capsys.readouterr().out


@pytest.mark.parametrize("model", ["beta", "final", "lite"])
def test_a_checkpoint_of_other_code_is_not_continued(
    prepared, classes, shallow_beta, monkeypatch, model
):
    from colornet.training import session

    seen = []

    def fingerprint(settings, *files):
        seen.extend(files)
        raise LookupError

    monkeypatch.setattr(session, "fingerprint", fingerprint)
    options = {"class_scores": "zeros"} if model == "final" else {}
    with pytest.raises(LookupError):
        trained("one", model, **SECTION, **options)
    root = Path(__file__).parents[1]
    stage = params.load(root / "dvc.yaml")["stages"][f"train-{model}"]["do"]
    deps = [root / dep for dep in stage["deps"] if dep.startswith("colornet/")]
    code = {file for dep in deps for file in ([dep] if dep.is_file() else dep.glob("*.py"))}
    assert {Path(file) for file in seen if str(file).endswith(".py")} == code


def test_another_trainings_previews_do_not_come_back(prepared, shallow_beta, monkeypatch):
    changed = {**SECTION, "seed": 1}
    trained("one", "beta", **changed)
    whole = tree()
    for section in (SECTION, changed):
        interrupted(2, monkeypatch, section)
    trained("one", "beta", **changed)
    assert tree() == whole


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 cut"])
def test_a_damaged_checkpoint_is_no_checkpoint(prepared, shallow_beta, content, capsys):
    folder = paths.run("one") / "checkpoint"
    folder.mkdir(parents=True)
    (folder / "state.npz").write_bytes(content)
    trained("one", "beta", **{**SECTION, "epochs": 1})
    assert "for 1 epochs" in capsys.readouterr().out


def test_a_disk_that_becomes_full_leaves_the_epoch_before(prepared, shallow_beta, monkeypatch):
    from colornet.training import checkpoint, record

    trained("two", "beta", **SECTION)
    whole, saved = checkpoint.save, []

    def full(*arguments, **options):
        saved.append(1)
        if len(saved) == 3:
            raise OSError(28, "No space left on device")
        whole(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(record, "SAVING", math.inf)
        patch.setattr(checkpoint, "save", full)
        assert "the disk is full: free some space, then run the same command again" in sentence()
    trained("one", "beta", **SECTION)
    assert tree("one") == tree("two")


def test_a_training_killed_at_a_random_moment_continues_to_the_same_bytes(prepared):
    section = {**SECTION, "epochs": 8, "patience": 7, "keep": "best"}
    params.save({"train": {"beta": {"one": section, "two": section}}}, paths.PARAMS)
    command = [sys.executable, "-m", "colornet.train"]
    subprocess.run([*command, "one"], check=True, capture_output=True)
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    killed = subprocess.Popen([*command, "two"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    history, begun = (paths.run("two") / name for name in ("history.csv", "structure.json"))

    def epochs() -> int:
        return len(history.read_text().splitlines()) - 1 if history.is_file() else 0

    more = moments.choice([0, 1, 2])  # epochs, and then somewhere in the next one
    deadline = time.monotonic() + 600
    while not begun.exists() or epochs() < more:
        assert time.monotonic() < deadline and killed.poll() is None
        time.sleep(0.005)
    time.sleep(moments.uniform(0, 0.3))
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    killed.stderr.close()
    assert not (paths.run("two") / "model.keras").exists()
    on = subprocess.run([*command, "two"], check=True, capture_output=True, text=True)
    assert more == 0 or re.search(r"for epochs \d+ to 8", on.stdout)
    assert tree("two") == tree("one")


def started() -> subprocess.Popen:
    """A real training that would take hours."""
    params.save({"train": {"beta": {"one": {**SECTION, "epochs": 9999}}}}, paths.PARAMS)
    return subprocess.Popen(
        [sys.executable, "-m", "colornet.train", "one"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_ctrl_c_ends_a_real_training_cleanly(prepared):
    running = started()
    assert "pictures/s" in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=600)
    assert running.returncode == 130
    assert "Traceback" not in errors and "the same command continues" in errors


def test_sigterm_while_libraries_are_imported_ends_a_training_before_it_begins(prepared):
    running = started()
    while not signals.handles_signals(running):
        assert running.poll() is None
        time.sleep(0.001)
    running.send_signal(signal.SIGTERM)
    output, errors = running.communicate(timeout=600)
    assert running.returncode == 143 and output == ""
    assert "Traceback" not in errors and "the same command continues" in errors
    assert not paths.run("one").exists()

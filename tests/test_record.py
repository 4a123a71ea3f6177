"""What a training leaves after each epoch: which epochs it keeps, when it ends, what it shows."""

import json
import re
import time

import numpy as np
import pandas as pd
import pytest

from colornet import paths
from colornet.system import quiet
from support.training import SECTION, first_weights, interrupted, sentence, trained

quiet.import_tensorflow()

from colornet.training import network, pictures, record  # noqa: E402
from colornet.training.parameters import Parameters  # noqa: E402

pytestmark = pytest.mark.slow


def losses(monkeypatch, values):
    """Gives the epochs these validation losses, whatever the network does."""
    from colornet.training.record import Record

    def given(self, epoch):
        return {**self.validate(), "loss": values[epoch - 1], "mse": values[epoch - 1]}

    monkeypatch.setattr(Record, "_validation", given)


def test_patience_ends_a_training_that_stopped_getting_better(
    prepared, shallow_beta, monkeypatch, capsys
):
    losses(monkeypatch, [0.5, 0.3, 0.4, 0.3, 0.35, 0.1])
    trained("one", "beta", **{**SECTION, "epochs": 6, "patience": 3})
    assert list(pd.read_csv(paths.run("one") / "history.csv")["epoch"]) == [1, 2, 3, 4, 5]
    said = capsys.readouterr().out
    assert "one: 5 epochs; epoch 2 has the lowest validation loss; kept is the last one" in said


@pytest.mark.parametrize("stopped", [None, 2, 5])
def test_the_best_epoch_is_kept_also_by_a_training_that_was_interrupted(
    prepared, shallow_beta, monkeypatch, stopped
):
    two = {**SECTION, "epochs": 2}
    losses(monkeypatch, [0.5, 0.3, 0.4, 0.3, 0.35, 0.1])
    trained("two", "beta", **two)
    section = {**SECTION, "epochs": 6, "patience": 3, "keep": "best"}
    if stopped:
        interrupted(stopped, monkeypatch, section)
    trained("one", "beta", **section)
    assert len(pd.read_csv(paths.run("one") / "history.csv")) == 5
    np.testing.assert_array_equal(first_weights("one"), first_weights("two"))


def test_the_last_epoch_is_kept_unless_the_best_is_asked_for(prepared, shallow_beta, monkeypatch):
    losses(monkeypatch, [0.1, 0.2, 0.3])
    trained("one", "beta", **SECTION)
    last = first_weights()
    trained("one", "beta", **{**SECTION, "keep": "best"})
    assert (first_weights() != last).any()
    trained("two", "beta", **{**SECTION, "epochs": 1})
    np.testing.assert_array_equal(first_weights("one"), first_weights("two"))


def test_a_loss_that_is_no_number_stops_within_the_epoch_and_keeps_the_last_good_one(
    prepared, shallow_beta, monkeypatch
):
    said = sentence(learning_rate=1e30, epochs=5, steps_per_epoch=50)
    assert "the loss is not a number in epoch 1" in said and "lower learning_rate" in said
    assert not (paths.run("one") / "model.keras").exists()
    assert not (paths.run("one") / "checkpoint/state.npz").exists()


def test_a_validation_that_is_no_number_is_not_kept(prepared, shallow_beta, monkeypatch):
    losses(monkeypatch, [0.5, float("nan"), 0.1])
    said = sentence()
    assert "not a number in epoch 2, the validation; epoch 1 is kept" in said
    assert len(pd.read_csv(paths.run("one") / "history.csv")) == 1
    with np.load(paths.run("one") / "checkpoint/state.npz") as state:
        assert len(json.loads(str(state["about"]))["history"]) == 1


def test_the_progress_line_has_losses_speed_and_time_left(prepared, shallow_beta, capsys):
    trained("one", "beta", **SECTION)
    last = capsys.readouterr().err.split("\r")[-1]
    pattern = r"epoch 3/3 .*left, loss [\d.]+, validation [\d.]+ \(grey [\d.]+\), [\d.]+ pictures/s"
    assert re.search(pattern, last)


@pytest.fixture
def make(prepared, shallow_beta):
    """Makes the record of a training in runs/one."""

    def made(*, epochs=10, patience=None, keep="last"):
        built = network.build("beta", optimizer="adam", precision="float32", xla=False)
        section = {**SECTION, "epochs": epochs, "patience": patience, "keep": keep}
        return record.Record(
            paths.run("one"),
            built,
            Parameters(**section),
            fingerprint="x",
            validation=pictures.load("tiny", "validation"),
            validate=dict,
            forward=built,
        )

    return made


def rows(*values) -> list[dict]:
    return [{"epoch": n, "val_loss": value} for n, value in enumerate(values, start=1)]


def test_the_best_epoch_is_the_first_with_the_lowest_validation_loss(make):
    kept = make()
    assert kept.best_epoch == 0 and not kept.finished
    kept.history = rows(0.5, 0.3, 0.4, 0.3)
    assert kept.best_epoch == 2 and not kept.finished


@pytest.mark.parametrize(
    "epochs, patience, finished", [(3, None, True), (4, None, False), (9, 2, True), (9, 3, False)]
)
def test_it_is_finished_after_all_epochs_or_at_the_end_of_its_patience(
    make, epochs, patience, finished
):
    kept = make(epochs=epochs, patience=patience)
    kept.history = rows(0.3, 0.4, 0.5)
    assert kept.finished is finished


def test_a_new_training_removes_what_an_earlier_one_left_but_for_the_truth(make):
    folder = paths.run("one")
    (folder / "previews").mkdir(parents=True)
    for name in ("model.keras", "structure.json", "previews/epoch-00007_p6.jpg", ".1a.part"):
        (folder / name).write_text("old")
    assert make().resume() == 0
    left = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    names = [path.rsplit("/")[-1][:-4] for path in pictures.load("tiny", "validation").files]
    shown = {f"previews/{kind}_{name}.jpg" for kind in ("truth", "grey") for name in names}
    assert left == {"history.csv", "times.csv", *shown}
    assert pd.read_csv(folder / "history.csv").empty


def test_checkpoints_take_a_small_share_of_the_time(prepared, shallow_beta, monkeypatch):
    from colornet.training import checkpoint

    whole, kept = checkpoint.save, []

    def slow(*arguments, history, **options):
        kept.append(len(history))
        whole(*arguments, history=history, **options)
        time.sleep(2)

    monkeypatch.setattr(checkpoint, "save", slow)
    trained("one", "beta", **{**SECTION, "epochs": 6, "steps_per_epoch": 1})
    assert kept == [1, 6]
    assert list(pd.read_csv(paths.run("one") / "history.csv")["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert list(pd.read_csv(paths.run("one") / "times.csv")["epoch"]) == [1, 2, 3, 4, 5, 6]

"""The table of runs."""

import pytest

from colornet import params
from dashboard import leaderboard, readers
from support.project import make_run

pytestmark = pytest.mark.usefixtures("root")


def change(root, name: str, section: str, **values) -> None:
    file = root / "runs" / name / "params.yaml"
    content = params.load(file)
    content[section] |= values
    params.save(content, file)


def test_parameters_that_differ_get_a_column_and_the_unusual_are_marked(root):
    for name in ("one", "three", "two"):
        make_run(root, name)
    change(root, "two", "train", optimizer="rmsprop", flip=True)
    rows = leaderboard.table(readers.runs()[0])
    assert [name for name in rows if "." in name] == ["train.optimizer", "train.flip"]
    assert list(rows["train.optimizer"]) == ["adam", "adam", "rmsprop"]
    page = leaderboard.marked(rows).to_html()
    assert page.count(">rmsprop<") == 1
    assert page.count("background-color") == 1  # one rule, for the two cells of run `two`
    assert page.split("background-color")[0].count("row2_") == 2


def test_the_epochs_left_take_as_long_as_the_last_ones(root):
    make_run(root, "one")
    change(root, "one", "train", epochs=7)
    (run,) = readers.runs()[0]
    assert leaderboard.seconds_left(run) == 4 * 12.5
    (run.folder / "times.csv").unlink()
    (run,) = readers.runs()[0]
    assert leaderboard.seconds_left(run) is None


def test_only_runs_of_its_experiment_have_the_published_loss(root):
    for name in ("one", "two"):
        make_run(root, name)
    change(root, "two", "train", dataset="siamese")
    rows = leaderboard.table(readers.runs()[0])
    assert rows["Published"].isna().tolist() == [True, False]

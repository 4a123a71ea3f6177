"""Pictures of several runs through the epochs."""

from pathlib import Path

import pytest

from colornet import params
from dashboard import epochs
from support.pages import captions, opened, ran, said
from support.project import make_run, picture

pytestmark = pytest.mark.usefixtures("root")


def on(folder: Path, dataset: str) -> None:
    content = params.load(folder / "params.yaml")
    content["train"]["dataset"] = dataset
    params.save(content, folder / "params.yaml")


@pytest.mark.parametrize(("epoch", "found"), [(1, 2), (2, 2), (4, 2), (5, 5), (99, 5)])
def test_a_run_shows_its_nearest_earlier_picture_or_its_first(epoch, found):
    assert epochs.nearest({2: Path(), 5: Path()}, epoch) == found


def test_pictures_that_most_runs_have_come_first():
    one, two = {"b": {}, "c": {}}, {"c": {}, "a": {}}
    assert epochs.common([one, two]) == ["c", "a", "b"]


def test_one_slider_moves_the_pictures_of_all_runs(root):
    make_run(root, "one", epochs=3)
    make_run(root, "two", epochs=6)
    page = ran(opened("curves"))
    assert captions(page) == ["grey", "one, epoch 3", "two, epoch 6", "photograph"]
    assert "nearest earlier one" in said(page)
    page.select_slider[0].set_value(2)
    assert captions(ran(page)) == ["grey", "one, epoch 2", "two, epoch 2", "photograph"]
    assert "nearest earlier one" not in said(page)


def test_the_epoch_stays_while_other_runs_are_chosen(root):
    make_run(root, "one", epochs=3)
    make_run(root, "two", epochs=6)
    page = ran(opened("curves"))
    page.select_slider[0].set_value(4)
    ran(page)
    (root / "runs/one").rename(root / "one")
    assert captions(ran(page)) == ["grey", "epoch 4", "photograph"]


def test_runs_on_other_datasets_are_chosen_by_the_dataset(root):
    for name in ("one", "three", "two"):
        on(make_run(root, name), "pets" if name == "two" else "sample")
    page = ran(opened("curves"))
    assert captions(page) == ["grey", "one, epoch 3", "three, epoch 3", "photograph"]
    page.selectbox[0].set_value("pets")
    assert captions(ran(page)) == ["grey", "epoch 3", "photograph"]


def test_of_several_pictures_one_run_shows_all_and_several_runs_the_chosen_ones(root):
    for name in ("one", "two"):
        for kind in ("epoch-00002", "truth", "grey"):
            picture(make_run(root, name) / f"previews/{kind}_dog.jpg")
    page = ran(opened("curves"))
    assert captions(page) == ["grey", "one, epoch 3", "two, epoch 3", "photograph"]
    page.pills(key="previewed-sample-True").set_value(["dog"])
    assert captions(ran(page)) == ["grey", "one, epoch 2", "two, epoch 2", "photograph"]
    page = ran(opened("curves", runs="two"))
    assert captions(page) == ["grey", "epoch 3", "photograph", "grey", "epoch 2", "photograph"]


def test_at_most_eight_runs_stand_side_by_side(root):
    names = [f"run-{number}" for number in range(10)]
    for name in names:
        make_run(root, name)
    page = ran(opened("curves", runs=names))
    assert len(captions(page)) == 10
    assert "the first 8 of 10 runs on sample" in said(page)

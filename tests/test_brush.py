"""Which runs and columns stand in the chart of parameters against scores."""

import json

import pytest

from dashboard import brush, readers
from support.pages import opened, ran, said
from support.project import make_evaluation, make_project, make_run, ship

pytestmark = pytest.mark.usefixtures("root")


def evaluated(root, name: str, psnr: float, dataset: str = "sample") -> None:
    folder = make_evaluation(root, f"{name}-on-{dataset}", n=1, dataset=dataset)
    summary = json.loads((folder / "summary.json").read_text())
    summary["run"] = f"runs/{name}"
    summary["means"]["psnr"] = psnr
    (folder / "summary.json").write_text(json.dumps(summary))


def test_each_run_has_its_parameters_and_the_means_of_its_evaluation(root):
    for name, epochs in {"one": 3, "two": 5, "three": 5}.items():
        make_run(root, name, epochs=epochs)
    evaluated(root, "one", 21)
    evaluated(root, "two", 22.5)
    runs = readers.runs()[0]
    table = brush.columns(runs, brush.choose_dataset(runs))
    assert {"Best val_loss", "Minutes", "PSNR"} <= set(table) and "train.optimizer" not in table
    psnr = table["PSNR"]
    assert (psnr["one"], psnr["two"]) == (21, 22.5) and psnr.isna()["three"]


def test_a_shipped_evaluation_belongs_to_its_run(root):
    ship(root, "shipped")
    (run,) = readers.runs()[0]
    assert list(brush.choose_dataset([run])) == [run.name]


def test_the_chart_is_drawn_once_it_is_opened_with_the_axes_that_are_chosen(root):
    make_project(root)
    make_run(root, "three", epochs=5)
    evaluated(root, "three", 20)
    page = ran(opened("curves"))
    assert len(page.get("plotly_chart")) == 1
    page.session_state["against"] = True
    assert len(ran(page).get("plotly_chart")) == 2
    axes = page.multiselect[0]
    assert {"classify.weights", "Best val_loss", "PSNR"} <= set(axes.value)
    axes.set_value(["Best val_loss"])
    spec = json.loads(ran(page).get("plotly_chart")[1].proto.spec)
    assert spec["layout"]["xaxis"]["ticktext"] == ["Best val_loss"]
    page.multiselect[0].set_value([])
    assert "Choose at least one axis" in said(ran(page))


def test_scores_are_of_one_dataset(root):
    for name in ("one", "two"):
        make_run(root, name)
        evaluated(root, name, 21 if name == "one" else 22)
    evaluated(root, "one", 30, dataset="pets")
    page = opened("curves")
    page.session_state["against"] = True
    box = ran(page).selectbox(key="scores-on")
    assert box.options == ["sample", "pets"] and box.value == "sample"


def test_one_run_has_nothing_to_be_compared_with(root):
    make_run(root, "one")
    page = opened("curves")
    page.session_state["against"] = True
    assert "With a second run" in said(ran(page))

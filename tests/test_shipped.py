"""The dashboard of a bare clone: nothing but the shipped runs with their results on one dataset."""

import csv
import json
from pathlib import Path

import pytest

from colornet import params
from dashboard import credits, readers
from support.pages import captions, figure, opened, ran, said
from support.project import make_evaluation, make_run, ship

pytestmark = pytest.mark.usefixtures("root")
ROOT = Path(__file__).parents[1]
OPEN = ("CC BY 2.", "CC BY 4.", "CC BY-SA ", "CC0 ", "Public domain")
CREDIT = "Ann, [CC BY 4.0](https://example.com/by), [example.com](https://example.com/a)"


def test_results_opens_with_the_default_run_best_and_worst_first(root):
    ship(root, "a-run", "best-run")
    page = ran(opened("results"))
    assert page.selectbox(key="evaluation").value == "best-run on gallery (shipped)"
    assert page.selectbox(key="evaluation").options == [
        "best-run on gallery (shipped)",
        "a-run on gallery (shipped)",
    ]
    assert [one.key for one in page.button if "open-" in one.key] == [
        "open-test/001.png",
        "open-test/000.png",
    ]
    assert f"Photograph: {CREDIT}" in said(page)
    assert not page.warning and not page.info
    page = ran(opened("results", picture="test/000.png"))
    assert f"from `a.jpg`: {CREDIT}." in said(page)


def test_compare_opens_with_both_runs_side_by_side(root):
    ship(root, "a-run", "best-run")
    page = ran(opened("compare"))
    assert page.selectbox(key="dataset").value == "gallery"
    assert [words.split(",")[0] for words in captions(page)[:4]] == [
        "grey input",
        "best-run on gallery (shipped)",
        "a-run on gallery (shipped)",
        "photograph",
    ]
    assert said(page).count(f"Photograph: {CREDIT}") == 1
    assert not page.warning and not page.info


def test_the_quiz_names_whose_photograph_it_was_after_the_answer(root):
    ship(root, "a-run", "best-run")
    page = ran(opened("quiz"))
    assert page.selectbox(key="evaluation").value == "best-run on gallery (shipped)"
    page.button(key="start").click()
    for _ in range(2):
        assert "Photograph:" not in said(ran(page))
        page.button(key="left").click()
        assert "[example.com](https://example.com/" in said(ran(page))
        page.button(key="next").click()


@pytest.mark.parametrize("view", ["results", "quiz"])
@pytest.mark.parametrize("old", ["old-run-on-sample (shipped)", "a-run-on-gallery", "nonsense"])
def test_an_address_from_before_opens_the_first_evaluation(root, view, old):
    ship(root, "a-run", "best-run")
    page = ran(opened(view, evaluation=old))
    assert page.selectbox(key="evaluation").value == "best-run on gallery (shipped)"


def test_an_address_from_before_compares_what_there_is(root):
    ship(root, "a-run", "best-run")
    address = {"dataset": "sample", "evaluations-gallery": ["old-run (shipped)"]}
    page = ran(opened("compare", **address))
    assert page.selectbox(key="dataset").value == "gallery"


def test_one_s_own_results_come_before_the_shipped_ones(root):
    ship(root, "best-run")
    make_evaluation(root, "mine")
    assert ran(opened("results")).selectbox(key="evaluation").value == "mine"
    found, problems = readers.evaluations()
    assert [one.name for one in found] == ["mine", "best-run on gallery (shipped)"]
    assert not problems


def test_an_evaluation_is_made_again_by_its_key_in_params_yaml(root):
    ship(root, "best-run")
    (found,), _ = readers.evaluations()
    assert found.remedy == "`dvc repro evaluate@best-run-on-gallery` makes them."
    file = found.folder / "summary.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"evaluation": "../x"}))
    (found,), _ = readers.evaluations()
    assert found.remedy == "`dvc repro evaluate@gallery` makes them."
    params.save({"evaluate": {"other": {}}}, root / "params.yaml")
    assert found.remedy.startswith("No evaluation of params.yaml makes them")


def published(root, epochs=1000):
    """A run with losses of training alone, as after a training without validation."""
    folder = make_run(root, "published", epochs=2)
    header = "epoch,loss,loss_grey,val_loss,val_loss_grey\n"
    rows = (f"{n},{0.01 / n},0.009,,\n" for n in range(1, epochs + 1))
    (folder / "history.csv").write_text(header + "".join(rows))
    (folder / "times.csv").unlink()
    file = folder / "params.yaml"
    text = file.read_text().replace("epochs: 2", f"epochs: {epochs}")
    file.write_text(text.replace("dataset: sample", "dataset: siamese"))


def test_a_run_without_validation_has_its_training_loss_beside_the_published_one(root):
    published(root)
    page = ran(opened("curves", published="true"))
    traces = figure(page)["data"]
    assert [trace["hovertemplate"].split(" ")[0] for trace in traces] == ["training", "grey"]
    assert [trace["showlegend"] for trace in traces] == [True, False]
    (note,) = figure(page)["layout"]["annotations"]
    assert note["text"] == "published, beta: 0.0008 after 1000 epochs"
    row = page.dataframe[0].value.iloc[0]
    assert (row["Epochs"], row["Published"]) == ("1000 of 1000", 8e-4)
    assert row[["Last", "Best", "Grey", "Below grey"]].isna().all()
    assert row["Training"] == pytest.approx(1e-5)
    assert not page.warning


def test_smoothing_and_minutes_work_without_validation_and_without_times(root):
    published(root, epochs=5)
    page = ran(opened("curves", smoothing="0.9"))
    assert len(figure(page)["data"]) == 2
    page = ran(opened("curves", over="minutes"))
    assert "Without noted minutes, so not drawn: published" in said(page)


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_photograph_of_the_gallery_has_an_open_licence_and_a_page():
    found = rows(ROOT / "data/gallery/sources.csv")
    photographs = sorted(file.name for file in (ROOT / "data/gallery").glob("*.jpg"))
    assert [row["file"] for row in found] == photographs and len(photographs) == 81
    for row in found:
        assert row["licence"].startswith(OPEN) and row["url"].startswith("https://"), row
        assert row["author"] or "flickr.com" in row["url"] or "Public" in row["licence"], row


def test_every_picture_that_ships_stands_beside_its_credit_and_all_are_small():
    folders = sorted((ROOT / "pretrained").glob("*/results/gallery"))
    told = {row["file"]: row for row in rows(ROOT / "data/gallery/sources.csv")}
    total = 0
    for folder in folders:
        credited = {row["test"]: row for row in rows(folder / "sources.csv")}
        for row in rows(folder / "scores.csv"):
            credit = credited[row["file"]]
            assert credits.words(credit) == credits.words(told[credit["file"]])
        total += sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert len(folders) == 2 and total < 10e6


def test_what_makes_shipped_pictures_again_is_an_evaluation_of_params_yaml_or_nothing(monkeypatch):
    monkeypatch.setenv("COLORNET_ROOT", str(ROOT))
    keys = params.load(ROOT / "params.yaml")["evaluate"]
    shipped = [one for one in readers.evaluations()[0] if one.shipped]
    for one in shipped:
        command = f"`dvc repro evaluate@{one.key}` makes them."
        assert one.remedy == command if one.key in keys else "chosen elsewhere" in one.remedy
    assert {one.key in keys for one in shipped} == {True, False}

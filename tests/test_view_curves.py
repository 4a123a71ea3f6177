"""The Curves page: which runs are drawn and how, their table, their pictures through the epochs."""

import os
import time

import pytest

from support.pages import captions, figure, opened, ran, said
from support.project import make_project, make_run

pytestmark = pytest.mark.usefixtures("root")


def test_curves_draw_training_validation_and_grey_of_each_run(root):
    make_project(root)
    page = ran(opened("curves"))
    traces = figure(page)["data"]
    assert [trace["legendgroup"] for trace in traces] == ["one"] * 3 + ["two"] * 3
    assert len({trace["line"]["color"] for trace in traces[:3]}) == 1
    assert traces[2]["line"]["dash"] == "dash"
    row = page.dataframe[0].value.iloc[0]
    assert (row["Run"], row["State"], row["Epochs"]) == ("one", "done", "3 of 3")
    assert row["Best"] == pytest.approx(0.032 / 3)
    assert (row["Grey"], row["Pictures/s"]) == (0.02, 8.25)


def test_only_chosen_runs_are_drawn_on_a_linear_or_logarithmic_scale(root):
    make_project(root)
    page = ran(opened("curves"))
    assert figure(page)["layout"]["yaxis"]["type"] == "log"
    page = ran(opened("curves", runs="two", log="false"))
    assert {trace["legendgroup"] for trace in figure(page)["data"]} == {"two"}
    assert "type" not in figure(page)["layout"]["yaxis"]
    assert list(page.dataframe[0].value["Run"]) == ["one", "two (classifier untrained)"]


def test_of_many_runs_the_newest_are_drawn_until_some_are_chosen(root):
    for number in range(10):
        folder = make_run(root, f"run-{number}")
        for file in (*folder.iterdir(), folder):
            os.utime(file, (1e9 + number,) * 2)
    page = ran(opened("curves"))
    drawn = {trace["legendgroup"] for trace in figure(page)["data"]}
    assert drawn == {f"run-{number}" for number in range(2, 10)}
    assert "the 8 newest" in said(page)


def test_a_view_is_opened_again_by_its_address(root):
    make_project(root)
    part = {"runs": ["one", "gone"], "zoom": ["1", "2", "0.01", "0.1"]}
    page = opened("curves", **part, over="minutes", smoothing="0.5", published="true")
    spec = figure(ran(page))
    assert {trace["legendgroup"] for trace in spec["data"]} == {"one"}
    assert spec["layout"]["xaxis"]["range"] == [1, 2]
    assert spec["layout"]["yaxis"]["range"] == pytest.approx([-2, -1])
    assert spec["layout"]["xaxis"]["title"]["text"] == "minutes of training"
    page.button[0].click()
    assert "range" not in figure(ran(page))["layout"]["xaxis"]


@pytest.mark.parametrize("zoom", [["1"], ["a", "b", "c", "d"], []])
def test_a_broken_zoom_in_the_address_shows_all(root, zoom):
    make_project(root)
    page = ran(opened("curves", zoom=zoom))
    assert "range" not in figure(page)["layout"]["xaxis"]


def test_runs_without_noted_minutes_are_named_and_not_drawn_over_minutes(root):
    make_run(root, "one")
    (make_run(root, "two") / "times.csv").unlink()
    page = ran(opened("curves", over="minutes"))
    assert {trace["legendgroup"] for trace in figure(page)["data"]} == {"one"}
    assert "Without noted minutes, so not drawn: two." in said(page)


def test_curves_show_previews_between_grey_and_the_photograph(root):
    make_run(root, "one", epochs=7)
    page = ran(opened("curves"))
    assert captions(page) == ["grey", "epoch 7", "photograph"]
    page.select_slider[0].set_value(2)
    assert captions(ran(page)) == ["grey", "epoch 2", "photograph"]


def test_the_pictures_follow_the_newest_epoch_until_another_is_chosen(root):
    make_run(root, "one", epochs=3)
    page = ran(opened("curves"))
    make_run(root, "one", epochs=4)
    assert "epoch 4" in captions(ran(page))
    page.select_slider[0].set_value(2)
    ran(page)
    make_run(root, "one", epochs=5)
    assert "epoch 2" in captions(ran(page))


def test_an_unfinished_run_is_training_while_it_writes_and_stopped_later(root):
    folder = make_run(root, "one")
    (folder / "model.keras").unlink()
    (folder / "checkpoint").mkdir()
    page = ran(opened("curves"))
    assert page.dataframe[0].value["State"][0] == "training"
    assert "one: epoch 3 of 3, 8.2 pictures/s, 0 min left" in page.get("progress")[0].proto.text
    for file in (*folder.iterdir(), folder):
        os.utime(file, (time.time() - 3600,) * 2)
    page = ran(opened("curves"))
    assert page.dataframe[0].value["State"][0] == "stopped"
    assert "one stopped after 3 of 3 epochs" in said(page)


def test_an_unfinished_line_of_the_history_is_left_out(root):
    folder = make_run(root, "one", epochs=10)
    page = ran(opened("curves"))
    with open(folder / "history.csv", "a") as stream:
        stream.write("11,0.5,0.5,0.0")
    assert ran(page).dataframe[0].value["Epochs"][0] == "10 of 10"
    with open(folder / "history.csv", "a") as stream:
        stream.write("03,0.02\n")
    assert ran(page).dataframe[0].value["Epochs"][0] == "11 of 10"


def test_a_run_before_its_first_epoch_is_shown(root):
    folder = make_run(root, "one")
    for file in (folder / "model.keras", folder / "history.csv", folder / "times.csv"):
        file.unlink()
    page = ran(opened("curves"))
    row = page.dataframe[0].value.iloc[0]
    assert (row["State"], row["Epochs"]) == ("training", "0 of 3")

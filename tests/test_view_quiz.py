"""The blind quiz: without evaluations, played to its end, and with broken files."""

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dashboard import quiz
from support import pages
from support.pages import ran, said
from support.project import make_evaluation

pytestmark = pytest.mark.usefixtures("root")


def opened(**address: str) -> AppTest:
    return ran(pages.opened("quiz", **address))


def clicked(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return ran(page)


def round_of(page: AppTest) -> quiz.Round:
    return page.session_state["quiz"].round


def truth_side(page: AppTest) -> str:
    now = round_of(page)
    return now.questions[now.at].photograph


def other(side: str) -> str:
    return {"left": "right", "right": "left"}[side]


def played(page: AppTest, *, fooled: int = 0) -> AppTest:
    """Plays a complete round; fooled: how many answers are wrong."""
    clicked(page, "start")
    n = len(round_of(page).questions)
    for number in range(n):
        side = truth_side(page)
        clicked(page, other(side) if number < fooled else side)
        clicked(page, "next")
    return page


def test_without_evaluations_it_names_the_command_to_call():
    assert "`make demo`" in opened().info[0].value


def test_without_pictures_it_names_the_commands_to_call(root):
    folder = make_evaluation(root, "pets", n=2)
    for file in (folder / "pictures").iterdir():
        file.unlink()
    page = opened()
    assert "`make demo`" in page.info[0].value
    assert "pets: `dvc repro evaluate@pets`" in said(page)


def test_the_evaluation_with_the_most_pictures_is_offered_first_and_says_if_untrained(root):
    make_evaluation(root, "few", n=2)
    make_evaluation(root, "many", n=12, classifier="none")
    assert opened().selectbox[0].options == ["many (classifier untrained)", "few"]


def test_a_question_shows_both_in_one_picture_and_no_hint(root):
    make_evaluation(root, "one", n=3)
    page = clicked(opened(), "start")
    assert len(page.image) == 1
    shown = page.image[0].proto.imgs[0]
    assert shown.alt == "Two pictures side by side, one of them the photograph"
    assert [button.key for button in page.button] == ["end", "left", "right"]
    for word in ("000", "001", "002", "PSNR", "truth", "_output"):
        assert word not in said(page) + shown.url + shown.caption


def test_the_photograph_is_where_the_answer_says(root, monkeypatch):
    """Peru is the photograph of the tests' evaluations, teal the output."""
    make_evaluation(root, "one", n=12)
    kept = []
    monkeypatch.setattr(st, "image", lambda image, **_: kept.append(image))
    page = clicked(opened(), "start")
    for _ in range(5):
        both = kept[-1].convert("RGB")
        edge = both.width - 1 if truth_side(page) == "right" else 0
        red, green, blue = both.getpixel((edge, both.height // 2))
        assert red > blue
        clicked(clicked(page, "left"), "next")
    assert len(kept) == 11


def test_an_answer_shows_name_and_score_and_leads_to_the_next_question(root):
    make_evaluation(root, "one", n=3)
    page = clicked(opened(), "start")
    clicked(page, truth_side(page))
    assert f"Correct: the photograph is the {truth_side(page)} one." in page.success[0].value
    file = round_of(page).answer.file
    assert f"`{file}`, coloured by one: PSNR 2" in said(page)
    assert "left grey 24.00 dB" in said(page)
    assert file in page.image[0].proto.imgs[0].alt
    clicked(page, "next")
    assert "Picture 2 of 3 · fooled 0 of 1" in said(page)
    clicked(page, other(truth_side(page)))
    assert "Fooled: you took the coloured one." in page.warning[0].value


def test_the_keys_are_left_right_and_enter(root):
    make_evaluation(root, "one", n=3)
    page = opened()
    assert page.button(key="start").proto.shortcut.lower() == "enter"
    clicked(page, "start")
    keys = [page.button(key=side).proto.shortcut.lower() for side in ("left", "right")]
    assert keys == ["left", "right"]
    clicked(page, "left")
    assert page.button(key="next").proto.shortcut.lower() == "enter"


def test_a_round_ends_with_the_rate_its_interval_and_the_published_ones(root):
    make_evaluation(root, "one", n=12)
    page = played(opened(), fooled=3)
    shown = said(page)
    assert "Fooled in 3 of 10 answers." in shown
    assert "**one**: 30 % (3 of 10; 95 % interval 11 to 60 %)" in shown
    assert "32.3 ± 2.2 %" in shown
    assert "ECCV 2016" in shown and "Their test is not the same" in shown
    assert "Wilson" in shown
    table = page.dataframe[0].value
    assert list(table["Fooled"]) == ["yes"] * 3 + ["no"] * 7
    assert len(page.get("plotly_chart")) == 1
    assert page.get("download_button")[0].proto.label == "Download answers (CSV)"


def test_a_second_round_asks_unseen_pictures_first_and_seen_ones_do_not_count(root):
    make_evaluation(root, "one", n=12)
    page = clicked(clicked(played(opened()), "again"), "start")
    for _ in range(3):
        clicked(clicked(page, other(truth_side(page))), "next")
    shown = said(clicked(page, "end"))
    assert "Fooled in 3 of 3 answers." in shown
    assert "**one**: 17 % (2 of 12;" in shown
    assert list(page.dataframe[0].value["Counts"]) == ["yes"] * 2 + ["no, seen before"]


def test_a_round_has_ten_or_twenty_pictures_or_as_many_as_there_are(root):
    make_evaluation(root, "one", n=25)
    page = opened(length="20")
    clicked(page, "start")
    assert "Picture 1 of 20" in said(page)
    make_evaluation(root, "one", n=3)
    page = opened()
    assert "It has 3 pictures to ask about" in said(page)


def test_a_round_that_is_ended_shows_what_was_answered(root):
    make_evaluation(root, "one", n=3)
    page = clicked(clicked(opened(), "start"), "left")
    clicked(page, "end")
    assert len(page.dataframe[0].value) == 1
    page = clicked(clicked(opened(), "start"), "end")
    assert "Nothing was answered" in said(page)
    assert "start" in [button.key for button in clicked(page, "again").button]


def test_nearly_colourless_photographs_are_left_out_and_counted(root):
    folder = make_evaluation(root, "one", n=3)
    table = (folder / "scores.csv").read_text().replace("12,35,24", "12,3,24", 1)
    (folder / "scores.csv").write_text(table)
    page = opened()
    assert "1 nearly colourless" in said(page)
    clicked(page, "start")
    asked = {question.file for question in round_of(page).questions}
    assert asked == {"test/001.png", "test/002.png"}
    (folder / "scores.csv").write_text(table.replace("12,35,24", "12,3,24"))
    assert "no picture to ask about" in said(opened())


def test_visits_differ_in_order_and_sides(root):
    make_evaluation(root, "one", n=20)
    orders = []
    for _ in range(2):
        page = clicked(opened(), "start")
        orders.append(round_of(page).questions)
    assert orders[0] != orders[1]


def test_broken_pictures_are_named_and_left_out(root):
    folder = make_evaluation(root, "one", n=4)
    (folder / "pictures/000_output.jpg").write_bytes(b"junk")
    (folder / "pictures/001_truth.jpg").unlink()
    page = clicked(opened(), "start")
    assert "`test/000.png: the output is no picture`" in page.warning[0].value
    assert "`test/001.png: the photograph is missing" in page.warning[0].value
    assert "Picture 1 of 2" in said(page)


def test_a_picture_that_vanishes_during_a_round_is_skipped(root):
    folder = make_evaluation(root, "one", n=2)
    page = clicked(opened(), "start")
    for file in (folder / "pictures").iterdir():
        file.unlink()
    assert "is left out" in said(ran(page))
    clicked(clicked(page, "next"), "next")
    assert "Nothing was answered" in said(page)


def test_broken_scores_and_summaries_are_named(root):
    folder = make_evaluation(root, "one", n=2)
    (folder / "scores.csv").write_text("file,nonsense\n")
    assert "results/one/scores.csv has no column psnr" in said(opened())
    summary = json.loads((folder / "summary.json").read_text()) | {"n": "x", "dataset": [1]}
    (folder / "summary.json").write_text(json.dumps(summary))
    (folder / "scores.csv").unlink()
    assert "results/one/scores.csv is missing" in said(opened())
    (folder / "summary.json").write_text("{")
    assert "results/one/summary.json" in opened().warning[0].value

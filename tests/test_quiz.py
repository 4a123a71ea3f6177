"""The rounds of the blind quiz."""

import random
from types import SimpleNamespace

import pandas as pd
import pytest

from dashboard import quiz

EVALUATION = SimpleNamespace(label="one", summary={"dataset": "sample", "n": 40})


def scores(n: int = 40) -> pd.DataFrame:
    files = [f"test/{number:03}.png" for number in range(n)]
    rows = {"file": files, "psnr": 20.0, "psnr_grey": 19.0, "colourfulness_truth": 30.0}
    return pd.DataFrame(rows)


def begun(visit: quiz.Visit, *, length: int = 10, n: int = 40, load=lambda *_: None) -> quiz.Round:
    quiz.begin(visit, EVALUATION, scores(n), length=length, load=load)
    return visit.round


def played(visit: quiz.Visit, side: str = "left") -> None:
    for number in range(len(visit.round.questions)):
        quiz.answer(visit, side, number=number)
        quiz.proceed(visit, number=number)


def test_nearly_colourless_photographs_are_not_asked_about_and_unknown_ones_are():
    table = scores(4).assign(colourfulness_truth=[0.0, 7.4, 7.6, float("nan")])
    assert list(quiz.askable(table)["file"]) == ["test/002.png", "test/003.png"]
    assert len(quiz.askable(table.drop(columns="colourfulness_truth"))) == 4


def test_order_and_sides_differ_from_visit_to_visit_and_repeat_with_a_seed():
    one, two = (begun(quiz.Visit()).questions for _ in range(2))
    assert one != two
    same = [begun(quiz.Visit(chance=random.Random(7))).questions for _ in range(2)]
    assert same[0] == same[1]


def test_the_photograph_is_as_often_left_as_right():
    asked = begun(quiz.Visit(chance=random.Random(0)), length=2000, n=2000).questions
    left = sum(question.photograph == "left" for question in asked)
    assert abs(left - 1000) < 100


def test_a_round_asks_each_picture_once_and_ends():
    visit = quiz.Visit()
    now = begun(visit, length=20)
    assert len({question.file for question in now.questions}) == 20
    played(visit)
    assert now.at == 20
    assert len(now.answers) == len(visit.answers) == 20
    assert all(one.fooled == (one.photograph == "right") for one in now.answers)


def test_a_key_pressed_twice_counts_once():
    visit = quiz.Visit()
    begun(visit)
    quiz.answer(visit, "left", number=0)
    quiz.answer(visit, "right", number=0)
    assert [one.answer for one in visit.answers] == ["left"]
    quiz.proceed(visit, number=0)
    quiz.proceed(visit, number=0)
    assert visit.round.at == 1


def test_pictures_whose_answer_is_known_come_last_and_do_not_count():
    visit = quiz.Visit()
    begun(visit, length=10, n=15)
    played(visit)
    again = begun(visit, length=10, n=15)
    assert [question.seen for question in again.questions] == [False] * 5 + [True] * 5
    played(visit)
    assert sum(one.counts for one in visit.answers) == 15


def test_another_evaluation_of_the_same_photographs_has_seen_pictures_too():
    visit = quiz.Visit()
    begun(visit, n=10)
    played(visit)
    assert len(quiz.seen(visit, "sample")) == 10
    assert not quiz.seen(visit, "pets")


def test_a_picture_that_cannot_be_shown_is_replaced_and_named():
    def load(evaluation, file):
        if file == "test/003.png":
            raise ValueError("the output is truncated")

    now = begun(quiz.Visit(), length=10, n=10, load=load)
    assert len(now.questions) == 9
    assert now.problems == ["test/003.png: the output is truncated"]


def test_a_folder_without_pictures_ends_the_search_early():
    def load(evaluation, file):
        opened.append(file)
        raise ValueError("the output is missing")

    opened = []
    now = begun(quiz.Visit(), n=10_000, load=load)
    assert (len(opened), now.questions) == (quiz.MOST_BROKEN, [])


def test_ending_early_keeps_the_answers_and_leaving_keeps_the_visit():
    visit = quiz.Visit()
    now = begun(visit)
    quiz.answer(visit, "left", number=0)
    quiz.end(visit)
    assert (now.at, len(now.answers), now.answer) == (10, 1, None)
    quiz.leave(visit)
    assert visit.round is None
    assert len(visit.answers) == 1


@pytest.mark.parametrize("n", [None, "many", [4]])
def test_a_summary_without_a_number_of_pictures_counts_as_none(n):
    assert quiz.pictures(SimpleNamespace(summary={"n": n})) == 0

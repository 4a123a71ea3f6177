"""Scores of test pictures -> rounds of the question "which is the photograph?", and the answers.

Knows no Streamlit and opens no files: `load` does that.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

SIDES = ("left", "right")
# Hasler and Suesstrunk (2003) call 0 "not colourful" and 15 "slightly colourful". A photograph that
# is nearer to 0 looks the same in grey, so nobody could tell it from an output.
COLOURLESS = 7.5
MOST_BROKEN = 50  # pictures that cannot be shown, before a round begins with fewer


class Question(NamedTuple):
    """photograph: its side; seen: whether the visitor has learned the answer before."""

    file: str
    photograph: str
    psnr: float
    psnr_grey: float
    seen: bool


class Answer(NamedTuple):
    """A row of the table that a visitor can download."""

    evaluation: str
    dataset: str
    file: str
    photograph: str
    answer: str
    fooled: bool
    counts: bool
    psnr: float
    psnr_grey: float


@dataclass
class Round:
    """Questions on one evaluation. at: the number of the current one; answer: to it, or None."""

    evaluation: Any
    length: int
    questions: list[Question]
    problems: list[str]
    at: int = 0
    answer: Answer | None = None
    answers: list[Answer] = field(default_factory=list)


@dataclass
class Visit:
    """All answers of one visitor; `chance` differs from visit to visit."""

    chance: random.Random = field(default_factory=random.Random)
    answers: list[Answer] = field(default_factory=list)
    round: Round | None = None


def askable(scores: pd.DataFrame) -> pd.DataFrame:
    """The rows of scores.csv, each file once, without the nearly colourless photographs."""
    scores = scores.assign(file=scores["file"].astype(str)).drop_duplicates("file")
    if "colourfulness_truth" not in scores:
        return scores
    return scores[~(scores["colourfulness_truth"] < COLOURLESS)]


def questions(scores: pd.DataFrame, *, chance: random.Random, seen: set[str]) -> list[Question]:
    """A question for each row of `askable`, in random order; files in `seen` come last."""
    grey = scores.get("psnr_grey", pd.Series(math.nan, index=scores.index))
    asked = [
        Question(file, chance.choice(SIDES), psnr, psnr_grey, file in seen)
        for file, psnr, psnr_grey in zip(scores["file"], scores["psnr"], grey, strict=True)
    ]
    chance.shuffle(asked)
    return sorted(asked, key=lambda question: question.seen)


def seen(visit: Visit, dataset: str) -> set[str]:
    """The files of a dataset whose answers the visitor has learned, from any evaluation."""
    return {answer.file for answer in visit.answers if answer.dataset == dataset}


def begin(
    visit: Visit, evaluation: Any, scores: pd.DataFrame, *, length: int, load: Callable
) -> None:
    """Begins a round of at most `length` pictures, unseen ones first.

    load: called with the evaluation and a file; raises ValueError if the picture cannot be shown,
    which leaves it out and adds the error's text to the round's `problems`.
    """
    known = seen(visit, dataset(evaluation))
    good: list[Question] = []
    problems: list[str] = []
    for question in questions(askable(scores), chance=visit.chance, seen=known):
        try:
            load(evaluation, question.file)
            good.append(question)
        except ValueError as error:
            problems.append(f"{question.file}: {error}")
        if len(good) == length or len(problems) == MOST_BROKEN:
            break
    visit.round = Round(evaluation, length, good, problems)


def answer(visit: Visit, side: str, *, number: int) -> None:
    """Answers question `number` with a side, once: a key pressed twice does not answer the next."""
    now = visit.round
    if now is None or now.answer or now.at != number:
        return
    question = now.questions[number]
    now.answer = Answer(
        evaluation=now.evaluation.label,
        dataset=dataset(now.evaluation),
        file=question.file,
        photograph=question.photograph,
        answer=side,
        fooled=side != question.photograph,
        counts=not question.seen,
        psnr=question.psnr,
        psnr_grey=question.psnr_grey,
    )
    now.answers.append(now.answer)
    visit.answers.append(now.answer)


def proceed(visit: Visit, *, number: int) -> None:
    """Goes on to the question after `number`, once."""
    if visit.round and visit.round.at == number:
        visit.round.at, visit.round.answer = number + 1, None


def end(visit: Visit) -> None:
    """Goes on to the summary of the answers given so far."""
    if visit.round:
        proceed(visit, number=visit.round.at)
        visit.round.at = len(visit.round.questions)


def leave(visit: Visit) -> None:
    """Goes back to the choice of a round; the answers stay."""
    visit.round = None


def dataset(evaluation: Any) -> str:
    return str(evaluation.summary.get("dataset"))


def pictures(evaluation: Any) -> int:
    """How many test pictures an evaluation has; 0 if its summary does not say."""
    n = evaluation.summary.get("n")
    return n if isinstance(n, int) else 0

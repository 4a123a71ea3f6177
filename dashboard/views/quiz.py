"""An evaluation's test pictures -> a blind quiz: which of the two is the photograph?

A visitor's answers stay in the session and on no disk.
"""

import functools
from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import credits, fooled, pictures, quiz, readers
from dashboard.page import ahead, chooser, download, notices
from dashboard.quiz import Visit
from dashboard.readers import Evaluation

LENGTHS = (10, 20)
WIDTH, HEIGHT = 900, 380  # pixels at most of the two pictures together
BARE = (
    "These have scores alone: test pictures that may not be published do not come with the project."
)


def page() -> None:
    st.title("Real or coloured?")
    visit = st.session_state.setdefault("quiz", Visit())
    now = visit.round
    if now is None:
        st.markdown(
            "Two pictures: a photograph that the network never saw, and what the network made of "
            "it without its colours. Can you tell them apart?"
        )
        show_settings(visit)
        return
    if now.problems and not now.at:
        problems = "\n".join(f"- {pictures.plain(problem)}" for problem in now.problems)
        st.warning(f"Left out of this round:\n{problems}")
    if now.at < len(now.questions):
        show_question(visit, now)
        ahead.load_plotly()
    else:
        show_summary(visit, now)


def show_settings(visit: Visit) -> None:
    """The choice of a round, and the fooled rates so far."""
    evaluations, problems = readers.evaluations()
    notices.left_out(problems)
    bare = [one for one in evaluations if not pictures.illustrated(one)]
    # Most pictures first: a few crops of one photograph give each other away
    illustrated = sorted(
        (one for one in evaluations if one not in bare), key=quiz.pictures, reverse=True
    )
    if illustrated:
        show_start(visit, illustrated)
    else:
        notices.no_evaluation("evaluation with pictures")
    if bare:
        with st.expander("Evaluations without pictures"):
            commands = "\n".join(f"- {one.label}: {one.remedy}" for one in bare)
            st.markdown(f"{BARE}\n\n{commands}")
    show_rates(visit)


def show_start(visit: Visit, evaluations: list[Evaluation]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        evaluation = chooser.one("Coloured by", evaluations, key="evaluation", width=360)
        length = st.segmented_control(
            "Pictures in a round",
            LENGTHS,
            default=LENGTHS[0],
            required=True,
            key="length",
            bind="query-params",
        )
    try:
        scores = readers.scores(evaluation)
    except (ValueError, OSError) as error:
        notices.broken(error)
        return
    n = len(quiz.askable(scores))
    if n < len(scores):
        st.caption(f"{len(scores) - n} nearly colourless photographs are left out.")
    if not n:
        st.info("This evaluation has no picture to ask about.")
        return
    if n < length:
        st.caption(f"It has {n} pictures to ask about, so a round has no more.")
    if quiz.dataset(evaluation) == "sample":
        st.caption(
            "All test pictures of the sample show one cat, so the first answer helps with the "
            "others. An evaluation on the gallery asks about 81 different scenes."
        )
    begin = functools.partial(quiz.begin, length=length, load=pictures.pair)
    enter("Start", begin, visit, evaluation, scores, key="start")


def enter(label: str, act: Callable, *arguments: Any, key: str) -> None:
    """The main button of the page, which the key Enter presses too."""
    st.button(label, key=key, type="primary", shortcut="Enter", on_click=act, args=arguments)


def show_rates(visit: Visit) -> None:
    """The fooled rates of this visit beside the published ones."""
    rates = fooled.rates(visit.answers)
    if not rates:
        return
    st.subheader("Fooled rate of this visit")
    st.markdown(
        "How often the coloured picture was taken for the photograph. At 50 %, the thin line, "
        "nobody can tell them apart; above it, the coloured ones look more real than the real ones."
    )
    lines = [f"**{label}**: {fooled.words(*rate)}" for label, rate in rates.items()]
    lines += [f"**CIC, 2016**: {fooled.CIC} ± {fooled.CIC_ERROR} %", "**by chance**: 50 %"]
    st.markdown("\n".join(f"- {line}" for line in lines))
    st.plotly_chart(
        fooled.chart(rates),
        key="rates",
        width=WIDTH,
        alt=f"Fooled rates. {'. '.join(lines)}.".replace("*", ""),
        config={"displayModeBar": False, "staticPlot": True},
    )
    st.caption(fooled.ABOUT)


def show_question(visit: Visit, now: quiz.Round) -> None:
    question, number = now.questions[now.at], now.at
    show_progress(visit, now)
    try:
        truth, output = pictures.pair(now.evaluation, question.file)
    except ValueError as error:
        st.warning(f"{pictures.plain(question.file)} is left out: {error}.")
        show_next(visit, number)
        return
    left = question.photograph == "left"
    row = (truth, output) if left else (output, truth)
    # One file for both: neither a name nor a size shows which picture is the photograph
    both = pictures.side_by_side(*row, gap=truth.width // 24 + 1)
    names = ("photograph", "coloured") if left else ("coloured", "photograph")
    alt = "Two pictures side by side, one of them the photograph"
    if now.answer:
        alt = f"{question.file}: left {names[0]}, right {names[1]}"
    st.markdown("**Which of the two is the photograph?**")
    width = min(WIDTH, HEIGHT * both.width // both.height)
    st.image(both, alt=alt, width=width)
    with st.container(horizontal=True, width=width):
        for side, name in zip(quiz.SIDES, names, strict=True):
            if now.answer:
                st.markdown(f"**{name}**", text_alignment="center", width="stretch")
            else:
                show_side(visit, side, number)
    if now.answer:
        show_answer(visit, now.evaluation, now.answer, number)


def show_progress(visit: Visit, now: quiz.Round) -> None:
    with st.container(horizontal=True, vertical_alignment="center", width=WIDTH):
        score = f" · fooled {sum(one.fooled for one in now.answers)} of {len(now.answers)}"
        st.markdown(
            f"Picture {now.at + 1} of {len(now.questions)}" + (score if now.answers else ""),
            width="stretch",
        )
        st.button("End the round", key="end", on_click=quiz.end, args=(visit,), type="tertiary")


def show_side(visit: Visit, side: str, number: int) -> None:
    st.button(
        side.capitalize(),
        key=side,
        shortcut=side.capitalize(),
        width="stretch",
        on_click=quiz.answer,
        args=(visit, side),
        kwargs={"number": number},
    )


def show_answer(visit: Visit, evaluation: Evaluation, given: quiz.Answer, number: int) -> None:
    """Whether the answer was right, the scores of the picture, and whose photograph it is."""
    with st.container(horizontal=True, vertical_alignment="center", width=WIDTH):
        if given.fooled:
            st.warning(
                f"Fooled: you took the coloured one. The photograph is the {given.photograph} one.",
                icon=":material/close:",
            )
        else:
            st.success(
                f"Correct: the photograph is the {given.photograph} one.", icon=":material/check:"
            )
        show_next(visit, number)
    st.markdown(
        f"{pictures.plain(given.file)}, coloured by {given.evaluation}: "
        f"PSNR {fooled.decibels(given.psnr)}; left grey {fooled.decibels(given.psnr_grey)}"
    )
    credits.show(given.file, evaluation)
    if not given.counts:
        st.caption("You knew the answer to this photograph already, so yours does not count.")


def show_next(visit: Visit, number: int) -> None:
    enter("Next", functools.partial(quiz.proceed, number=number), visit, key="next")


def show_summary(visit: Visit, now: quiz.Round) -> None:
    """The answers of a round, and the fooled rates of the visit."""
    st.subheader(f"Round on {now.evaluation.label}")
    if now.answers:
        n = len(now.answers)
        st.markdown(f"Fooled in {sum(answer.fooled for answer in now.answers)} of {n} answers.")
        decibels = st.column_config.NumberColumn(format="%.2f dB")
        st.dataframe(
            fooled.table(now.answers),
            hide_index=True,
            column_config={"PSNR": decibels, "PSNR of grey": decibels},
            alt="The answers of the round",
        )
    else:
        st.info("Nothing was answered in this round.")
    with st.container(horizontal=True):
        enter("Start again", quiz.leave, visit, key="again")
        if now.answers:
            download.button(
                "Download answers (CSV)",
                pd.DataFrame(now.answers).to_csv(index=False),
                file_name=f"answers-{now.evaluation.key}.csv",
                key="download",
            )
    show_rates(visit)


page()

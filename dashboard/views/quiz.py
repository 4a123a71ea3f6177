"""An evaluation's test pictures -> a blind quiz: which of the two is the photograph?

A visit's answers stay in its session and on no disk.
"""

import pandas as pd
import streamlit as st

from dashboard import fooled, pictures, quiz, readers

LENGTHS = (10, 20)
WIDTH, HEIGHT = 900, 380  # pixels at most of the two pictures together
BARE = (
    "These have scores alone: test pictures that may not be published do not come with the "
    "project. What makes them here:"
)


def code(text: str) -> str:
    """A file's name as code, so that nothing in it acts as Markdown."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def show_rates() -> None:
    """The fooled rates of this visit beside the published ones."""
    rates = fooled.rates(visit.answers)
    if not rates:
        return
    st.subheader("Fooled rate of this visit")
    st.markdown(
        "How often the coloured picture was taken for the photograph. At 50 %, the thin line, "
        "nobody can tell them apart; above it, the coloured ones look more real than the real ones."
    )
    told = [f"**{label}**: {fooled.words(*rate)}" for label, rate in rates.items()]
    told += [f"**CIC, 2016**: {fooled.CIC} ± {fooled.CIC_ERROR} %", "**by chance**: 50 %"]
    st.markdown("\n".join(f"- {line}" for line in told))
    st.plotly_chart(
        fooled.chart(rates),
        key="rates",
        width=WIDTH,
        alt=f"Fooled rates. {'. '.join(told)}.".replace("*", ""),
        config={"displayModeBar": False, "staticPlot": True},
    )
    st.caption(fooled.ABOUT)


def show_settings() -> None:
    evaluations, problems = readers.evaluations()
    if problems:
        st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
    bare = [one for one in evaluations if not pictures.illustrated(one)]
    evaluations = [one for one in evaluations if one not in bare]
    # Most pictures first: in a round of few crops of one photograph the first answer tells the rest
    evaluations.sort(key=quiz.pictures, reverse=True)
    if not evaluations:
        st.info(
            "There is no evaluation with pictures yet: `make demo` makes three in minutes, "
            "`dvc repro` those of the published runs."
        )
    else:
        show_start({one.name: one for one in evaluations})
    if bare:
        calls = "\n".join(f"- {one.label}: `dvc repro evaluate@{one.folder.name}`" for one in bare)
        with st.expander("Evaluations without pictures"):
            st.markdown(f"{BARE}\n\n{calls}")
    show_rates()


def show_start(by_name: dict[str, readers.Evaluation]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Coloured by",
            list(by_name),
            format_func=lambda name: by_name[name].label,
            key="evaluation",
            bind="query-params",
            width=360,
        )
        length = st.segmented_control(
            "Pictures in a round",
            LENGTHS,
            default=LENGTHS[0],
            required=True,
            key="length",
            bind="query-params",
        )
    evaluation = by_name[name]
    try:
        scores = readers.scores(evaluation)
    except (ValueError, OSError) as error:
        st.warning(readers.sentence(error))
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
            "The sample's test pictures show one cat, so the first answer tells much of the "
            "others. `dvc repro evaluate@beta-siamese-60` makes a test of 30 cats."
        )
    st.button(
        "Start",
        key="start",
        type="primary",
        shortcut="Enter",
        on_click=quiz.begin,
        args=(visit, evaluation, scores),
        kwargs={"length": length, "load": pictures.twins},
    )


def show_question(now: quiz.Round) -> None:
    question, number = now.questions[now.at], now.at
    with st.container(horizontal=True, vertical_alignment="center", width=WIDTH):
        score = f" · fooled {sum(one.fooled for one in now.answers)} of {len(now.answers)}"
        st.markdown(
            f"Picture {number + 1} of {len(now.questions)}" + (score if now.answers else ""),
            width="stretch",
        )
        st.button("End the round", key="end", on_click=quiz.end, args=(visit,), type="tertiary")
    try:
        truth, output = pictures.twins(now.evaluation, question.file)
    except ValueError as error:
        st.warning(f"{code(question.file)} is left out: {error}.")
        show_next(number)
        return
    left = question.photograph == "left"
    both = pictures.side_by_side(*(truth, output) if left else (output, truth))
    names = ("photograph", "coloured") if left else ("coloured", "photograph")
    alt = "Two pictures side by side, one of them the photograph"
    if now.told:
        alt = f"{question.file}: left {names[0]}, right {names[1]}"
    st.markdown("**Which of the two is the photograph?**")
    width = min(WIDTH, HEIGHT * both.width // both.height)
    st.image(both, alt=alt, width=width)
    with st.container(horizontal=True, width=width):
        for side, name in zip(quiz.SIDES, names, strict=True):
            if now.told:
                st.markdown(f"**{name}**", text_alignment="center", width="stretch")
            else:
                show_side(side, number)
    if now.told:
        show_told(now.told, number)


def show_side(side: str, number: int) -> None:
    st.button(
        side.capitalize(),
        key=side,
        shortcut=side.capitalize(),
        width="stretch",
        on_click=quiz.answer,
        args=(visit, side),
        kwargs={"number": number},
    )


def show_told(told: quiz.Answer, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", width=WIDTH):
        if told.fooled:
            st.warning(
                f"Fooled: you took the coloured one. The photograph is the {told.photograph} one.",
                icon=":material/close:",
            )
        else:
            st.success(
                f"Correct: the photograph is the {told.photograph} one.", icon=":material/check:"
            )
        show_next(number)
    st.markdown(
        f"{code(told.file)}, coloured by {told.evaluation}: PSNR {fooled.decibels(told.psnr)}; "
        f"left grey {fooled.decibels(told.psnr_grey)}"
    )
    if not told.counts:
        st.caption("You were told about this photograph before, so the answer does not count.")


def show_next(number: int) -> None:
    st.button(
        "Next",
        key="next",
        type="primary",
        shortcut="Enter",
        on_click=quiz.proceed,
        args=(visit,),
        kwargs={"number": number},
    )


def show_summary(now: quiz.Round) -> None:
    st.subheader(f"Round on {now.evaluation.label}")
    if not now.answers:
        st.info("Nothing was answered in this round.")
    else:
        n = len(now.answers)
        st.markdown(f"Fooled in {sum(answer.fooled for answer in now.answers)} of {n} answers.")
        decibels_of = st.column_config.NumberColumn(format="%.2f dB")
        st.dataframe(
            fooled.table(now.answers),
            hide_index=True,
            column_config={"PSNR": decibels_of, "PSNR of grey": decibels_of},
            alt="The answers of the round",
        )
    with st.container(horizontal=True):
        st.button(
            "Start again",
            key="again",
            type="primary",
            shortcut="Enter",
            on_click=quiz.leave,
            args=(visit,),
        )
        if now.answers:
            st.download_button(
                "Download answers (CSV)",
                data=pd.DataFrame(now.answers).to_csv(index=False),
                file_name=f"answers-{now.evaluation.folder.name}.csv",
                mime="text/csv",
                key="download",
                on_click="ignore",
                icon=":material/download:",
            )
    show_rates()


st.title("Real or coloured?")
visit = st.session_state.setdefault("quiz", quiz.Visit())
now = visit.round
if now is None:
    st.markdown(
        "Two pictures: a photograph that the network never saw, and what it made of it without its "
        "colours. Can you tell them apart?"
    )
if now and now.problems and not now.at:
    problems = "\n".join(f"- {code(problem)}" for problem in now.problems)
    st.warning(f"Left out of this round:\n{problems}")
if now is None:
    show_settings()
elif now.at < len(now.questions):
    show_question(now)
else:
    show_summary(now)

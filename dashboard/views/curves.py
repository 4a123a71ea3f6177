"""runs/ -> loss curves, a table of runs, their pictures through the epochs; follows a training."""

import time

import streamlit as st

from dashboard import brush, chart, epochs, leaderboard, readers
from dashboard.page import address, download, notices
from dashboard.readers import Run

AT_FIRST = 8  # runs that are drawn when none is chosen: as many as there are colours
LOSS = "%.5f"
REDRAW = 10  # seconds: a new chart loses the rectangle that a visitor is drawing over the old one


def page() -> None:
    st.title("Curves")
    st.markdown(
        "How each run's loss falls, epoch by epoch, beside the loss of leaving the picture grey. "
        "The page follows a training by itself."
    )
    runs, problems = readers.runs()
    training = any(run.state == "training" for run in runs)
    st.fragment(follow, run_every=2 if training else 5)(runs, problems, time.monotonic())
    notices.left_out(problems)
    if not runs:
        notices.no_run()
        return

    drawing = st.container()
    st.subheader("Runs")
    st.caption("Chosen rows are drawn. Shaded: parameters that differ from what most runs have.")
    chosen = choose(runs)
    with drawing:
        show_chart(chosen)
    brush.show(runs, chosen)
    st.subheader("Through the epochs")
    epochs.show(chosen)


def follow(runs: list[Run], problems: list[str], drawn: float) -> None:
    """Shows progress, and runs the page again when runs begin, end, vanish or have gone on.

    runs, problems: what the page has read; drawn: when, as `time.monotonic` says.
    """
    age = time.monotonic() - drawn
    now, broken = (runs, problems) if age < 1 else readers.runs()
    show_progress(now)
    if [(run.name, run.state) for run in now] != [(run.name, run.state) for run in runs]:
        st.rerun()
    if broken != problems:
        st.rerun()
    if age > REDRAW and [run.stamp for run in now] != [run.stamp for run in runs]:
        st.rerun()


def show_progress(runs: list[Run]) -> None:
    """A bar for each run in training, a sentence for each one that stopped."""
    for run in runs:
        done, epochs = len(run.history), run.params["train"].get("epochs")
        if run.state == "training":
            text = f"{run.label}: epoch {done} of {epochs}"
            if (left := leaderboard.seconds_left(run)) is not None:
                speed = run.times["pictures_per_s"].iloc[-1]
                text += f", {speed:.1f} pictures/s, {left / 60:.0f} min left"
            st.progress(min(done / epochs, 1.0) if epochs else 0.0, text=text)
        elif run.state == "stopped":
            st.warning(
                f"{run.label} stopped after {done} of {epochs} epochs: no file has changed for a "
                "while. The command that started it continues from there."
            )


def choose(runs: list[Run]) -> list[Run]:
    """The table of all runs. Returns those whose rows are chosen, or else the newest."""
    table = leaderboard.table(runs)
    names = [run.name for run in runs]
    asked = st.query_params.get_all("runs")
    rows = st.dataframe(
        leaderboard.marked(table),
        hide_index=True,
        placeholder="–",
        # Rows are chosen by their numbers, so other runs need another table; so does a choice that
        # was made elsewhere, as a table takes one only at its beginning
        key=f"runs-{hash(tuple(names))}-{st.session_state.get('brushed', 0)}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [place for place, name in enumerate(names) if name in asked]}
        },
        column_config=columns(),
        alt="Runs with their epochs, losses, speed and the parameters that differ",
    )["selection"]["rows"]
    chosen = [runs[row] for row in rows if row < len(runs)]
    address.put("runs", [run.name for run in chosen])
    download.button("Download table", lambda: table.to_csv(index=False), file_name="runs.csv")
    if not chosen and len(runs) > AT_FIRST:
        st.caption(f"Drawn: the {AT_FIRST} newest. Choose rows to draw others.")
    newest = newest_first(runs)[:AT_FIRST]
    return chosen or [run for run in runs if run in newest]


def columns() -> dict:
    """Titles, formats and explanations of the table of runs."""
    number = st.column_config.NumberColumn
    return {
        "Run": st.column_config.TextColumn(pinned=True),
        "Last": number("Last val_loss", format=LOSS),
        "Best": number("Best val_loss", format=LOSS),
        "Grey": number("Grey val_loss", format=LOSS, help="The loss of leaving the pictures grey."),
        "Below grey": number(
            format="%.0f %%", help="How much lower the best loss is than that of grey."
        ),
        "Training": number("Last loss", format=LOSS),
        "Published": number(
            "Published loss",
            format="%.4f",
            help="Training loss after 1000 epochs, padding included (loss_over: square).",
        ),
        "Pictures/s": number(
            format="%.1f", help="Median over the epochs, on the machine that trained."
        ),
        "Minutes": number(format="%.1f", help="Of training; empty where no time was noted."),
    }


def newest_first(runs: list[Run]) -> list[Run]:
    """The runs in training, then the others, the last written first."""
    return sorted(runs, key=lambda run: (run.state != "training", -max(run.stamp)[0]))


def show_chart(runs: list[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        over = st.segmented_control(
            "Along",
            ["epochs", "minutes"],
            default="epochs",
            required=True,
            key="over",
            bind="query-params",
            on_change=address.put,
            args=("zoom", None),
        )
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing", bind="query-params", width=200
        )
        log = st.toggle("Logarithmic loss", value=True, key="log", bind="query-params")
        lines = st.toggle("Published loss", value=False, key="published", bind="query-params")
        if ranges := zoomed():
            st.button(
                "Whole curves",
                on_click=address.put,
                args=("zoom", None),
                icon=":material/zoom_out:",
            )
    runs = [run for run in runs if len(run.history)]
    if over == "minutes":
        runs = timed(runs)
    if not runs:
        st.info("No epoch is done yet: the curves begin with the first.")
        return
    st.plotly_chart(
        chart.draw(runs, log=log, over=over, smoothing=smoothing, lines=lines, ranges=ranges),
        key="curves",
        alt=f"Loss over {over} of " + ", ".join(run.label for run in runs),
        config={"displaylogo": False},
        on_select=zoom,
        selection_mode="box",
    )
    st.caption(
        "Thick: validation. Thin: training. Dashed: the loss of grey in validation, or its mean in "
        "a training without validation. "
        "Draw a rectangle to enlarge that part; it stays while a run trains, and in the address."
    )
    if lines:
        st.caption(
            "Published is the training loss after 1000 epochs with the padding included "
            "(`loss_over: square`), which makes it lower than one over the picture alone."
        )


def timed(runs: list[Run]) -> list[Run]:
    """The runs whose minutes are known; names the others."""
    if untimed := [run.label for run in runs if run.times.empty]:
        st.caption(f"Without noted minutes, so not drawn: {', '.join(untimed)}.")
    return [run for run in runs if not run.times.empty]


def zoomed() -> dict | None:
    """The part of the chart that the address bar asks for; None for all of it."""
    try:
        left, right, low, high = map(float, st.query_params.get_all("zoom"))
    except ValueError:
        return None
    return {"x": [left, right], "y": [low, high]}


def zoom() -> None:
    """Keeps the rectangle that was drawn over the chart in the address bar."""
    boxes = st.session_state["curves"]["selection"]["box"]
    if boxes:
        x, y = sorted(boxes[0]["x"]), sorted(boxes[0]["y"])
        address.put("zoom", [f"{value:.6g}" for value in (*x, *y)])


page()

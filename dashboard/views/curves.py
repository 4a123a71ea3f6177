"""runs/ -> loss curves, a table of runs, their pictures through the epochs; follows a training."""

import time

import streamlit as st

from dashboard import chart, leaderboard, readers

AT_FIRST = 8  # runs that are drawn when none is chosen: as many as there are colours
PREVIEW = 114  # pixels of width
LOSS = "%.5f"
REDRAW = 10  # seconds: a rectangle that is being drawn over the chart is lost with the old chart


def query(key: str) -> list[str]:
    return st.query_params.get_all(key)


def put(key: str, values: list[str]) -> None:
    """Into the address bar, where a view can be copied from."""
    if values:
        st.query_params[key] = values
    else:
        st.query_params.pop(key, None)


def newest_first(runs: list[readers.Run]) -> list[readers.Run]:
    """Those that train, then by when something of them was last written."""
    return sorted(runs, key=lambda run: (run.state != "training", -max(run.stamp)[0]))


def choose(runs: list[readers.Run]) -> list[readers.Run]:
    """The table of all runs; answers those whose rows are chosen, or the newest."""
    names = [run.name for run in runs]
    rows = [place for place, name in enumerate(names) if name in query("runs")]
    table = leaderboard.table(runs)
    chosen = st.dataframe(
        leaderboard.marked(table),
        hide_index=True,
        placeholder="–",
        # Rows are chosen by place: another list of runs is another table
        key=f"runs-{hash(tuple(names))}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows}},
        column_config={
            "Run": st.column_config.TextColumn(pinned=True),
            "Last": st.column_config.NumberColumn("Last val_loss", format=LOSS),
            "Best": st.column_config.NumberColumn("Best val_loss", format=LOSS),
            "Grey": st.column_config.NumberColumn(
                "Grey val_loss", format=LOSS, help="The loss of leaving the pictures grey."
            ),
            "Below grey": st.column_config.NumberColumn(
                format="%.0f %%", help="How much less the best loss is than grey's."
            ),
            "Training": st.column_config.NumberColumn("Last loss", format=LOSS),
            "Published": st.column_config.NumberColumn(
                "Published loss",
                format="%.4f",
                help="Training loss after 1000 epochs, the padding counted (loss_over: square).",
            ),
            "Pictures/s": st.column_config.NumberColumn(
                format="%.1f", help="Median over the epochs, on the machine that trained."
            ),
            "Minutes": st.column_config.NumberColumn(
                format="%.1f", help="Of training; empty where they were not noted."
            ),
        },
        alt="Runs with their epochs, losses, speed and the parameters that differ",
    )["selection"]["rows"]
    put("runs", [names[place] for place in chosen if place < len(names)])
    st.download_button(
        "Download table",
        data=lambda: table.to_csv(index=False),
        file_name="runs.csv",
        mime="text/csv",
        on_click="ignore",
        icon=":material/download:",
    )
    picked = [runs[place] for place in chosen if place < len(runs)]
    if not picked and len(runs) > AT_FIRST:
        st.caption(f"Drawn: the {AT_FIRST} newest. Choose rows to draw others.")
    newest = newest_first(runs)[:AT_FIRST]
    return picked or [run for run in runs if run in newest]


def zoomed() -> dict | None:
    """The part of the chart that the address bar asks for."""
    try:
        left, right, low, high = map(float, query("zoom"))
    except ValueError:
        return None
    return {"x": [left, right], "y": [low, high]}


def zoom() -> None:
    """Keeps the rectangle that was drawn over the chart in the address bar."""
    boxes = st.session_state["curves"]["selection"]["box"]
    if boxes:
        x, y = sorted(boxes[0]["x"]), sorted(boxes[0]["y"])
        put("zoom", [f"{value:.6g}" for value in (*x, *y)])


def show_chart(runs: list[readers.Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        over = st.segmented_control(
            "Along",
            ["epochs", "minutes"],
            default="epochs",
            required=True,
            key="over",
            bind="query-params",
            on_change=put,
            args=("zoom", []),
        )
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing", bind="query-params", width=200
        )
        log = st.toggle("Logarithmic loss", value=True, key="log", bind="query-params")
        lines = st.toggle("Published loss", value=False, key="published", bind="query-params")
        if ranges := zoomed():
            st.button("Whole curves", on_click=put, args=("zoom", []), icon=":material/zoom_out:")
    runs = [run for run in runs if len(run.history)]
    if over == "minutes":
        if untimed := [run.label for run in runs if run.times.empty]:
            st.caption(f"Without noted minutes, so not drawn: {', '.join(untimed)}.")
        runs = [run for run in runs if not run.times.empty]
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
        "Thick: validation. Thin: training. Dashed: validation loss of grey. "
        "Draw a rectangle to enlarge that part; it stays while a run trains, and in the address."
    )
    if lines:
        st.caption(
            "Published is the training loss after 1000 epochs with the padding counted "
            "(`loss_over: square`), which makes it smaller than one over the picture alone."
        )


def show_progress(runs: list[readers.Run]) -> None:
    """A bar for each run that trains, a sentence for each that stopped."""
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
                f"{run.label} stopped after {done} of {epochs} epochs: nothing was written for a "
                "while. The command that started it goes on from there."
            )


def show_epochs(run: readers.Run) -> None:
    """The run's validation pictures at one epoch, each between its grey and the photograph."""
    pictures = readers.previews(run)
    epochs = sorted({epoch for files in pictures.values() for epoch in files})
    key = f"epoch-{run.name}"
    # A reader who looks at the newest follows the training; another one keeps the epoch
    if st.session_state.get(key) in (None, st.session_state.get(f"newest-{run.name}")):
        st.session_state[key] = epochs[-1]
    st.session_state[f"newest-{run.name}"] = epochs[-1]
    epoch = epochs[0]
    if len(epochs) > 1:
        epoch = st.select_slider("Epoch", epochs, key=key)
    folder = run.folder / "previews"
    with st.container(horizontal=True, gap="large"):
        for name, files in pictures.items():
            shown = max((at for at in files if at <= epoch), default=min(files))
            with st.container(horizontal=True, gap="small", width="content"):
                for caption, file in {
                    "grey": folder / f"grey_{name}.jpg",
                    f"epoch {shown}": files[shown],
                    "photograph": folder / f"truth_{name}.jpg",
                }.items():
                    if readers.opens(file):
                        alt = f"{name}, {caption}"
                        st.image(str(file), caption=caption, alt=alt, width=PREVIEW)
                    else:
                        st.warning(f"{caption}: missing or broken", width=PREVIEW)


st.title("Curves")
st.markdown(
    "How each run's loss falls, epoch by epoch, beside the loss of leaving the picture grey. "
    "The page follows a training by itself."
)

runs, problems = readers.runs()
drawn = time.monotonic()


@st.fragment(run_every=2 if any(run.state == "training" for run in runs) else 5)
def follow() -> None:
    """Progress at once; the page anew when runs come, end or go, or have moved on for a while."""
    fresh = time.monotonic() - drawn < 1  # the page itself has just read them
    now, broken = (runs, problems) if fresh else readers.runs()
    show_progress(now)
    known = [(run.name, run.state) for run in now], broken
    if known != ([(run.name, run.state) for run in runs], problems):
        st.rerun()
    moved = [run.stamp for run in now] != [run.stamp for run in runs]
    if moved and time.monotonic() - drawn > REDRAW:
        st.rerun()


follow()
if problems:
    st.warning("Left out here:\n" + "\n".join(f"- {problem}" for problem in problems))
if not runs:
    st.info(
        "There is no run yet: `make demo` trains three small ones in minutes, "
        "`dvc repro` the published ones."
    )
    st.stop()

drawing = st.container()
st.subheader("Runs")
st.caption("Chosen rows are drawn. Shaded: parameters that differ from what most runs have.")
chosen = choose(runs)
with drawing:
    show_chart(chosen)

st.subheader("Through the epochs")
by_name = {run.name: run for run in chosen}
with_previews = [name for name, run in by_name.items() if readers.previews(run)]
if with_previews:
    name = st.selectbox(
        "Run", with_previews, format_func=lambda name: by_name[name].label, key="previewed"
    )
    st.fragment(show_epochs)(by_name[name])
else:
    st.info("The chosen runs have no previews yet: training leaves some every so many epochs.")

"""Validation pictures of runs through the epochs, those of several runs side by side.

One slider moves all of them. A run without a picture of that epoch shows the nearest earlier one.
"""

from collections import Counter
from pathlib import Path

import streamlit as st

from dashboard import pictures, readers
from dashboard.readers import Run

MOST = 8  # runs side by side
WIDTH = 108  # pixels of a picture: grey, eight runs and the photograph fill a row at 1,400 pixels
Stored = dict[str, dict[int, Path]]  # picture name -> epoch -> JPEG, as `readers.previews`


def show(runs: list[Run]) -> None:
    """The pictures of runs, with the choice of the dataset and of the pictures where there is one.

    Only runs on one dataset stand side by side: others have other pictures.
    """
    stored = {run.name: found for run in runs if (found := readers.previews(run))}
    groups = by_dataset([run for run in runs if run.name in stored])
    if not groups:
        st.info(
            "The chosen runs have no previews: training writes some every few epochs, and shipped "
            "runs come without."
        )
        return
    dataset = next(iter(groups))
    if len(groups) > 1:
        dataset = st.selectbox(
            "Pictures of", list(groups), format_func=lambda name: titled(name, groups[name])
        )
    beside = groups[dataset][:MOST]
    if len(groups[dataset]) > MOST:
        st.caption(f"Shown: the first {MOST} of {len(groups[dataset])} runs on {dataset}.")
    names = common([stored[run.name] for run in beside])
    chosen = choose_pictures(dataset, names, several=len(beside) > 1)
    st.fragment(show_epoch)(beside, stored, [name for name in names if name in chosen])


def by_dataset(runs: list[Run]) -> dict[str, list[Run]]:
    """Dataset -> its runs; the dataset with the most runs comes first."""
    counts = Counter(str(run.params["train"].get("dataset")) for run in runs)
    groups: dict[str, list[Run]] = {dataset: [] for dataset, _ in counts.most_common()}
    for run in runs:
        groups[str(run.params["train"].get("dataset"))].append(run)
    return groups


def titled(dataset: str, runs: list[Run]) -> str:
    return f"{dataset}: {', '.join(run.label for run in runs)}"


def common(stored: list[Stored]) -> list[str]:
    """The names of all pictures, those that most runs have first; equal ones by name."""
    counts = Counter(name for pictures_ in stored for name in pictures_)
    return sorted(counts, key=lambda name: (-counts[name], name))


def nearest(epochs: dict[int, Path], epoch: int) -> int:
    """The epoch of the nearest picture that is not later; the first one's if all are later."""
    return max((at for at in epochs if at <= epoch), default=min(epochs))


def choose_pictures(dataset: str, names: list[str], *, several: bool) -> list[str]:
    """The pictures to show: at first all of one run, or one of several runs."""
    if len(names) == 1:
        return names
    chosen = st.pills(
        "Pictures",
        names,
        selection_mode="multi",
        default=names[:1] if several else names,
        key=f"previewed-{dataset}-{several}",
    )
    return chosen or names[:1]


def show_epoch(runs: list[Run], stored: dict[str, Stored], names: list[str]) -> None:
    """The slider, and a row for each picture: its grey, the runs' colours, the photograph."""
    all_epochs = {at for run in runs for found in stored[run.name].values() for at in found}
    epoch = choose_epoch(sorted(all_epochs))
    earlier = False
    with st.container(horizontal=True, gap="large"):
        for name in names:
            having = [run for run in runs if name in stored[run.name]]
            earlier |= any(nearest(stored[run.name][name], epoch) != epoch for run in having)
            with st.container(horizontal=True, gap="small", width="content"):
                show_row(having, stored, name, epoch)
    if earlier:
        st.caption(
            f"A run without a picture of epoch {epoch} shows its nearest earlier one, or else its "
            "first; the epoch stands below."
        )


def show_row(runs: list[Run], stored: dict[str, Stored], name: str, epoch: int) -> None:
    """One picture in the colours of each run, between its grey and the photograph."""
    folder = runs[0].folder / "previews"
    row = [("grey", folder / f"grey_{name}.jpg")]
    for run in runs:
        at = nearest(stored[run.name][name], epoch)
        label = f"{run.label}, " if len(runs) > 1 else ""
        row.append((f"{label}epoch {at}", stored[run.name][name][at]))
    row.append(("photograph", folder / f"truth_{name}.jpg"))
    for caption, file in row:
        pictures.show(file, of=name, caption=caption, width=WIDTH)


def choose_epoch(epochs: list[int]) -> int:
    """The epoch that the visitor chooses; the newest one, also while a run trains, until then.

    The choice stays while other runs are chosen, as far as these have such an epoch.
    """
    chosen, newest = st.session_state.get("epoch"), st.session_state.get("newest-epoch")
    if chosen in (None, newest):
        chosen = epochs[-1]
    st.session_state["newest-epoch"] = epochs[-1]
    st.session_state["epoch"] = nearest(dict.fromkeys(epochs), chosen)
    return st.select_slider("Epoch", epochs, key="epoch") if len(epochs) > 1 else epochs[0]

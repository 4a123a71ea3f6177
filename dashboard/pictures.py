"""The pictures of evaluations: which there are, one on the page, and several side by side."""

import os
from collections import defaultdict
from pathlib import Path

import streamlit as st
from PIL import Image

from colornet.images import photo
from dashboard import files
from dashboard.page import encoding, notices
from dashboard.readers import Evaluation

KINDS = {"input": "grey input", "output": "output", "truth": "photograph"}


def plain(name: str) -> str:
    """A file's name as code, so that nothing in it acts as Markdown."""
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


def show(picture: Path, *, of: str, caption: str, width: int) -> None:
    """A picture with its caption, or a warning if its file is missing or broken.

    of: the name of what it shows; width: in pixels.
    """
    if files.opens(picture):
        alt = f"{of}, {caption.replace('*', '')}"
        st.image(str(picture), caption=caption, alt=alt, width=width)
    else:
        notices.no_picture(caption, width=width)


def enlarged(file: Path, *, width: int) -> bytes:
    """A picture made this many pixels wide, as JPEG; raises OSError if it is broken."""
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    height = round(width * picture.height / picture.width)
    large = picture.resize((width, height), Image.Resampling.BICUBIC)
    return encoding.jpeg(large, quality=95, subsampling=0)


def illustrated(evaluation: Evaluation) -> bool:
    """Whether it has any pictures; each is opened only when a page shows it."""
    try:
        with os.scandir(evaluation.folder / "pictures") as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def by_dataset(evaluations: list[Evaluation]) -> dict[str, list[Evaluation]]:
    """Dataset -> its evaluations, those with pictures first.

    The dataset with the most evaluations that have pictures comes first.
    """
    groups = defaultdict(list)
    for evaluation in evaluations:
        dataset = evaluation.summary.get("dataset")
        groups[dataset if isinstance(dataset, str) else "not named"].append(evaluation)
    most = sorted(groups, key=lambda name: (-sum(map(illustrated, groups[name])), name))
    return {name: sorted(groups[name], key=illustrated, reverse=True) for name in most}


def pair(evaluation: Evaluation, file: str) -> tuple[Image.Image, Image.Image]:
    """Photograph and output, both RGB and of one size.

    Raises ValueError, with words that fit after "file: ", if there is no such pair.
    """
    both = []
    for kind in ("truth", "output"):
        try:
            both.append(photo.read(evaluation.picture(file, kind)))
        except photo.PhotoError as error:
            raise ValueError(f"the {KINDS[kind]} {error}") from None
        except (OSError, ValueError):
            raise ValueError(f"the {KINDS[kind]} is missing or cannot be read") from None
    if both[0].size != both[1].size:
        raise ValueError("the photograph and the output differ in size")
    return both[0], both[1]


def side_by_side(*row: Image.Image, gap: int) -> Image.Image:
    """RGB pictures of one height in one of mode RGBA, with transparent gaps; gap: in pixels."""
    width = sum(picture.width + gap for picture in row) - gap
    whole, left = Image.new("RGBA", (width, row[0].height)), 0
    for picture in row:
        whole.paste(picture, (left, 0))
        left += picture.width + gap
    return whole

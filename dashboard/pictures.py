"""Which evaluations have pictures, and a photograph with its coloured twin out of one."""

import os
from collections import defaultdict

from PIL import Image

from colornet.images import photo
from dashboard.readers import Evaluation


def plain(name: str) -> str:
    """A file's name as code, so that nothing in it acts as Markdown."""
    return f"`{' '.join(name.replace('`', chr(39)).split())}`"


def illustrated(evaluation: Evaluation) -> bool:
    """Whether it has pictures at all; whether one opens is asked when it is to be shown."""
    try:
        with os.scandir(evaluation.folder / "pictures") as entries:
            return next(entries, None) is not None
    except OSError:
        return False


def by_dataset(evaluations: list[Evaluation]) -> dict[str, list[Evaluation]]:
    """Data set -> its evaluations, those with pictures first, as is the data set with most."""
    groups = defaultdict(list)
    for evaluation in evaluations:
        dataset = evaluation.summary.get("dataset")
        groups[dataset if isinstance(dataset, str) else "not named"].append(evaluation)
    most = sorted(groups, key=lambda name: (-sum(map(illustrated, groups[name])), name))
    return {name: sorted(groups[name], key=illustrated, reverse=True) for name in most}


def twins(evaluation: Evaluation, file: str) -> tuple[Image.Image, Image.Image]:
    """Photograph and output, RGB of one size. ValueError in words that fit after "file: "."""
    pair = []
    for kind, what in (("truth", "photograph"), ("output", "output")):
        try:
            pair.append(photo.read(evaluation.picture(file, kind)))
        except photo.PhotoError as error:
            raise ValueError(f"the {what} {error}") from None
        except (OSError, ValueError):
            raise ValueError(f"the {what} is missing or cannot be read") from None
    if pair[0].size != pair[1].size:
        raise ValueError("the photograph and the output differ in size")
    return pair[0], pair[1]


def side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two RGB pictures of one size in one, with a transparent gap.

    One file for both: neither its name nor its size tells which picture is which.
    """
    gap = left.width // 24 + 1
    both = Image.new("RGBA", (left.width + gap + right.width, left.height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width + gap, 0))
    return both

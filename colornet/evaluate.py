"""Stage 5: a run and a dataset's test pictures -> results/<evaluation>, scores and pictures."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
from PIL import Image
from pydantic import Field
from tqdm import tqdm

from colornet import metrics, params, paths
from colornet.colorizer import Colorizer
from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.inference import features
from colornet.square import Box, resized
from colornet.system import whole

THUMBNAIL = 128  # pixels of the longer side


def run(
    evaluation: str,
    *,
    run: str,
    dataset: str,
    saturation: Annotated[float, Field(ge=0)] | None = None,
) -> None:
    """Scores the run in the folder `run` on the test split; see `metrics.CONVENTIONS`.

    `saturation`: None for the run's own. Raises UserError if the run or the dataset is missing.
    """
    source, target = paths.prepared(dataset), paths.results(evaluation)
    if not (source / "index.csv").is_file():
        raise params.UserError(
            f"{source} is missing: python -m colornet.preprocess {dataset} makes it."
        )
    try:
        colorizer = Colorizer(run, saturation=saturation)
    except (FileNotFoundError, ValueError) as error:
        raise params.UserError(f"evaluate.{evaluation}: {error}") from error

    with whole.folder(target) as part:
        table, vectors = _score(colorizer, source, part / "pictures", f"evaluate {evaluation}")
        np.savez(part / "features.npz", files=table["file"].to_numpy(str), features=vectors)
        table.to_csv(part / "scores.csv", index=False, lineterminator="\n")
        # None for a score that no picture has, because JSON has no NaN
        means = table.drop(columns="file").mean().round(6).replace(np.nan, None).to_dict()
        summary = {
            "evaluation": evaluation,
            "run": run,
            "dataset": dataset,
            "n": len(table),
            "size": params.load(source / "params.yaml")["size"],
            "classifier": colorizer.classifier,
            "saturation": colorizer.saturation,
            "means": means,
            "conventions": metrics.CONVENTIONS,
        }
        # The means alone for `dvc metrics show`, which prints everything in a metrics file
        for name, content in {"summary.json": summary, "metrics.json": means}.items():
            (part / name).write_text(json.dumps(content, indent=1) + "\n")
    print(
        f"{evaluation}: {len(table)} test pictures, PSNR {means['psnr']:.2f} dB (grey "
        f"{means['psnr_grey']:.2f}), colourfulness {means['colourfulness']:.1f} "
        f"(truth {means['colourfulness_truth']:.1f})"
    )


def _score(
    colorizer: Colorizer, source: Path, pictures: Path, title: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of scores.csv, and the features of each row; writes the pictures on the way."""
    pictures.mkdir()
    weights = metrics.rarity(colour_counts(source))
    known = _features()
    rows, vectors = [], []
    for file, square, box in squares(source, "test", title):
        shown, scores = _judge(colorizer, square, box, weights)
        _write_pictures(pictures, Path(file).stem, shown)
        rows.append({"file": file, **scores})
        vectors.append(known(shown["input"][..., 0]))
    return pd.DataFrame(rows), np.array(vectors, "float16")


def _features() -> features.Features:
    """The features of a picture; none, and a sentence about it, without the package for them."""
    try:
        return features.load()
    except ValueError as error:
        print(f"{error}. Until then the dashboard finds no test pictures like another one.")
        return lambda _: np.zeros(0, "float16")


def squares(source: Path, split: str, title: str) -> Iterator[tuple[str, np.ndarray, Box]]:
    """The pictures of a split: name in index.csv, square (S, S, 3) uint8, and box.

    source: the folder of a prepared dataset; title: of the progress bar.
    """
    index = pd.read_csv(source / "index.csv")
    index = index[index["split"] == split].sort_values("file")
    for row in tqdm(index.itertuples(), total=len(index), desc=title):
        box = Box(*(int(getattr(row, side)) for side in Box._fields))
        yield row.file, np.asarray(Image.open(source / row.file)), box


def colour_counts(source: Path) -> np.ndarray:
    """(CLASSES²,) int, the pixels of the train split in each class, for `metrics.rarity`.

    Of the test split if no picture is for training.
    """
    counts = np.zeros(metrics.CLASSES**2, "int64")
    split = "train" if (pd.read_csv(source / "index.csv")["split"] == "train").any() else "test"
    for _, square, box in squares(source, split, "counting colours"):
        found = metrics.colour_classes(lab.ab(box.cut(square))).ravel()
        counts += np.bincount(found, minlength=len(counts))
    return counts


def _judge(
    colorizer: Colorizer, square: np.ndarray, box: Box, weights: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """The input, output and truth of a square (S, S, 3) uint8, in the box, and their scores.

    weights: `metrics.rarity` of the train split.
    """
    grey = lab.grey(square)  # (S, S, 1)
    grey, truth = box.cut(grey), box.cut(square)
    ab = saturate(predicted(colorizer, grey, size=len(square)), colorizer.saturation)
    lightness = lab.lightness(grey)
    output = lab.rgb(lightness, lab.fit(lightness, ab))
    grey = np.repeat(grey, 3, axis=-1).astype("uint8")
    scores = metrics.scores(output, grey, truth, ab, lab.ab(truth), weights)
    return {"input": grey, "output": output, "truth": truth}, scores


def predicted(colorizer: Colorizer, grey: np.ndarray, *, size: int) -> np.ndarray:
    """The colour of a grey picture, before `saturation`, at the picture's own size.

    grey: (H, W, 1) integers in [0, 255]; size: of its longer side. Returns (H, W, 2) float32.
    """
    height, width = grey.shape[:2]
    picture = Image.fromarray(grey[..., 0].astype("uint8"))
    return resized(colorizer.colours(picture, size=size), width, height)


def _write_pictures(folder: Path, stem: str, pictures: dict[str, np.ndarray]) -> None:
    """Writes <stem>_input.jpg, _output.jpg, _truth.jpg, and all three, small, in _strip.jpg."""
    images = {name: Image.fromarray(picture) for name, picture in pictures.items()}
    for name, image in images.items():
        image.save(folder / f"{stem}_{name}.jpg", quality=95, subsampling=0)
    small = [image.copy() for image in images.values()]
    for image in small:
        image.thumbnail((THUMBNAIL, THUMBNAIL))
    width, height = small[0].size
    strip = Image.new("RGB", (3 * width + 8, height), "white")
    for place, image in enumerate(small):
        strip.paste(image, (place * (width + 4), 0))
    strip.save(folder / f"{stem}_strip.jpg", quality=85)


if __name__ == "__main__":
    params.command("evaluate", run)

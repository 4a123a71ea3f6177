"""Stage 5: a run and a dataset's test pictures -> results/<evaluation>, scores and pictures."""

import json
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

    `saturation`: None for the run's own. UserError when the run or the dataset is not there.
    """
    source, target = paths.prepared(dataset), paths.results(evaluation)
    if not (source / "index.csv").is_file():
        raise params.UserError(
            f"{source} is not there: python -m colornet.preprocess {dataset} makes it."
        )
    try:
        colorizer = Colorizer(run, saturation=saturation)
    except (FileNotFoundError, ValueError) as error:
        raise params.UserError(f"evaluate.{evaluation}: {error}") from error

    with whole.folder(target) as part:
        table = _score(colorizer, source, part / "pictures", f"evaluate {evaluation}")
        table.to_csv(part / "scores.csv", index=False, lineterminator="\n")
        # No number stands for a score that no picture has: JSON knows no NaN.
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
        # The means once more by themselves: `dvc metrics show` prints every text of a metrics file.
        for name, content in {"summary.json": summary, "metrics.json": means}.items():
            (part / name).write_text(json.dumps(content, indent=1) + "\n")
    print(
        f"{evaluation}: {len(table)} test pictures, PSNR {means['psnr']:.2f} dB (grey "
        f"{means['psnr_grey']:.2f}), colourfulness {means['colourfulness']:.1f} "
        f"(truth {means['colourfulness_truth']:.1f})"
    )


def _score(colorizer, source: Path, pictures: Path, title: str) -> pd.DataFrame:
    pictures.mkdir()
    weights = metrics.rarity(colour_counts(source))
    rows = []
    for row, square, box in squares(source, "test", title):
        shown, scores = _judge(colorizer, square, box, weights)
        _write_pictures(pictures, Path(row.file).stem, shown)
        rows.append({"file": row.file, **scores})
    return pd.DataFrame(rows)


def squares(source: Path, split: str, title: str):
    """Of each picture of a split: its row of index.csv, (S, S, 3) uint8, and where the box is.

    source: the folder of a prepared dataset; title: of the progress bar.
    """
    index = pd.read_csv(source / "index.csv").query("split == @split").sort_values("file")
    for row in tqdm(index.itertuples(), total=len(index), desc=title):
        box = np.s_[row.top : row.top + row.height, row.left : row.left + row.width]
        yield row, np.asarray(Image.open(source / row.file)), box


def colour_counts(source: Path) -> np.ndarray:
    """How many pixels of the train split are in each class of colours, for `metrics.rarity`."""
    return sum(
        np.bincount(
            metrics.colour_classes(lab.ab(square[box])).ravel(), minlength=metrics.CLASSES**2
        )
        for _, square, box in squares(source, "train", "counting colours")
    )


def _judge(colorizer, square, box, weights):
    """square: (S, S, 3) uint8 -> the input, output and truth in the box, and their scores.

    weights: `metrics.rarity` of the train split.
    """
    grey = lab.grey(square)  # (S, S, 1)
    ab = colorizer.predict(grey[None, ..., 0].astype("uint8"))[0]
    ab, grey, truth = saturate(ab[box], colorizer.saturation), grey[box], square[box]
    lightness = lab.lightness(grey)
    output = lab.rgb(lightness, lab.fit(lightness, ab))
    grey = np.repeat(grey, 3, axis=-1).astype("uint8")
    scores = metrics.scores(output, grey, truth, ab, lab.ab(truth), weights)
    return {"input": grey, "output": output, "truth": truth}, scores


def _write_pictures(folder: Path, stem: str, pictures: dict[str, np.ndarray]) -> None:
    """<stem>_input.jpg, _output.jpg, _truth.jpg, and _strip.jpg: the three side by side, small."""
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

"""runs/<run> -> pretrained/<run>: a small copy to ship, with results, without photographs."""

import argparse
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from colornet import params, paths
from colornet.colour import inputs, lab
from colornet.colour.lab import Array
from colornet.system import quiet, whole
from colornet.training import pictures as prepared

LIMIT = 0.5  # units of ab by which half precision may change a colour
DESCRIPTIONS = ("params.yaml", "history.csv", "structure.json")
BATCH = 4  # validation pictures at a time
QUALITY = 85  # of the shipped JPEGs, which are half as large as those of an evaluation


def run(name: str, *, pictures: tuple[str, ...] = ()) -> None:
    """Copies a finished run to pretrained/, with the scores of its evaluations.

    The network loses its optimizer's state, and its weights become float16 if that changes no
    colour of the validation pictures by more than LIMIT. A run that is in pretrained/ alone gets
    the scores of its evaluations, and stays as it is otherwise. The scores on a dataset lie in
    results/<dataset>. `pictures`: evaluations whose pictures may be published and are copied too,
    smaller. Other files in pretrained/<run>, such as its model card, stay. Raises UserError if the
    run or its validation pictures are missing, or if it has two evaluations on a dataset.
    """
    source, target = paths.run(name), paths.PRETRAINED / name
    shipped = not source.is_dir() and target.is_dir()
    source = target if shipped else source
    for file in ("model.keras", *DESCRIPTIONS):
        if not (source / file).is_file():
            raise params.UserError(
                f"{source} holds no finished run, {file} is missing: `python -m colornet.train "
                f"{name}` makes it."
            )
    evaluations = _evaluations(source)
    if unknown := set(pictures) - {folder.name for folder in evaluations.values()}:
        listed = ", ".join(folder.name for folder in evaluations.values())
        raise params.UserError(
            f"results/ holds no evaluation {', '.join(sorted(unknown))} of {source}; it has: "
            f"{listed or 'none'}."
        )
    precision = "" if shipped else f"; in {_release_network(source, target)}"
    for dataset, folder in evaluations.items():
        with whole.folder(target / "results" / dataset) as part:
            _copy_results(folder, part, pictures=folder.name in pictures)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"{target}: {size / 1e6:.1f} MB, {len(evaluations)} evaluations{precision}")


def _release_network(source: Path, target: Path) -> str:
    """Copies the network and what describes it; returns in words in which precision.

    Results of an older network in `target` are removed.
    """
    target.mkdir(parents=True, exist_ok=True)
    off = _save(source, target / "model.keras")
    for file in DESCRIPTIONS:
        shutil.copy(source / file, target / file)
    shutil.rmtree(target / "results", ignore_errors=True)
    if off <= LIMIT:
        return f"half precision, which moves no colour by more than {off:.2f} units of ab"
    return f"full precision, as half would move colours by {off:.2f}"


def _copy_results(folder: Path, into: Path, *, pictures: bool) -> None:
    for out in paths.RESULT_OUTS:
        # Features find pictures, and are made from them: none ship for pictures that may not
        if (folder / out).is_file() and (pictures or out != "features.npz"):
            shutil.copy(folder / out, into / out)
    if pictures:
        _credits(folder).to_csv(into / "sources.csv", index=False, lineterminator="\n")
        (into / "pictures").mkdir()
        for file in sorted((folder / "pictures").iterdir()):
            _shrink(file, into / "pictures" / file.name)


def _shrink(file: Path, into: Path) -> None:
    """A JPEG in QUALITY with colours at full size, or without any; strips are small already."""
    if file.stem.endswith("_strip"):
        shutil.copy(file, into)
        return
    with Image.open(file) as picture:
        mode = "L" if file.stem.endswith("_input") else "RGB"
        picture.convert(mode).save(into, quality=QUALITY, subsampling=0, optimize=True)


def _evaluations(source: Path) -> dict[str, Path]:
    """The evaluations of the run: dataset -> folder of results/."""
    found: dict[str, Path] = {}
    for file in sorted(paths.results("").glob("*/summary.json")):
        summary = json.loads(file.read_text())
        if Path(summary["run"]).resolve() != source.resolve():
            continue
        other = found.setdefault(summary["dataset"], file.parent)
        if other != file.parent:
            raise params.UserError(
                f"{other} and {file.parent} are both on {summary['dataset']}, and a shipped run "
                "has one evaluation on a dataset: remove the other."
            )
    return found


def _credits(folder: Path) -> pd.DataFrame:
    """The rows of sources.csv for an evaluation's photographs; `test`: the file in scores.csv."""
    dataset = json.loads((folder / "summary.json").read_text())["dataset"]
    sources = paths.raw(dataset) / "sources.csv"
    if not sources.is_file():
        raise params.UserError(
            f"{sources} is missing, and a picture ships with its author and licence: "
            f"`python -m colornet.fetch {dataset}` makes it."
        )
    index = pd.read_csv(paths.prepared(dataset) / "index.csv")
    index = index.query("split == 'test'")[["file", "raw_file"]]
    index.columns = ["test", "file"]
    found = index.merge(pd.read_csv(sources, keep_default_na=False), on="file")
    return found.sort_values("test")


def _save(source: Path, file: Path) -> float:
    """Saves the network; returns by how many units of ab half precision changes its colours."""
    quiet.import_tensorflow()
    import keras

    from colornet.training import network

    validation = _validation(source)
    full = keras.models.load_model(source / "model.keras", compile=False)
    network.save(full, file, half=True)
    half = keras.models.load_model(file, compile=False)
    off = 0.0
    for given in _batches(validation):
        one, other = (np.asarray(each(given, training=False)) for each in (full, half))
        off = max(off, lab.AB_SCALE * float(np.abs(one - other).max()))
    if off > LIMIT:
        network.save(full, file)
    return off


def _validation(source: Path) -> prepared.Pictures:
    """The validation pictures of a run."""
    from colornet.training import network

    settings = params.load(source / "params.yaml")
    section = settings["train"]
    try:
        return prepared.load(
            section["dataset"],
            "validation",
            inputs=network.architecture(settings["model"]).INPUTS,
            class_scores=section.get("class_scores"),
        )
    except (OSError, params.UserError) as error:
        raise params.UserError(
            f"The validation pictures of {source} are missing: {error}"
        ) from error


def _batches(pictures: prepared.Pictures) -> Iterator[Array | dict[str, Array]]:
    """What a network takes of pictures, a few at a time."""
    for start in range(0, len(pictures.files), BATCH):
        numbers = np.arange(start, min(start + BATCH, len(pictures.files)))
        scores = None if pictures.scores is None else pictures.scores[numbers]
        grey = lab.grey(pictures.squares(numbers))
        yield inputs.for_keras(inputs.make(pictures.inputs, grey, class_scores=scores))


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m colornet.release", description=__doc__)
    parser.add_argument("name", help="a run: a folder of runs/, or of pretrained/ alone")
    parser.add_argument(
        "--pictures",
        action="append",
        default=[],
        metavar="EVALUATION",
        help="one whose pictures may be published",
    )
    options = parser.parse_args(argv)
    with params.sentences():
        run(options.name, pictures=tuple(options.pictures))


if __name__ == "__main__":
    main()

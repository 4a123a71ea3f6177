"""runs/<run> -> pretrained/<run>: a small copy to ship, with results, without photographs."""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from colornet import params, paths
from colornet.colour import lab
from colornet.system import quiet

LIMIT = 0.5  # units of ab by which half precision may change a colour
DESCRIPTIONS = ("params.yaml", "history.csv", "structure.json")


def run(name: str, *, pictures: tuple[str, ...] = ()) -> None:
    """Copies a finished run to pretrained/, with the scores of its evaluations.

    The network loses its optimizer's state, and its weights become float16 if that changes no
    colour of the validation pictures by more than LIMIT. `pictures`: evaluations whose pictures may
    be published and are copied too. Other files in pretrained/<run>, such as its model card, stay.
    Raises UserError if the run or its validation pictures are missing.
    """
    source, target = paths.run(name), paths.PRETRAINED / name
    for file in ("model.keras", *DESCRIPTIONS):
        if not (source / file).is_file():
            raise params.UserError(
                f"{source} holds no finished run, {file} is missing: `python -m colornet.train "
                f"{name}` makes it."
            )
    evaluations = _evaluations(source)
    if unknown := set(pictures) - set(evaluations):
        raise params.UserError(
            f"results/ holds no evaluation {', '.join(sorted(unknown))} of {source}; it has: "
            f"{', '.join(evaluations) or 'none'}."
        )
    target.mkdir(parents=True, exist_ok=True)
    off = _save(source, target / "model.keras")
    for file in DESCRIPTIONS:
        shutil.copy(source / file, target / file)
    shutil.rmtree(target / "results", ignore_errors=True)
    for evaluation, folder in evaluations.items():
        _copy_results(folder, target / "results" / evaluation, pictures=evaluation in pictures)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    half = f"half precision, which moves no colour by more than {off:.2f} units of ab"
    print(
        f"{target}: {size / 1e6:.1f} MB, {len(evaluations)} evaluations; in "
        + (half if off <= LIMIT else f"full precision, as half would move colours by {off:.2f}")
    )


def _copy_results(folder: Path, into: Path, *, pictures: bool) -> None:
    into.mkdir(parents=True)
    for out in paths.RESULT_OUTS:
        if (folder / out).is_file():
            shutil.copy(folder / out, into / out)
        elif pictures:
            shutil.copytree(folder / out, into / out)
            _credits(folder).to_csv(into / "sources.csv", index=False, lineterminator="\n")


def _evaluations(source: Path) -> dict[str, Path]:
    """The evaluations of the run: name -> folder of results/."""
    found = {}
    for file in sorted(paths.results("").glob("*/summary.json")):
        if Path(json.loads(file.read_text())["run"]) == source:
            found[file.parent.name] = file.parent
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

    from colornet.training import dataset, network

    settings = params.load(source / "params.yaml")
    section = settings["train"]
    try:
        validation = dataset.load(
            section["dataset"],
            "validation",
            inputs=network.architecture(settings["model"]).INPUTS,
            class_scores=section.get("class_scores"),
        )
    except (OSError, params.UserError) as error:
        raise params.UserError(
            f"The validation pictures of {source} are missing: {error}"
        ) from error
    whole = keras.models.load_model(source / "model.keras", compile=False)
    network.save(whole, file, half=True)
    half = keras.models.load_model(file, compile=False)
    off = 0.0
    for inputs, _ in dataset.fixed(validation, batch_size=4, loss_over="box"):
        one, other = (np.asarray(each(inputs, training=False)) for each in (whole, half))
        off = max(off, lab.AB_SCALE * float(np.abs(one - other).max()))
    if off > LIMIT:
        network.save(whole, file)
    return off


def main(argv: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m colornet.release", description=__doc__)
    parser.add_argument("name", help="a run: a folder of runs/")
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

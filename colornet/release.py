"""runs/<run> -> pretrained/<run>: a run as it ships, small, with its results and no photograph."""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd

from colornet import params, paths
from colornet.system import quiet

LIMIT = 0.5  # units of ab by which half precision may change a colour
PAPERS = ("params.yaml", "history.csv", "structure.json")


def run(name: str, *, pictures: tuple[str, ...] = ()) -> None:
    """Lays a finished run out in pretrained/, with the scores of its evaluations.

    The network goes without its optimizer, in half precision where that moves no colour of the
    validation pictures by more than LIMIT. `pictures`: evaluations whose pictures may be published
    and go along. What pretrained/<run> holds beside these files, such as its model card, stays.
    UserError where the run or its validation pictures are missing.
    """
    source, target = paths.run(name), paths.PRETRAINED / name
    for file in ("model.keras", *PAPERS):
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
    for file in PAPERS:
        shutil.copy(source / file, target / file)
    shutil.rmtree(target / "results", ignore_errors=True)
    for evaluation, folder in evaluations.items():
        into = target / "results" / evaluation
        into.mkdir(parents=True)
        for out in paths.RESULT_OUTS:
            if (folder / out).is_file():
                shutil.copy(folder / out, into / out)
            elif evaluation in pictures:
                shutil.copytree(folder / out, into / out)
                _credits(folder).to_csv(into / "sources.csv", index=False, lineterminator="\n")
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    half = f"half precision, which moves no colour by more than {off:.2f} units of ab"
    print(
        f"{target}: {size / 1e6:.1f} MB, {len(evaluations)} evaluations; in "
        + (half if off <= LIMIT else f"full precision, as half would move colours by {off:.2f}")
    )


def _evaluations(source: Path) -> dict[str, Path]:
    """The folders of results/ that judge the run."""
    found = {}
    for file in sorted(paths.results("").glob("*/summary.json")):
        if Path(json.loads(file.read_text())["run"]) == source:
            found[file.parent.name] = file.parent
    return found


def _credits(folder: Path) -> pd.DataFrame:
    """The rows of sources.csv of an evaluation's photographs; `test`: the file in scores.csv."""
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
    """Saves the network, and answers by how many units of ab half precision changes its colours."""
    quiet.import_tensorflow()
    import keras

    from colornet.training import dataset, network

    papers = params.load(source / "params.yaml")["train"]
    where = papers["dataset"], "validation"
    try:
        validation = dataset.load(*where, class_scores=papers.get("class_scores"))
    except (OSError, ValueError) as error:
        raise params.UserError(
            f"The validation pictures of {source} are missing: {error}"
        ) from error
    whole = keras.models.load_model(source / "model.keras", compile=False)
    network.save(whole, file, half=True)
    half = keras.models.load_model(file, compile=False)
    off = 0.0
    for inputs, _ in dataset.fixed(validation, batch_size=4, square=False):
        one, other = (np.asarray(each(inputs, training=False)) for each in (whole, half))
        off = max(off, 128 * float(np.abs(one - other).max()))
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

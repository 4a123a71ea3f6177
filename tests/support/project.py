"""A tiny project with runs, results and a pipeline, for the tests of the dashboard."""

import hashlib
import json
import shutil
from pathlib import Path

from PIL import Image

from colornet import params

DASHBOARD = Path(__file__).parents[2] / "dashboard"
# All but the first page, which needs the router for its links
VIEWS = ("curves", "results", "compare", "quiz", "try_it", "pipeline")
PIPELINE = """
stages:
  fetch:
    foreach: ${fetch}
    do:
      cmd: python fetch.py ${key}
      deps: [fetch.py]
      params: ["fetch.${key}"]
      outs: ["data/raw/${key}"]
  train:
    foreach: ${train.beta}
    do:
      cmd: python train.py ${key}
      deps: [train.py, models, "data/raw/${item.dataset}"]
      params: ["train.beta.${key}"]
      outs:
        - runs/${key}/model.keras
        - runs/${key}/previews: {push: false}
      plots:
        - runs/${key}/history.csv: {cache: false}
"""
PARAMETERS = {
    "fetch": {"sample": {"source": "bundled"}, "pets": {"source": "pets"}},
    "train": {"beta": {"one": {"dataset": "sample", "epochs": 3}}},
}


def picture(file: Path, *, colour: str = "teal", size: tuple[int, int] = (48, 36)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    Image.blend(image, Image.new("RGB", size, colour), 0.5).save(file)


def make_run(root: Path, name: str, *, weights: str | None = None, epochs: int = 3) -> Path:
    """A finished run as training leaves it, but its network is an empty file."""
    folder = root / "runs" / name
    for epoch in range(1, epochs + 1):
        picture(folder / f"previews/epoch-{epoch:05}_cat.jpg")
    picture(folder / "previews/truth_cat.jpg", colour="peru")
    picture(folder / "previews/grey_cat.jpg", colour="grey")
    content = {
        "model": "beta",
        "train": {"dataset": "sample", "epochs": epochs, "optimizer": "adam"},
        "preprocess": {"size": 64},
        "classify": weights and {"weights": weights},
    }
    params.save(content, folder / "params.yaml")
    (folder / "model.keras").write_bytes(b"")
    rows = [f"{n},{0.03 / n},0.04,{0.032 / n},0.02" for n in range(1, epochs + 1)]
    header = "epoch,loss,loss_grey,val_loss,val_loss_grey"
    (folder / "history.csv").write_text("\n".join([header, *rows, ""]))
    rows = [f"{n},12.5,8.25" for n in range(1, epochs + 1)]
    (folder / "times.csv").write_text("\n".join(["epoch,seconds,pictures_per_s", *rows, ""]))
    return folder


def make_evaluation(
    root: Path, name: str, *, classifier: str | None = None, n: int = 12, dataset: str = "sample"
) -> Path:
    """An evaluation as `evaluate` leaves it; the PSNR rises by 1 dB from test/000.png onwards."""
    folder = root / "results" / name
    columns = ("psnr", "ssim", "mse_ab", "colourfulness", "colourfulness_truth")
    columns += ("psnr_grey", "ssim_grey", "mse_ab_grey")
    rows = []
    for number in range(n):
        colours = {"input": "grey", "output": "teal", "truth": "peru", "strip": "teal"}
        for kind, colour in colours.items():
            picture(folder / f"pictures/{number:03}_{kind}.jpg", colour=colour)
        rows.append(f"test/{number:03}.png,{20 + number},0.9,0.01,12,35,24,0.8,0.02")
    (folder / "scores.csv").write_text("\n".join([",".join(("file", *columns)), *rows, ""]))
    means = dict(zip(columns, (25.5, 0.9, 0.01, 12, 35, 24, 0.8, 0.02), strict=True))
    summary = {"evaluation": name, "run": f"runs/{name}", "dataset": dataset, "n": n, "size": 64}
    summary |= {"classifier": classifier, "means": means, "conventions": {"psnr": "dB in the box"}}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


CREDITS = """test,file,photo,source,url,licence,author
test/000.png,a.jpg,a,folder,https://example.com/a,CC BY 4.0 (https://example.com/by),Ann
test/001.png,b.jpg,b,folder,https://example.com/b,CC0,
"""


def ship(root: Path, *names: str, dataset: str = "gallery") -> None:
    """Runs in pretrained/, each with an evaluation with pictures and credits; default: the last."""
    for name in names:
        (root / "pretrained" / name / "results").mkdir(parents=True)
        run = make_run(root, name)
        shutil.rmtree(run / "previews")
        for file in run.iterdir():
            file.rename(root / "pretrained" / name / file.name)
        run.rmdir()
        target = root / "pretrained" / name / "results" / dataset
        make_evaluation(root, f"{name}-on-{dataset}", dataset=dataset, n=2).rename(target)
        (target / "sources.csv").write_text(CREDITS)
        (root / "pretrained/default").write_text(f"{name}\n")


def make_pipeline(root: Path) -> None:
    """A project in which all stages but fetch@pets have run."""
    (root / "dvc.yaml").write_text(PIPELINE)
    params.save(PARAMETERS, root / "params.yaml")
    (root / "models").mkdir()
    for file in ("fetch.py", "train.py", "models/beta.py"):
        (root / file).write_text(f"# {file}\n")
    (root / "data/raw/sample").mkdir(parents=True)
    make_run(root, "one")
    fetched = {"path": "data/raw/sample", "md5": "11.dir"}
    beta = {"md5": md5(root / "models/beta.py"), "relpath": "beta.py"}
    models = hashlib.md5(json.dumps([beta]).encode()).hexdigest() + ".dir"
    outs = ("model.keras", "previews", "history.csv")
    lock = {
        "fetch@sample": {
            "cmd": "python fetch.py sample",
            "deps": [{"path": "fetch.py", "md5": md5(root / "fetch.py")}],
            "params": {"params.yaml": {"fetch.sample": {"source": "bundled"}}},
            "outs": [fetched],
        },
        "train@one": {
            "cmd": "python train.py one",
            "deps": [
                fetched,
                {"path": "models", "md5": models},
                {"path": "train.py", "md5": md5(root / "train.py")},
            ],
            "params": {"params.yaml": {"train.beta.one": {"dataset": "sample", "epochs": 3}}},
            "outs": [{"path": f"runs/one/{out}", "md5": "22"} for out in outs],
        },
    }
    params.save({"schema": "2.0", "stages": lock}, root / "dvc.lock")


def make_project(root: Path) -> None:
    """Everything that the dashboard shows, tiny."""
    make_pipeline(root)
    make_run(root, "two", weights="none")
    make_evaluation(root, "one")
    make_evaluation(root, "two", classifier="none")


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()

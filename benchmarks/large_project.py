"""Makes a project as large as the dashboard must be fast for: 50 runs, 10,000 test pictures.

The tables are random and different in every run; the pictures are hard links to a few files. There
is no network: each model.keras is empty.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from colornet import metrics, params, paths

HERE = Path(__file__).parents[1]
RUNS, EPOCHS, PICTURES = 50, 1000, 10_000
EVALUATIONS = ("first", "second")  # of two runs, on the same pictures
SIZE, THUMBNAIL = 256, 128  # pixels, as `preprocess` and `evaluate` make them
DISTINCT = 48  # the others are links to these; a page shows hardly any of them twice
PREVIEWS, MOMENTS = 4, 20  # as training leaves them
MODELS = {"beta": "beta-siamese", "lite": "lite-photos"}  # -> a shipped run of that network


def make(
    root: Path, *, runs: int = RUNS, epochs: int = EPOCHS, pictures: int = PICTURES
) -> list[str]:
    """Fills `root` with what the stages leave; returns the names of its runs, at least two."""
    random = np.random.default_rng(0)
    for file in ("dvc.yaml", "dvc.lock", "params.yaml"):
        shutil.copy(HERE / file, root)
    # DVC hashes the code that the stages depend on
    shutil.copytree(HERE / "colornet", root / "colornet", ignore=lambda *_: {"__pycache__"})
    store = root / ".pictures"
    _draw(store, random)
    names = [f"run-{number:02}" for number in range(runs)]
    for name in names:
        _run(root / paths.run(name), store, epochs=epochs, random=random)
    truth = _of_truth(pictures, random)
    _sources(root, truth["file"])
    for name, run in zip(EVALUATIONS, names, strict=False):
        _evaluation(root / paths.results(name), store, truth=truth, run=run, random=random)
    return names


def _draw(store: Path, random: np.random.Generator) -> None:
    """Writes the JPEGs that all others link to, <number>_{input,output,truth,strip,preview}.jpg."""
    store.mkdir()
    for number in range(DISTINCT):
        coarse = random.integers(0, 256, (12, 12, 3), dtype=np.uint8)
        truth = Image.fromarray(coarse).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
        # With grain, as in a photograph: without it a JPEG has a tenth of the usual size
        grain = random.normal(0, 6, (SIZE, SIZE, 1))
        truth = Image.fromarray((np.asarray(truth) + grain).clip(0, 255).astype("uint8"))
        grey = truth.convert("L").convert("RGB")
        shown = {"input": grey, "output": Image.blend(grey, truth, 0.4), "truth": truth}
        strip = Image.new("RGB", (3 * THUMBNAIL + 8, THUMBNAIL), "white")
        for place, (kind, image) in enumerate(shown.items()):
            image.save(store / f"{number}_{kind}.jpg", quality=95, subsampling=0)
            strip.paste(image.resize((THUMBNAIL, THUMBNAIL)), (place * (THUMBNAIL + 4), 0))
        strip.save(store / f"{number}_strip.jpg", quality=85)
        shown["output"].save(store / f"{number}_preview.jpg", quality=90)


def _run(folder: Path, store: Path, *, epochs: int, random: np.random.Generator) -> None:
    """Writes a finished run, as `train` leaves it; every third has an untrained classifier."""
    number = int(folder.name[-2:])
    model = list(MODELS)[number % len(MODELS)]
    (folder / "previews").mkdir(parents=True)
    (folder / "model.keras").touch()
    content = {
        "model": model,
        "train": {"dataset": "pets", "epochs": epochs, "batch_size": 8 + number % 4, "seed": number}
        | {"steps_per_epoch": 156, "optimizer": "adam", "learning_rate": None, "flip": True},
        "preprocess": {"size": SIZE, "train": 2500, "validation": 80, "test": 80, "seed": 0},
        "classify": {"weights": "none", "seed": 0} if number % 3 == 1 else None,
    }
    params.save(content, folder / "params.yaml")
    shutil.copy(HERE / "pretrained" / MODELS[model] / "structure.json", folder)

    epoch = np.arange(1, epochs + 1)
    loss = 0.008 + 0.02 / epoch**0.5 + random.normal(0, 2e-4, (2, epochs))
    columns = {"loss": loss[0], "loss_grey": 0.0112, "val_loss": loss[1], "val_loss_grey": 0.013}
    _write(pd.DataFrame({"epoch": epoch, **columns}), folder / "history.csv")
    seconds = random.uniform(11, 14, epochs).round(3)
    speeds = {"epoch": epoch, "seconds": seconds, "pictures_per_s": (1248 / seconds).round(2)}
    _write(pd.DataFrame(speeds), folder / "times.csv")

    every = max(1, epochs // MOMENTS)
    moments = sorted({1, *range(every, epochs + 1, every), epochs})
    shown = {"truth": "truth", "grey": "input"} | {f"epoch-{at:05}": "preview" for at in moments}
    for number in range(PREVIEWS):
        for name, kind in shown.items():
            link = folder / f"previews/{name}_cat.{number}.jpg"
            os.link(store / f"{number}_{kind}.jpg", link)


def _of_truth(pictures: int, random: np.random.Generator) -> pd.DataFrame:
    """The scores that are the same for every network: of the truth, and of the grey picture."""
    uniform = {
        "colourfulness_truth": (10, 80),
        "psnr_grey": (18, 30),
        "ssim_grey": (0.85, 0.97),
        "mse_ab_grey": (0.004, 0.03),
        "auc_grey": (0.75, 0.95),
        "auc_rebalanced_grey": (0.6, 0.9),
    }
    table = {name: random.uniform(*between, pictures) for name, between in uniform.items()}
    files = [f"test/{('cat', 'dog')[n % 2]}.{n:05}.png" for n in range(pictures)]
    return pd.DataFrame({"file": files, **table})


def _sources(root: Path, files: pd.Series) -> None:
    """Writes the two tables that name the author of a test picture."""
    raw = files.str.replace("test/", "").str.replace(".png", ".jpg")
    source = {
        "photo": raw,
        "url": "https://example.org/" + raw,
        "licence": "CC0",
        "author": "A. B.",
    }
    for file, content in {
        paths.prepared("pets") / "index.csv": {"file": files, "split": "test", "raw_file": raw},
        paths.raw("pets") / "sources.csv": {"file": raw, **source},
    }.items():
        (root / file).parent.mkdir(parents=True)
        _write(pd.DataFrame(content), root / file)


def _evaluation(
    folder: Path, store: Path, *, truth: pd.DataFrame, run: str, random: np.random.Generator
) -> None:
    """Writes an evaluation as `evaluate` leaves it."""
    (folder / "pictures").mkdir(parents=True)
    n = len(truth)
    own = {
        "psnr": truth["psnr_grey"] + random.normal(1, 2, n),
        "ssim": truth["ssim_grey"] + random.normal(0.005, 0.01, n),
        "mse_ab": truth["mse_ab_grey"] * random.uniform(0.5, 1.2, n),
        "auc": truth["auc_grey"] + random.normal(0.01, 0.01, n),
        "auc_rebalanced": truth["auc_rebalanced_grey"] + random.normal(0.02, 0.02, n),
        "colourfulness": truth["colourfulness_truth"] * random.uniform(0.2, 1.0, n),
    }
    table = pd.DataFrame({"file": truth["file"], **own, **truth.drop(columns="file")})
    _write(table, folder / "scores.csv")
    vectors = random.random((n, 1280), "float32").astype("float16")
    np.savez(folder / "features.npz", files=table["file"].to_numpy(str), features=vectors)
    means = table.drop(columns="file").mean().round(6).to_dict()
    summary = {"evaluation": folder.name, "run": f"runs/{run}", "dataset": "pets", "n": n}
    summary |= {"size": SIZE, "classifier": None, "saturation": 1.0, "means": means}
    summary |= {"conventions": metrics.CONVENTIONS}
    for name, content in {"summary.json": summary, "metrics.json": means}.items():
        (folder / name).write_text(json.dumps(content, indent=1) + "\n")
    for number, file in enumerate(table["file"]):
        for kind in ("input", "output", "truth", "strip"):
            target = folder / "pictures" / f"{Path(file).stem}_{kind}.jpg"
            os.link(store / f"{number % DISTINCT}_{kind}.jpg", target)


def _write(table: pd.DataFrame, file: Path) -> None:
    table.to_csv(file, index=False, lineterminator="\n")

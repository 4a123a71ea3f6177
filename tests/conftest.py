"""A tiny prepared dataset, its class scores and tiny networks, for tests that need them."""

import csv
import functools
import gc
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from colornet import params, paths, photo

# One process trains and colours here, and a process has one backend; test_runtime has the other
os.environ["KERAS_BACKEND"] = "tensorflow"
SIZE = 32
SPLITS = {"train": 6, "validation": 2, "test": 2}


def colourful(number: int) -> Image.Image:
    """A picture of smooth colours that differ in hue: wide, tall and square ones in turn."""
    width, height = [(48, 36), (36, 60), (40, 40)][number % 3]
    random = np.random.default_rng(number)
    coarse = random.integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def opened(file) -> Image.Image:
    """A picture file read whole and closed."""
    with Image.open(file) as image:
        image.load()
    return image


def pytest_collection_modifyitems(items):
    """Begins with the modules that take longest, so that no worker is left alone with one."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """data/prepared/tiny, as preprocess leaves it, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return prepare()


def prepare():
    folder = paths.prepared("tiny")
    rows = []
    for split, count in SPLITS.items():
        (folder / split).mkdir(parents=True)
        for _ in range(count):
            name = f"p{len(rows)}"
            image = colourful(len(rows))
            square, box = photo.letterbox(image, size=SIZE)
            square.save(folder / split / f"{name}.png")
            file = f"{split}/{name}.png"
            rows.append((file, split, f"{name}.jpg", name, *image.size, *box))
    columns = ("file", "split", "raw_file", "photo", "original_width", "original_height")
    with open(folder / "index.csv", "w", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow((*columns, *photo.Box._fields))
        table.writerows(sorted(rows))
    params.save({"size": SIZE, **SPLITS, "seed": 0}, folder / "params.yaml")
    params.save({}, paths.PARAMS)
    return folder


@pytest.fixture
def classes(prepared):
    """data/classes/tiny, as classify leaves it, with random scores."""
    folder = paths.classes("tiny")
    folder.mkdir(parents=True)
    files = sorted(f"{file.parent.name}/{file.name}" for file in prepared.glob("*/*.png"))
    random = np.random.default_rng(0)
    kinds = ("logits", "softmax", "published", "zeros")
    scores = {kind: random.normal(size=(len(files), 1000)).astype("float32") for kind in kinds}
    np.savez(folder / "scores.npz", files=np.array(files), **scores)
    params.save({"weights": "none", "seed": 0}, folder / "params.yaml")
    return folder


@pytest.fixture
def tiny_networks(monkeypatch):
    """The networks with 4 channels in their first layer instead of 64."""
    narrow(monkeypatch)


def narrow(monkeypatch):
    from colornet import quiet

    quiet.import_tensorflow()
    from colornet.models import beta, final, unet

    for module in (beta, final, unet):
        monkeypatch.setattr(module, "build", functools.partial(module.build, width=4))
    # A few steps take less time than the tracing of their graph
    import keras

    eager = property(lambda self: True, lambda self, value: None)
    monkeypatch.setattr(keras.Model, "run_eagerly", eager)


@pytest.fixture
def run(tiny_networks, tmp_path, monkeypatch):
    """runs/tiny: an untrained beta with 4 channels and strong colours, as train leaves it."""
    monkeypatch.chdir(tmp_path)
    return leave_run("beta", paths.run("tiny"))


@pytest.fixture
def photos(run):
    """photos/ in the working directory: a JPEG, a PNG in a folder below, and a text file."""
    folder = Path("photos")
    (folder / "album").mkdir(parents=True)
    colourful(0).resize((90, 60)).save(folder / "a.jpg", quality=95)
    colourful(1).save(folder / "album" / "b.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def leave_run(model, folder, **papers):
    import keras

    from colornet import network

    keras.utils.set_random_seed(0)
    built = network.build(model, optimizer="adam", precision="float32", xla=False)
    built.get_layer("decoder_ab").bias.assign([0.2, 0.3])
    folder.mkdir(parents=True)
    network.save(built, folder / "model.keras")
    content = {"model": model, "train": {"dataset": "tiny"}, "preprocess": {"size": SIZE}}
    params.save(content | papers, folder / "params.yaml")
    return folder


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """A download cache and a working directory of a test's own, and a network without patience."""
    from colornet import download, trouble

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(download.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(trouble, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(trouble, "TIMEOUT", (2.0, 0.4))
    return tmp_path / "cache"


@pytest.fixture
def into(tmp_path):
    """An empty folder, as a source gets it."""
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


@pytest.fixture
def server(downloads):
    """A server of the tests' own."""
    from server import Server

    with Server() as server:
        yield server
        server.shutdown()


@pytest.fixture
def root(tmp_path, monkeypatch):
    """An empty project that the dashboard shows."""
    import streamlit

    monkeypatch.setenv("COLORNET_ROOT", str(tmp_path))
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    # Once other tests have loaded Keras, Streamlit collects garbage after each run of a page:
    # half a second among TensorFlow's objects, nothing when those are set aside.
    gc.freeze()
    yield tmp_path
    gc.unfreeze()

"""A tiny prepared dataset, its class scores and tiny networks, for tests that need them."""

import gc
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from colornet import params, paths
from colornet.system import keras_settings
from support.pictures import colourful
from support.runs import leave_run, narrow, prepare, shallow

# A process has one Keras backend. These processes train, so it is TensorFlow, for tests that import
# Keras and for what colours in them; test_runtime starts processes of its own for OpenVINO.
os.environ["KERAS_BACKEND"] = os.environ[keras_settings.BACKEND] = "tensorflow"

# A test run in the background ignores Ctrl-C, and processes that it starts would inherit that
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """Runs modules with slow tests first, so that all processes end at about the same time."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """data/prepared/tiny, as preprocess leaves it, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    return prepare()


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


@pytest.fixture
def shallow_beta(tiny_networks, monkeypatch):
    """As `tiny_networks`, and beta has three layers: for what does not depend on the network."""
    from colornet.models import beta

    monkeypatch.setattr(beta, "build", shallow)


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


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    """A download cache and an empty working directory; pauses are short."""
    from colornet.system import download, retry

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(download.CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.01)
    return tmp_path / "cache"


@pytest.fixture
def into(tmp_path):
    """The empty folder that a source fills."""
    (tmp_path / "into").mkdir()
    return tmp_path / "into"


@pytest.fixture
def server(downloads):
    """A web server on this machine, whose files and faults a test chooses."""
    from support.server import Server

    with Server() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="session")
def components():
    """The Streamlit components of the installed packages; each AppTest looks for them again."""
    from streamlit.components.v2 import manifest_scanner

    return manifest_scanner.scan_component_manifests()


@pytest.fixture
def root(tmp_path, monkeypatch, components):
    """An empty project, as the dashboard's root."""
    import streamlit
    from streamlit.components.v2 import manifest_scanner

    monkeypatch.setenv("COLORNET_ROOT", str(tmp_path))
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", lambda: components)
    streamlit.cache_data.clear()
    streamlit.cache_resource.clear()
    # Streamlit collects garbage after each run of a page. If other tests have loaded Keras, that
    # takes half a second for TensorFlow's objects; frozen objects are skipped.
    gc.freeze()
    yield tmp_path
    gc.unfreeze()

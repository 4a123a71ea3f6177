"""What a user has set for Keras changes nothing here; COLORNET_BACKEND chooses its backend."""

import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from colornet import params, paths
from colornet.colorizer import Colorizer
from colornet.inference import classifier
from colornet.system import keras_settings
from support.command import COMMAND, ENV
from support.pictures import colourful
from support.runs import prepare
from support.training import SECTION

ROOT = Path(__file__).parents[1]
FILE = {
    "backend": "jax",
    "floatx": "float16",
    "epsilon": 0.1,
    "image_data_format": "channels_first",
    "nnx_enabled": True,
}
SHARED = {"KERAS_MAX_EPOCHS": "0", "KERAS_MAX_STEPS_PER_EPOCH": "x", "TF_USE_LEGACY_KERAS": "1"}
LOADED = """
import json, os, sys
before = dict(os.environ)
from colornet.system import keras_settings
keras = keras_settings.import_keras("jax")
from keras.src.backend.config import keras_home
after = {key: os.environ[key] for key in before}
print(json.dumps([keras.config.backend(), keras.config.floatx(), keras.config.epsilon(),
    keras.config.image_data_format(), keras.config.is_nnx_enabled(), keras.config.max_epochs(),
    keras_home() == before["KERAS_HOME"], dict(os.environ) == before]))
"""


@pytest.fixture
def whole(tmp_path):
    """The environment of a user with settings of all kinds, for a backend that is not installed."""
    return environment(tmp_path, json.dumps(FILE), KERAS_BACKEND="torch", KERAS_NNX_ENABLED="1")


@pytest.fixture
def broken(tmp_path):
    """The environment of a user with a broken file, and a backend that does not exist."""
    return environment(tmp_path, "[", KERAS_BACKEND="nonsense")


def environment(folder: Path, content: str, **variables: str) -> dict[str, str]:
    home = folder / "keras"
    home.mkdir()
    (home / "keras.json").write_text(content)
    return ENV | SHARED | variables | {"KERAS_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def program():
    """A program that has loaded Keras and set it in its own way."""
    before = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    theirs = "float16", "channels_first", keras.DTypePolicy("mixed_float16")
    keras_settings._set(*theirs)
    yield theirs
    keras_settings._set(*before)


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["whole", "broken"])
def test_the_command_writes_the_same_picture(settings, tmp_path, request):
    colourful(0).save(tmp_path / "photo.png")
    call = [*COMMAND, "photo.png", "--output", "out"]
    env = request.getfixturevalue(settings)
    done = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = np.asarray(Image.open(tmp_path / "out" / "photo.png"))
    run = paths.PRETRAINED / params.default_run(paths.PRETRAINED)
    np.testing.assert_array_equal(found, Colorizer(run)(tmp_path / "photo.png"))


@pytest.mark.slow
def test_a_training_on_tensorflow_leaves_the_same_bytes(whole, tmp_path, monkeypatch):
    section = SECTION | {"epochs": 1, "steps_per_epoch": 1}
    places = {tmp_path / "theirs": whole, tmp_path / "none": ENV | {"PYTHONPATH": str(ROOT)}}
    running = []
    for place, environment in places.items():  # at the same time
        place.mkdir()
        monkeypatch.chdir(place)
        prepare()
        params.save({"train": {"beta": {"one": section}}}, paths.PARAMS)
        call = [sys.executable, "-m", "colornet.train", "one"]
        running.append(subprocess.Popen(call, env=environment, stderr=subprocess.PIPE, text=True))
    for process in running:
        said = process.communicate()[1]
        assert process.returncode == 0, said
    for name in ("model.keras", "history.csv"):
        theirs, none = ((place / paths.run("one") / name).read_bytes() for place in places)
        assert theirs == none, name


@pytest.mark.slow
def test_keras_on_jax_has_its_defaults_and_the_environment_stays(broken):
    call = [sys.executable, "-c", LOADED]
    done = subprocess.run(call, env=broken, capture_output=True, text=True, check=True)
    expected = ["jax", "float32", 1e-7, "channels_last", False, None, True, True]
    assert json.loads(done.stdout) == expected


@pytest.mark.slow
def test_a_program_that_has_set_keras_keeps_its_settings_and_gets_the_same_colours(program):
    pictures = np.asarray(colourful(0).convert("L"))[None]
    found = classifier.scores(classifier.load("efficientnet-lite2"), pictures, kinds=["logits"])
    run = paths.PRETRAINED / params.default_run(paths.PRETRAINED)
    colours = np.asarray(Colorizer(run)(pictures[0]))
    now = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    assert now == program
    with keras_settings.defaults():
        same = classifier.scores(classifier.load("efficientnet-lite2"), pictures, kinds=["logits"])
        np.testing.assert_array_equal(colours, Colorizer(run)(pictures[0]))
    np.testing.assert_array_equal(found["logits"], same["logits"])


def test_our_own_variable_chooses_the_backend(monkeypatch):
    monkeypatch.delenv(keras_settings.BACKEND)
    assert keras_settings.chosen() == "openvino"
    for name, backend in {"": "openvino", "tensorflow": "tensorflow", "jax": "jax"}.items():
        monkeypatch.setenv(keras_settings.BACKEND, name)
        assert keras_settings.chosen() == backend


@pytest.mark.parametrize(
    "name, says",
    [
        ("theano", "COLORNET_BACKEND is theano: it must be one of openvino, tensorflow, jax, "),
        ("torch", "COLORNET_BACKEND is torch, but torch is not installed: `pip install torch`"),
    ],
)
def test_a_backend_that_cannot_be_used_is_named_in_a_sentence(monkeypatch, name, says):
    monkeypatch.setenv(keras_settings.BACKEND, name)
    monkeypatch.setattr(keras_settings.importlib.util, "find_spec", lambda package: None)
    with pytest.raises(ValueError, match=says):
        keras_settings.chosen()


def test_one_module_alone_speaks_of_keras_s_variables():
    files = [file for folder in ("colornet", "dashboard") for file in (ROOT / folder).rglob("*.py")]
    found = [file.name for file in files if "KERAS_BACKEND" in file.read_text()]
    assert found == [Path(keras_settings.__file__).name]


def test_the_environment_is_back_also_after_a_failure(monkeypatch):
    monkeypatch.setenv("KERAS_HOME", "theirs")
    before = dict(os.environ)
    with pytest.raises(KeyError), keras_settings._environment(KERAS_BACKEND="jax"):
        assert "KERAS_HOME" not in os.environ and os.environ["KERAS_BACKEND"] == "jax"
        os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"  # as Keras does
        raise KeyError
    assert dict(os.environ) == before

"""What runs a trained network: OpenVINO's colours beside Keras's own, in a process of its own."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import paths
from colornet.colour import lab
from colornet.inference import runtime
from colornet.square import letterbox
from support.command import ENV

pytestmark = pytest.mark.slow

SHIPPED = ("beta-siamese", "lite-photos")
SCRIPT = """
import json, os, sys, threading
import numpy as np
from colornet.inference import runtime

file, given, left = sys.argv[1:]
inputs, results = dict(np.load(given)), [None] * 4
compute = runtime.load(file).compute

def colour(place):
    results[place] = compute(inputs)

threads = [threading.Thread(target=colour, args=(place,)) for place in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
np.save(left, np.stack(results))
import keras
loaded = [name for name in ("tensorflow", "torch", "openvino_telemetry") if name in sys.modules]
print(json.dumps([keras.backend.backend(), os.environ.get("KERAS_BACKEND"), loaded]))
"""


def elsewhere(file: Path, inputs: dict, folder: Path, *, says: str = "") -> tuple[np.ndarray, list]:
    """The colours that four threads of a new process get, and what that process has loaded.

    says: what the process writes to its standard error, and nothing else.
    """
    np.savez(folder / "inputs.npz", **inputs)
    env = ENV | {"PYTHONPATH": str(Path(runtime.__file__).parents[2])}
    files = [str(folder / name) for name in ("inputs.npz", "ab.npy")]
    call = [sys.executable, "-c", SCRIPT, str(file), *files]
    done = subprocess.run(call, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and re.fullmatch(says, done.stderr), done.stderr
    return np.load(files[1]), json.loads(done.stdout)


def keras_way(file: Path, inputs: dict) -> np.ndarray:
    """What Keras makes of the inputs, on TensorFlow."""
    import keras

    network = keras.models.load_model(file, compile=False)
    return network(inputs if len(inputs) > 1 else inputs["lightness"], training=False).numpy()


def squares(size: int) -> dict[str, np.ndarray]:
    pictures = [Image.fromarray(picture) for picture in (data.chelsea(), data.coffee())]
    grey = [np.asarray(letterbox(each.convert("L"), size=size)[0]) for each in pictures]
    return {"lightness": lab.lightness(np.stack(grey))[..., None]}


@pytest.mark.parametrize("name", SHIPPED)
def test_colours_are_those_of_keras_within_a_unit_of_ab(name, tmp_path):
    file, inputs = paths.PRETRAINED / name / "model.keras", squares(256)
    threads, (backend, left, loaded) = elsewhere(file, inputs, tmp_path)
    assert (backend, left, loaded) == ("openvino", None, [])
    reference = keras_way(file, inputs)
    for result in threads:
        difference = lab.AB_SCALE * abs(result - reference)
        assert np.quantile(difference, 0.999) <= 1 and difference.max() <= 2
        np.testing.assert_array_equal(result, threads[0])


def test_a_fused_network_gets_each_picture_s_class_scores(tiny_networks, tmp_path):
    from colornet.models import final

    network, size = final.build(), 64
    scores = np.random.default_rng(0).normal(size=(2, 1000)).astype("float32")
    inputs = squares(size) | {"class_scores": scores}
    last = network.get_layer("decoder_ab")  # untrained it leaves all grey
    last.kernel.assign(last.kernel * (0.2 / abs(network(inputs).numpy()).max()))
    network.save(tmp_path / "model.keras")
    threads, _ = elsewhere(tmp_path / "model.keras", inputs, tmp_path)
    reference = keras_way(tmp_path / "model.keras", inputs)
    assert np.ptp(reference) * lab.AB_SCALE > 20
    assert lab.AB_SCALE * abs(threads - reference).max() <= 2


def test_a_picture_has_its_colours_whatever_is_beside_it(tmp_path):
    file, inputs = paths.PRETRAINED / "lite-photos" / "model.keras", squares(256)
    together, _ = elsewhere(file, inputs, tmp_path)
    alone, _ = elsewhere(file, {"lightness": inputs["lightness"][1:]}, tmp_path)
    np.testing.assert_array_equal(together[0][1:], alone[0])


def test_a_network_with_unknown_layers_is_computed_by_keras_and_a_warning_names_one(tmp_path):
    import keras

    given = keras.Input((None, None, 1), name="lightness")
    x = keras.layers.Conv2D(2, 3, padding="same", activation="sigmoid", name="odd")(given)
    keras.Model(given, x).save(tmp_path / "model.keras")
    inputs = squares(64)
    says = r"\S+model.keras: Keras computes this network, several times slower than OpenVINO, "
    says += r"because \S+ does not know odd: activation sigmoid.\n"
    threads, _ = elsewhere(tmp_path / "model.keras", inputs, tmp_path, says=says)
    reference = keras_way(tmp_path / "model.keras", inputs)
    np.testing.assert_allclose(threads, np.stack([reference] * 4), atol=0.01)

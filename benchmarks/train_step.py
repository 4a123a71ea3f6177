"""Pictures/s of training beside the loop that people copy from the blog, at 256x256.

The copied loop, written here from its description: ImageDataGenerator, skimage's rgb2lab on each
batch, float32, no XLA; for final also InceptionResNetV2 twice a batch on pictures that skimage
resized. Both train on the bundled photographs, in turn, each measurement in a process of its own;
the ratios are medians over pairs. The classifier's weights are random: they cost the same. Beside
it, beta with `deterministic: false`: what the same bytes twice cost.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from colornet import fetch, preprocess
from colornet.system import quiet

# batch size, optimizer, and ImageDataGenerator's rotation, zoom and shear, as published
PUBLISHED = {"beta": (20, "rmsprop", 20, 0.2, 0.2), "final": (10, "adam", 40, 0.4, 0.4)}
WAYS = {
    "beta": ("copied", "bfloat16", "bfloat16 unordered", "float32"),
    "final": ("copied", "bfloat16", "float32"),
}


def copied(model: str):
    """The network and endless batches of the copied loop."""
    import keras
    import numpy as np
    from keras.src.legacy.preprocessing.image import ImageDataGenerator
    from PIL import Image
    from skimage.color import gray2rgb, rgb2gray, rgb2lab
    from skimage.transform import resize

    from colornet.training import dataset, network

    batch_size, optimizer, rotation, zoom, shear = PUBLISHED[model]
    files = dataset.load("bench", "train").files
    pictures = np.stack([np.asarray(Image.open(file), "float32") for file in files]) / 255
    generator = ImageDataGenerator(
        rotation_range=rotation, zoom_range=zoom, shear_range=shear, horizontal_flip=True
    )
    student = network.architecture(model).build()
    student.compile(optimizer, "mse", jit_compile=False)
    if model == "final":
        classifier = keras.applications.InceptionResNetV2(weights=None)

    def scores(grey):
        square = np.stack([resize(picture, (299, 299, 3), mode="constant") for picture in grey])
        square = keras.applications.inception_resnet_v2.preprocess_input(square)
        return classifier.predict(square, verbose=0)

    def batches():
        for batch in generator.flow(pictures, batch_size=batch_size):
            lab = rgb2lab(batch)
            inputs, target = lab[..., :1], lab[..., 1:] / 128
            if model == "final":
                for _ in range(2):
                    found = scores(gray2rgb(rgb2gray(batch)))
                inputs = {"lightness": inputs, "class_scores": found}
            yield inputs, target

    return student, batches(), batch_size


def ours(model: str, precision: str, *, deterministic: bool):
    """The network and endless batches of colornet.train."""
    import keras
    import numpy as np
    import tensorflow as tf

    from colornet.training import dataset, network

    batch_size, optimizer, rotation, zoom, shear = PUBLISHED[model]
    keras.utils.set_random_seed(0)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    train = dataset.hold(dataset.load("bench", "train"))
    if model == "final":
        train = train._replace(scores=np.zeros((len(train.files), 1000), "float32"))
    batches = dataset.training(
        train,
        batch_size=batch_size,
        first_step=0,
        seed=0,
        augment=dataset.RandomAffine(rotation=rotation, zoom=zoom, shear=shear, flip=True),
        square=False,
    )
    student = network.build(model, optimizer=optimizer, precision=precision, xla=False)
    return student, batches, batch_size


def measure(model: str, how: str, seconds: float) -> float:
    """Pictures/s of one way, one of WAYS, within one `fit`, after two steps."""
    quiet.import_tensorflow()
    import keras

    if how == "copied":
        student, batches, batch_size = copied(model)
    else:
        precision, *_ = how.split()
        student, batches, batch_size = ours(model, precision, deterministic=how == precision)
    ends = []

    def ended(batch, logs):
        ends.append(time.perf_counter())
        student.stop_training = len(ends) > 2 and ends[-1] - ends[1] >= seconds

    clock = keras.callbacks.LambdaCallback(on_train_batch_end=ended)
    student.fit(batches, steps_per_epoch=10**6, shuffle=False, verbose=0, callbacks=[clock])
    return (len(ends) - 2) * batch_size / (ends[-1] - ends[1])


def alone(model: str, how: str, seconds: float) -> float:
    """`measure` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.train_step", "--one", model, how, str(seconds)]
    root = Path(__file__).parents[1]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_step", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="beta alone, rougher, in about a minute"
    )
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(measure(arguments.one[0], arguments.one[1], float(arguments.one[2])), flush=True)
        # TensorFlow waits at an ordinary exit for the copied loop's generator, which waits for it.
        os._exit(0)
    rounds, seconds = (1, 1.0) if arguments.quick else (3, 12.0)
    found: dict[tuple[str, str], list[float]] = {}
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fetch.run("bench", source="bundled")
        # as many as fill whole batches: the copied loop would pay for the rest of a pass
        preprocess.run("bench", size=256, train=20, validation=4, test=4)
        for _ in range(rounds):
            for model in ["beta"] if arguments.quick else PUBLISHED:
                for how in WAYS[model]:
                    found.setdefault((model, how), []).append(alone(model, how, seconds))
        os.chdir(before)

    def ratio(model: str, how: str, other: str = "copied") -> float:
        pairs = zip(found[model, how], found[model, other], strict=True)
        return round(median(mine / theirs for mine, theirs in pairs), 2)

    print()
    for (model, how), speeds in found.items():
        print(
            f"{model:6} {how:18} {median(speeds):6.2f} pictures/s, {ratio(model, how):5.2f} times"
        )
    figures = {"beta_ratio": ratio("beta", "bfloat16"), "float32_ratio": ratio("beta", "float32")}
    figures["deterministic_share"] = ratio("beta", "bfloat16", "bfloat16 unordered")
    if not arguments.quick:
        figures["final_ratio"] = ratio("final", "bfloat16")
        figures["final_float32_ratio"] = ratio("final", "float32")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

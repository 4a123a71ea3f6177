"""Pictures/s of training, beside the loop that people copy from the blog, at 256x256.

The copied loop is written here from its description: ImageDataGenerator, skimage's rgb2lab on each
batch, float32, no XLA; for final also InceptionResNetV2 twice a batch, on pictures that skimage
resized. The classifier's weights are random, which takes as long. Both loops train on the bundled
photographs, in turn, each in a process of its own; the ratios are medians over pairs. beta is also
trained with `deterministic: false`, which shows the price of reproducible bytes.
"""

import argparse
import json
import os
import time
from statistics import median

from benchmarks import process, training_set
from colornet.system import quiet

# batch size, optimizer, and the rotation, zoom and shear of ImageDataGenerator, as published
PUBLISHED = {"beta": (20, "rmsprop", 20, 0.2, 0.2), "final": (10, "adam", 40, 0.4, 0.4)}
WAYS = {
    "beta": ("copied", "bfloat16", "bfloat16 unordered", "float32"),
    "final": ("copied", "bfloat16", "float32"),
}


def copied(model: str, batch_size: int):
    """The network and endless batches of the copied loop."""
    import keras
    import numpy as np
    import tensorflow as tf
    from PIL import Image
    from skimage.color import gray2rgb, rgb2gray, rgb2lab
    from skimage.transform import resize

    from colornet.training import network, pictures

    _, optimizer, rotation, zoom, shear = PUBLISHED[model]
    files = pictures.load(training_set.NAME, "train").files
    images = np.stack([np.asarray(Image.open(file), "float32") for file in files]) / 255
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=rotation, zoom_range=zoom, shear_range=shear, horizontal_flip=True
    )
    built = network.architecture(model).build()
    built.compile(optimizer, "mse", jit_compile=False)
    takes_scores = "class_scores" in network.architecture(model).INPUTS
    if takes_scores:
        classifier = keras.applications.InceptionResNetV2(weights=None)

    def scores(grey):
        square = np.stack([resize(picture, (299, 299, 3), mode="constant") for picture in grey])
        square = keras.applications.inception_resnet_v2.preprocess_input(square)
        return classifier.predict(square, verbose=0)

    def batches():
        for batch in generator.flow(images, batch_size=batch_size):
            lab = rgb2lab(batch)
            inputs, target = lab[..., :1], lab[..., 1:] / 128
            if takes_scores:
                for _ in range(2):
                    found = scores(gray2rgb(rgb2gray(batch)))
                inputs = {"lightness": inputs, "class_scores": found}
            yield inputs, target

    return built, batches()


def ours(model: str, batch_size: int, precision: str, *, deterministic: bool):
    """The network and endless batches of colornet's training."""
    import keras
    import tensorflow as tf

    from colornet.training import network

    _, optimizer, rotation, zoom, shear = PUBLISHED[model]
    keras.utils.set_random_seed(0)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    amounts = {"rotation": rotation, "zoom": zoom, "shear": shear, "flip": True}
    batches = training_set.batches(model, training_set.parameters(batch_size, **amounts))
    built = network.build(model, optimizer=optimizer, precision=precision, xla=False)
    return built, batches


def measure(model: str, way: str, *, batch_size: int, seconds: float) -> float:
    """Pictures/s of one of WAYS in one call of `fit`, without the first two steps."""
    quiet.import_tensorflow()
    import keras

    if way == "copied":
        built, batches = copied(model, batch_size)
    else:
        precision, *unordered = way.split()
        built, batches = ours(model, batch_size, precision, deterministic=not unordered)
    ends: list[float] = []

    def ended(*_, **__) -> None:
        ends.append(time.perf_counter())
        built.stop_training = len(ends) > 2 and ends[-1] - ends[1] >= seconds

    clock = keras.callbacks.LambdaCallback(on_train_batch_end=ended)
    built.fit(batches, steps_per_epoch=10**6, shuffle=False, verbose=0, callbacks=[clock])
    return (len(ends) - 2) * batch_size / (ends[-1] - ends[1])


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train_step", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="rougher, each once, in 3 minutes")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        model, way, size, limit = options.one
        print(measure(model, way, batch_size=int(size), seconds=float(limit)), flush=True)
        # At a normal exit TensorFlow and the generator of the copied loop wait for each other
        os._exit(0)
    rounds, seconds = (1, 1.0) if options.quick else (3, 12.0)
    found: dict[tuple[str, str], list[float]] = {}
    # The number of pictures fills complete batches: the copied loop would train on smaller ones
    with training_set.prepared(20):
        for _ in range(rounds):
            for model in PUBLISHED:
                batch_size = 5 if options.quick else PUBLISHED[model][0]
                for way in WAYS[model]:
                    call = ("--one", model, way, batch_size, seconds)
                    speed = float(process.last_line("train_step", *call))
                    found.setdefault((model, way), []).append(speed)

    def ratios(model: str, way: str, other: str = "copied") -> list[float]:
        pairs = zip(found[model, way], found[model, other], strict=True)
        return [round(mine / theirs, 2) for mine, theirs in pairs]

    print(f"\nMedians of {rounds}, and the lowest and highest:")
    for (model, way), speeds in found.items():
        apart = f"({min(speeds):.2f} to {max(speeds):.2f})"
        times = f"{median(ratios(model, way)):5.2f} times"
        print(f"{model:6} {way:18} {median(speeds):6.2f} pictures/s {apart}, {times}")
    figures = {
        "beta_ratio": ratios("beta", "bfloat16"),
        "float32_ratio": ratios("beta", "float32"),
        "deterministic_share": ratios("beta", "bfloat16", "bfloat16 unordered"),
        "final_ratio": ratios("final", "bfloat16"),
        "final_float32_ratio": ratios("final", "float32"),
    }
    medians = {key: round(median(values), 2) for key, values in figures.items()}
    apart = {key: [min(values), max(values)] for key, values in figures.items()}
    print(json.dumps({**medians, "rounds": rounds, "lowest_highest": apart}))


if __name__ == "__main__":
    main()

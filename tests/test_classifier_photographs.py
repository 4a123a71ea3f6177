"""EfficientNet-Lite2 names what is on openly licensed photographs."""

from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet.efficientnet import layers, weights
from colornet.images import photo
from colornet.inference import classifier

pytestmark = pytest.mark.slow

GALLERY = Path(__file__).resolve().parents[1] / "data/gallery"
# Numbers of ImageNet's classes; these photographs show one thing, large
CLASSES = {
    "gallery_04.jpg": (934, "hotdog"),
    "gallery_05.jpg": (919, "street sign"),
    "gallery_07.jpg": (340, "zebra"),
    "gallery_40.jpg": (290, "jaguar"),
    "gallery_55.jpg": (144, "pelican"),
    "gallery_60.jpg": (84, "peacock"),
    "gallery_63.jpg": (997, "bolete"),
    "gallery_71.jpg": (31, "tree frog"),
    "chelsea": (285, "Egyptian cat"),
    "coffee": (967, "espresso"),
}


@pytest.fixture(scope="module")
def pictures():
    """(10, 260, 260, 3) uint8, the photographs in the order of CLASSES."""
    opened = [
        photo.read((GALLERY / name).read_bytes())
        if name.endswith(".jpg")
        else Image.fromarray(getattr(data, name)())
        for name in CLASSES
    ]
    return np.stack([picture.resize((260, 260), Image.Resampling.BICUBIC) for picture in opened])


@pytest.fixture(scope="module")
def model():
    return classifier.load("efficientnet-lite2")


def right(model, pictures):
    """{what a photograph shows: whether it has the highest score}."""
    logits = classifier.scores(model, pictures, kinds=["logits"])["logits"]
    found = zip(CLASSES.values(), logits.argmax(axis=1), strict=True)
    return {name: number == best for (number, name), best in found}


def test_each_has_its_class_in_colour(model, pictures):
    found = right(model, pictures)
    assert all(found.values()), found


def test_most_have_it_in_grey(model, pictures):
    grey = np.stack([photo.grey(Image.fromarray(picture)) for picture in pictures])
    found = right(model, grey)
    assert sum(found.values()) >= 7, found


def test_the_published_mistake_makes_all_alike(model, pictures):
    grey = np.stack([photo.grey(Image.fromarray(picture)) for picture in pictures])
    published = classifier.scores(model, grey, kinds=["published"])["published"]
    assert len(set(published.argmax(axis=1))) <= 2 and np.ptp(published, axis=0).max() < 0.3


def test_openvino_computes_what_keras_computes(model, pictures):
    network = layers.classifier()
    assert weights.adopt(network) == 129 and network.count_params() == 6_150_168
    expected = keras.ops.convert_to_numpy(network((pictures - np.float32(127)) / 128))
    found = classifier.scores(model, pictures, kinds=["logits"])["logits"]
    np.testing.assert_allclose(found, expected, atol=2e-3)

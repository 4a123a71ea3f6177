"""Features of pictures: pictures that show alike things have alike ones."""

import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage import data

from colornet.inference import features

pytestmark = pytest.mark.slow


def test_a_mirrored_part_of_a_photograph_is_nearer_than_other_photographs():
    cat, coffee, rocket = (
        Image.fromarray(each()).convert("L") for each in (data.chelsea, data.coffee, data.rocket)
    )
    part = ImageOps.mirror(cat.crop((40, 20, 400, 290))).resize((256, 190))
    vectors = [features.load()(np.asarray(each)) for each in (part, cat, coffee, rocket)]
    assert all(each.shape == (1280,) and each.dtype == np.float16 for each in vectors)
    one, *others = (each.astype("float32") / np.linalg.norm(each) for each in vectors)
    cosines = [float(one @ other) for other in others]
    assert cosines[0] > 0.6 > max(cosines[1:])

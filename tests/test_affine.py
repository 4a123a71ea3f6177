"""Rotation, shear, zoom and flip, as numbers and as a layer."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from colornet.system import quiet

quiet.import_tensorflow()

import tensorflow as tf  # noqa: E402
from keras.src.legacy.preprocessing.image import apply_affine_transform  # noqa: E402

from colornet.training import affine as affine_amounts  # noqa: E402
from colornet.training import augmentation  # noqa: E402

PUBLISHED = {"rotation": 20.0, "shear": 0.2, "zoom": 0.2, "flip": True}
STRONG = {"rotation": 40.0, "shear": 15.0, "zoom": 0.4, "flip": True}


def draws(count, seed=0):
    return (
        np.random.default_rng(seed).uniform(-1, 1, (count, affine_amounts.DRAWS)).astype("float32")
    )


def affine(draw, amounts, *, height, width):
    """Output place -> input place, (3, 3), as ImageDataGenerator composes it, in (x, y)."""
    theta, shear = np.deg2rad(draw[0] * amounts["rotation"]), np.deg2rad(draw[1] * amounts["shear"])
    rotate = np.array(
        [[np.cos(theta), -np.sin(theta), 0], [np.sin(theta), np.cos(theta), 0], [0, 0, 1]]
    )
    sheared = np.array([[1, -np.sin(shear), 0], [0, np.cos(shear), 0], [0, 0, 1]])
    zoom = np.diag([1 + draw[2] * amounts["zoom"], 1 + draw[3] * amounts["zoom"], 1])
    flip = np.diag([-1 if amounts["flip"] and draw[4] > 0 else 1, 1, 1])
    there = np.array([[1, 0, (width - 1) / 2], [0, 1, (height - 1) / 2], [0, 0, 1]])
    return there @ rotate @ sheared @ zoom @ flip @ np.linalg.inv(there)


def matrices(layer, images, labels=None):
    labels = None if labels is None else tf.constant(labels)
    rows = layer.get_random_transformation_batch(len(images), images=images, labels=labels)
    rows = np.concatenate([rows.numpy(), np.ones((len(images), 1))], axis=-1)
    return rows.reshape(-1, 3, 3)


@pytest.mark.parametrize("amounts", [PUBLISHED, STRONG], ids=["published", "strong"])
@pytest.mark.parametrize("height, width", [(32, 32), (24, 40)])
def test_transformations_are_rotation_shear_and_zoom_about_the_centre(amounts, height, width):
    images = np.zeros((50, height, width, 3), "float32")
    made = matrices(augmentation.RandomAffine(**amounts), images, draws(50))
    for ours, draw in zip(made, draws(50), strict=True):
        expected = affine(draw, amounts, height=height, width=width)
        np.testing.assert_allclose(ours, expected, atol=1e-5 * width)


def test_amounts_are_degrees_and_factors_of_the_published_size():
    images = np.zeros((4000, 8, 8, 3), "float32")
    made = matrices(augmentation.RandomAffine(**PUBLISHED), images)
    flipped = np.linalg.det(made) < 0
    made[flipped, :, 0] *= -1
    turned = np.rad2deg(np.arctan2(made[:, 1, 0], made[:, 0, 0]))
    sheared = np.rad2deg(np.arctan2(-made[:, 0, 1], made[:, 1, 1])) - turned
    zooms = np.linalg.norm(made[:, :2, :2], axis=1)
    for values, amount, middle in [(turned, 20, 0), (sheared, 0.2, 0), (zooms, 0.2, 1)]:
        assert np.abs(values - middle).max() <= amount * 1.001
        assert (values - middle).max() > 0.98 * amount and (values - middle).min() < -0.98 * amount
        assert np.std(values) == pytest.approx(amount / 3**0.5, rel=0.04)  # uniform
    assert flipped.mean() == pytest.approx(0.5, abs=0.04)
    assert abs(np.corrcoef(zooms.T)[0, 1]) < 0.06  # each axis by itself


def picture(size=32, seed=0):
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((size, size), Image.Resampling.BICUBIC))


def test_pictures_are_resampled_as_scipy_does_it():
    image = picture().astype("float32")
    layer = augmentation.RandomAffine(**STRONG)
    labels = draws(6, seed=2)
    ours = layer({"images": tf.constant([image] * 6), "labels": tf.constant(labels)})["images"]
    swap = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]])  # scipy counts (row, column)
    for got, draw in zip(ours.numpy(), labels, strict=True):
        matrix = swap @ affine(draw, STRONG, height=32, width=32) @ swap
        expected = np.stack(
            [
                ndimage.affine_transform(image[..., c], matrix, order=1, mode="nearest")
                for c in range(3)
            ],
            axis=-1,
        )
        assert np.abs(expected - image).mean() > 5
        np.testing.assert_allclose(got, expected, atol=0.05)


def test_jax_resamples_pictures_as_the_layer_does():
    jax = pytest.importorskip("jax")
    from colornet.training import on_device

    image = np.stack([picture(seed=seed) for seed in range(6)])
    labels = draws(6, seed=4)
    given = {"images": tf.constant(image, "float32"), "labels": tf.constant(labels)}
    expected = augmentation.RandomAffine(**STRONG)(given)["images"]
    moves = affine_amounts.transformations(labels, 32, 32, **STRONG)
    found = on_device.resampled(jax.numpy.asarray(image), jax.numpy.asarray(moves))
    assert np.abs(expected - image).mean() > 5
    np.testing.assert_allclose(found, expected, atol=0.05)


@pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")
def test_pictures_are_what_image_data_generator_makes_of_them():
    image = picture().astype("float32")
    layer = augmentation.RandomAffine(**PUBLISHED)
    labels = draws(6, seed=3)
    ours = layer({"images": tf.constant([image] * 6), "labels": tf.constant(labels)})["images"]
    for got, (rotation, shear, zoom_x, zoom_y, flip) in zip(ours.numpy(), labels, strict=True):
        expected = apply_affine_transform(
            image,
            theta=20 * rotation,
            shear=0.2 * shear,
            zx=1 + 0.2 * zoom_x,
            zy=1 + 0.2 * zoom_y,
            row_axis=0,
            col_axis=1,
            channel_axis=2,
            fill_mode="nearest",
            order=1,
        )
        expected = expected[:, ::-1] if flip > 0 else expected
        np.testing.assert_allclose(got, expected, atol=0.05)


def test_a_flip_alone_is_the_mirror_image():
    image = picture().astype("float32")
    layer = augmentation.RandomAffine(flip=True)
    labels = np.array([[0.9, 0.9, 0.9, 0.9, 0.5], [0.9, 0.9, 0.9, 0.9, -0.5]], "float32")
    batch = {"images": tf.constant([image] * 2), "labels": tf.constant(labels)}
    out = layer(batch)
    np.testing.assert_allclose(out["images"][0], image[:, ::-1], atol=1e-3)
    np.testing.assert_array_equal(out["images"][1], image)


@pytest.mark.parametrize("amounts", [PUBLISHED, STRONG], ids=["published", "strong"])
def test_the_inside_of_a_box_is_what_moving_its_mask_gives(amounts):
    boxes = np.array([[0, 5, 32, 20], [9, 0, 11, 32], [0, 0, 32, 32], [3, 4, 5, 6]], "int32")
    masks = np.zeros((4, 32, 32, 1), "float32")
    for mask, (left, top, width, height) in zip(masks, boxes, strict=True):
        mask[top : top + height, left : left + width] = 1
    moves = affine_amounts.transformations(draws(4, seed=5), 32, 32, **amounts)
    expected = tf.raw_ops.ImageProjectiveTransformV3(
        images=masks,
        transforms=moves,
        output_shape=[32, 32],
        fill_value=0.0,
        fill_mode="CONSTANT",
        interpolation="NEAREST",
    )
    assert 0.02 < np.mean(expected) < 0.9
    np.testing.assert_array_equal(affine_amounts.inside(boxes, moves, 32), expected)


# -- the layer by itself ---------------------------------------------------------------------


def test_the_layer_draws_its_own_amounts_without_labels():
    images = tf.constant([picture()] * 8)
    layer = augmentation.RandomAffine(**PUBLISHED)
    out = layer({"images": images})
    assert set(out) == {"images"} and out["images"].shape == (8, 32, 32, 3)
    assert len(np.unique(out["images"], axis=0)) == 8
    assert not np.array_equal(layer(images), layer(images))


def test_the_layer_works_in_tf_data_without_labels_on_batches_and_single_pictures():
    images = np.stack([picture(seed=i) for i in range(4)])
    layer = augmentation.RandomAffine(**PUBLISHED)
    single = tf.data.Dataset.from_tensor_slices(images).map(layer)
    assert [one.shape for one in single.as_numpy_iterator()] == [(32, 32, 3)] * 4
    batched = tf.data.Dataset.from_tensor_slices(images).batch(4).map(layer).as_numpy_iterator()
    out = next(batched)
    assert out.shape == images.shape and not np.array_equal(out, images)
    assert 0 <= out.min() and out.max() <= 255


def test_the_same_seed_draws_the_same_amounts():
    images = tf.constant([picture()] * 2)

    def once(seed):
        return augmentation.RandomAffine(**PUBLISHED, seed=seed)(images)

    np.testing.assert_array_equal(once(1), once(1))
    assert not np.array_equal(once(1), once(2))

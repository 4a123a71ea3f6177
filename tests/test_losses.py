import numpy as np
import pytest

from colornet.system import quiet
from colornet.training import losses

quiet.import_tensorflow()

from keras import ops  # noqa: E402


def pictures(weight, seed=0):
    """target (2, 4, 6, 3) and ab (2, 4, 6, 2), random; the weight as given."""
    random = np.random.default_rng(seed)
    truth, ab = random.uniform(-0.8, 0.8, (2, 2, 4, 6, 2)).astype("float32")
    weight = np.broadcast_to(np.asarray(weight, "float32"), (2, 4, 6))[..., None]
    return np.concatenate([truth, weight], axis=-1), ab


def box():
    weight = np.zeros((2, 4, 6), "float32")
    weight[0, :, 1:5] = 1
    weight[1, 1:3] = 1
    return weight


def test_of_a_full_box_it_is_the_mean_squared_error_picture_by_picture():
    target, ab = pictures(1)
    loss = ops.convert_to_numpy(losses.mse(target, ab))
    assert loss.shape == (2,) and loss.dtype == np.float32
    expected = ((target[..., :2] - ab) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(loss, expected, rtol=1e-6)


def test_inside_a_box_it_is_the_mean_over_the_box():
    target, ab = pictures(box())
    first = ((target[0, :, 1:5, :2] - ab[0, :, 1:5]) ** 2).mean()
    second = ((target[1, 1:3, :, :2] - ab[1, 1:3]) ** 2).mean()
    np.testing.assert_allclose(losses.mse(target, ab), [first, second], rtol=1e-6)


def test_predictions_in_the_padding_do_not_count():
    target, ab = pictures(box())
    outside = box()[..., None] == 0
    np.testing.assert_array_equal(
        losses.mse(target, ab), losses.mse(target, np.where(outside, 1.0, ab).astype("float32"))
    )


def test_of_an_empty_box_it_is_0():
    weight = box()
    weight[1] = 0
    loss = ops.convert_to_numpy(losses.mse(*pictures(weight)))
    assert loss[0] > 0 and loss[1] == 0


def test_a_network_that_predicts_in_bfloat16_is_judged_in_float32():
    target, ab = pictures(1)
    loss = losses.mse(target, ops.cast(ab, "bfloat16"))
    assert ops.dtype(loss) == "float32"
    np.testing.assert_allclose(loss, losses.mse(target, ab), rtol=0.01)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_grey_is_the_loss_of_no_colour_whatever_the_network_predicts(scale):
    target, ab = pictures(box())
    expected = losses.mse(target, np.zeros_like(ab))
    np.testing.assert_array_equal(losses.grey(target, scale * ab), expected)
    assert (ops.convert_to_numpy(expected) > 0).all()


def test_vivid_is_the_error_in_decibels_less_the_worth_of_its_colour():
    target, ab = pictures(box())
    loss = ops.convert_to_numpy(losses.Vivid(0.2).call(target, ab))
    for n, inside in enumerate(box() == 1):
        picture = ab[n][inside]
        error = float(losses.mse(target, ab)[n])
        spread = 128 * np.sqrt(picture.var(axis=0).sum())
        cast = 128 * np.linalg.norm(picture.mean(axis=0))
        expected = 10 * np.log10(error + losses.FLOOR) - 0.2 * (spread + 0.3 * cast)
        assert loss[n] == pytest.approx(expected, rel=1e-4)


def test_vivid_learns_from_grey_and_bears_an_empty_box():
    import tensorflow as tf

    weight = box()
    weight[1] = 0
    target, _ = pictures(weight)
    ab = tf.Variable(np.zeros((2, 4, 6, 2), "float32"))
    with tf.GradientTape() as tape:
        loss = losses.Vivid(0.2)(target, ab)
    slope = tape.gradient(loss, ab).numpy()
    assert np.isfinite(loss) and np.isfinite(slope).all()
    assert slope[0].any() and not slope[1].any()


def test_what_colour_is_worth_decides_between_a_pale_and_a_vivid_prediction():
    target, _ = pictures(1)
    unsure = np.where(np.arange(6) < 3, 0.9, -0.9)[:, None] * target[..., :2]  # right in half
    pale, vivid = 0.05 * unsure, 0.5 * unsure

    def better(worth):
        loss = losses.Vivid(worth)
        return "vivid" if loss(target, vivid) < loss(target, pale) else "pale"

    assert [better(0.0), better(0.2)] == ["pale", "vivid"]


def test_vivid_is_saved_with_its_worth():
    import keras

    again = keras.losses.deserialize(keras.losses.serialize(losses.Vivid(0.14)))
    assert type(again) is losses.Vivid and again.worth == 0.14


def test_a_network_of_half_the_size_is_judged_on_means_of_the_box():
    target, _ = pictures(box())
    ab = np.random.default_rng(1).uniform(-0.8, 0.8, (2, 2, 3, 2)).astype("float32")
    loss = ops.convert_to_numpy(losses.mse(target, ab))
    for n in range(2):
        total = weight = 0
        for y in range(2):
            for x in range(3):
                cell = target[n, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2].reshape(4, 3)
                inside = cell[:, 2] == 1
                if inside.any():
                    off = cell[inside, :2].mean(axis=0) - ab[n, y, x]
                    total, weight = total + inside.mean() * (off**2).sum(), weight + inside.mean()
        assert loss[n] == pytest.approx(total / (2 * weight), rel=1e-5)
    fitted = ops.convert_to_numpy(losses.fitted(target, ab))
    grey = losses.mse(fitted, np.zeros_like(ab))
    np.testing.assert_allclose(losses.grey(target, ab), grey, rtol=1e-6)
    vivid, same = losses.Vivid(0.2).call(target, ab), losses.Vivid(0.2).call(fitted, ab)
    np.testing.assert_allclose(vivid, same, rtol=1e-6)


def test_a_target_of_the_same_size_stays_as_it_is():
    target, ab = pictures(box())
    assert losses.fitted(target, ab) is target

"""Prepared pictures as batches of lightness and colour."""

import itertools

import numpy as np
import pytest
from PIL import Image

from colornet.colour import lab
from colornet.system import quiet
from support.batches import fixed, steps, training
from support.runs import SIZE, SPLITS

quiet.import_tensorflow()

import tensorflow as tf  # noqa: E402

from colornet.system import machine  # noqa: E402
from colornet.training.pictures import first, hold  # noqa: E402
from colornet.training.pictures import load as pictures_of  # noqa: E402

pytestmark = pytest.mark.slow

PUBLISHED = {"rotation": 20.0, "shear": 0.2, "zoom": 0.2, "flip": True}
BOTH = ("lightness", "class_scores")
STRONG = {"rotation": 40.0, "shear": 15.0, "zoom": 0.4, "flip": True}


def decoded(file):
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def names(pictures, lightness):
    """Which picture each of a batch is: known by its lightness, for no augmentation."""
    known = {lab.lightness(lab.grey(decoded(file))).tobytes(): file for file in pictures.files}
    return [known[one.tobytes()] for one in lightness]


# -- reading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("split", SPLITS)
def test_a_split_has_its_own_pictures_and_their_boxes(prepared, split):
    pictures = pictures_of("tiny", split)
    assert len(pictures.files) == SPLITS[split] and pictures.scores is None
    assert all(f"/{split}/" in file for file in pictures.files)
    assert pictures.boxes.shape == (SPLITS[split], 4) and pictures.boxes.dtype == np.int32
    for file, (left, top, width, height) in zip(pictures.files, pictures.boxes, strict=True):
        outside = np.ones((SIZE, SIZE), bool)
        outside[top : top + height, left : left + width] = False
        rgb = decoded(file)
        assert max(width, height) == SIZE and (rgb[outside] == 0).all() and rgb[~outside].any()


def test_class_scores_belong_to_their_pictures(classes):
    pictures = pictures_of("tiny", "train", inputs=BOTH, class_scores="softmax")
    with np.load(classes / "scores.npz") as archive:
        expected = dict(zip(archive["files"], archive["softmax"], strict=True))
    inputs, _ = next(fixed(pictures, batch_size=6))
    for file, scores, ours in zip(
        pictures.files, inputs["class_scores"], pictures.scores, strict=True
    ):
        name = file.split("/prepared/tiny/")[1]
        np.testing.assert_array_equal(scores, expected[name])
        np.testing.assert_array_equal(ours, expected[name])


def test_class_scores_follow_their_pictures_through_shuffling(classes):
    pictures = pictures_of("tiny", "train", inputs=BOTH, class_scores="logits")
    scores = dict(zip(pictures.files, pictures.scores, strict=True))
    for inputs, _ in steps(training(pictures), 6):
        files = names(pictures, inputs["lightness"])
        for file, ours in zip(files, inputs["class_scores"], strict=True):
            np.testing.assert_array_equal(ours, scores[file])


def test_first_takes_the_first_with_their_boxes_and_scores(classes):
    pictures = pictures_of("tiny", "train", inputs=BOTH, class_scores="logits")
    few = first(pictures, 2)
    assert few.files == pictures.files[:2]
    np.testing.assert_array_equal(few.boxes, pictures.boxes[:2])
    np.testing.assert_array_equal(few.scores, pictures.scores[:2])
    assert first(pictures_of("tiny", "train"), 2).scores is None


# -- batches ---------------------------------------------------------------------------------


def test_fixed_gives_each_picture_once_in_order_as_it_is(prepared):
    pictures = pictures_of("tiny", "train")
    batches = list(fixed(pictures, batch_size=4))
    assert [len(lightness) for lightness, _ in batches] == [4, 2]
    lightness, target = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    for i, file in enumerate(pictures.files):
        rgb = decoded(file)
        left, top, width, height = pictures.boxes[i]
        weight = np.zeros((SIZE, SIZE))
        weight[top : top + height, left : left + width] = 1
        np.testing.assert_array_equal(lightness[i], lab.lightness(lab.grey(rgb)))
        np.testing.assert_allclose(target[i, ..., :2], lab.ab(rgb), atol=1e-5)
        np.testing.assert_array_equal(target[i, ..., 2], weight)


def test_pictures_are_held_where_they_fit_and_make_no_difference(classes, monkeypatch):
    pictures = pictures_of("tiny", "train", inputs=BOTH, class_scores="logits")
    held = hold(pictures)
    assert held.images.shape == (6, SIZE, SIZE, 3) and held.images.dtype == np.uint8
    for file, image in zip(pictures.files, held.images, strict=True):
        np.testing.assert_array_equal(image, decoded(file))
    several = [steps(training(some, **PUBLISHED), 4) for some in (pictures, held)]
    tf.nest.map_structure(np.testing.assert_array_equal, *several)
    several = [list(fixed(some, batch_size=4, loss_over="square")) for some in (pictures, held)]
    tf.nest.map_structure(np.testing.assert_array_equal, *several)


@pytest.mark.parametrize(
    "free, fits", [(10 * 6 * SIZE**2 * 3, True), (10 * 6 * SIZE**2 * 3 - 1, False)]
)
def test_pictures_are_held_up_to_a_tenth_of_the_free_memory(prepared, monkeypatch, free, fits):
    monkeypatch.setattr(machine, "free_memory", lambda: free)
    assert (hold(pictures_of("tiny", "train")).images is not None) == fits


def test_training_gives_shapes_dtypes_and_ranges_of_its_docstring(classes):
    pictures = pictures_of("tiny", "train", inputs=BOTH, class_scores="logits")
    for inputs, target in steps(training(pictures, batch_size=4, **STRONG), 3):
        lightness, scores = inputs["lightness"], inputs["class_scores"]
        assert lightness.shape == (4, SIZE, SIZE, 1) and lightness.dtype == np.float32
        assert scores.shape == (4, 1000) and scores.dtype == np.float32
        assert target.shape == (4, SIZE, SIZE, 3) and target.dtype == np.float32
        assert 0 <= lightness.min() < lightness.max() <= 1
        assert 0.2 < np.abs(target[..., :2]).max() <= 1
        assert set(np.unique(target[..., 2])) == {0, 1}


def test_without_amounts_training_shows_the_pictures_as_they_are(prepared):
    pictures = pictures_of("tiny", "train")
    still = next(fixed(pictures, batch_size=6))
    lightness, target = next(training(pictures, batch_size=6))
    order = [pictures.files.index(file) for file in names(pictures, lightness)]
    np.testing.assert_array_equal(lightness, still[0][order])
    np.testing.assert_array_equal(target, still[1][order])


def test_each_pass_shows_each_picture_once_in_an_order_of_its_own(prepared):
    pictures = pictures_of("tiny", "train")
    shown = [names(pictures, lightness) for lightness, _ in steps(training(pictures), 12)]
    shown = list(itertools.chain(*shown))
    passes = [tuple(shown[i : i + 6]) for i in range(0, 24, 6)]
    assert all(sorted(one) == sorted(pictures.files) for one in passes)
    assert len(set(passes)) > 1


def test_a_batch_may_reach_into_the_next_pass_and_hold_more_than_one(prepared):
    pictures = pictures_of("tiny", "train")
    shown = [names(pictures, x) for x, _ in steps(training(pictures, batch_size=9), 2)]
    assert [len(batch) for batch in shown] == [9, 9]
    shown = list(itertools.chain(*shown))
    for start in (0, 6, 12):
        assert sorted(shown[start : start + 6]) == sorted(pictures.files)


def same(one, other):
    for ours, theirs in zip(one, other, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_step_is_the_same_from_whatever_step_training_continues(prepared):
    pictures = pictures_of("tiny", "train")
    whole = steps(
        training(pictures, batch_size=4, **PUBLISHED), 6
    )  # 24 pictures: four passes of 6, whose ends fall into batches
    for step in (1, 2, 3, 5):
        rest = training(pictures, batch_size=4, first_step=step, **PUBLISHED)
        for one, other in zip(steps(rest, 6 - step), whole[step:], strict=True):
            same(one, other)
    assert not np.array_equal(whole[0][0], whole[3][0])


def test_another_seed_and_another_pass_give_other_amounts(prepared):
    pictures = first(pictures_of("tiny", "train"), 1)
    one = steps(training(pictures, batch_size=1, **PUBLISHED), 2)
    other = steps(training(pictures, batch_size=1, **PUBLISHED, seed=1), 1)
    assert not np.array_equal(one[0][0], one[1][0])
    assert not np.array_equal(one[0][0], other[0][0])


def test_square_counts_every_pixel_and_changes_nothing_else(prepared):
    pictures = pictures_of("tiny", "train")
    box = next(training(pictures, batch_size=6, **PUBLISHED))
    square = next(training(pictures, batch_size=6, **PUBLISHED, loss_over="square"))
    np.testing.assert_array_equal(box[0], square[0])
    np.testing.assert_array_equal(box[1][..., :2], square[1][..., :2])
    assert (square[1][..., 2] == 1).all() and box[1][..., 2].mean() < 0.95
    for _, target in fixed(pictures, loss_over="square"):
        assert (target[..., 2] == 1).all()

"""Prepared pictures as batches of lightness and colour."""

import itertools

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from colornet.colour import lab
from colornet.system import quiet
from support.runs import SIZE, SPLITS

quiet.import_tensorflow()

import tensorflow as tf  # noqa: E402

from colornet.system import machine  # noqa: E402
from colornet.training import dataset  # noqa: E402
from colornet.training.parameters import Parameters  # noqa: E402
from colornet.training.pictures import Pictures, first, hold  # noqa: E402
from colornet.training.pictures import load as pictures_of  # noqa: E402

pytestmark = pytest.mark.slow

PUBLISHED = {"rotation": 20.0, "shear": 0.2, "zoom": 0.2, "flip": True}
BOTH = ("lightness", "class_scores")
STRONG = {"rotation": 40.0, "shear": 15.0, "zoom": 0.4, "flip": True}


def parameters(*, batch_size=2, seed=0, loss_over="box", **amounts):
    required = {"dataset": "tiny", "epochs": 1, "steps_per_epoch": 1, "optimizer": "adam"}
    return Parameters(**required, batch_size=batch_size, seed=seed, loss_over=loss_over, **amounts)


def training(pictures, *, first_step=0, **options):
    batches = dataset.training(pictures, parameters(**options), first_step=first_step)
    return batches.as_numpy_iterator()


def fixed(pictures, **options):
    return dataset.fixed(pictures, parameters(**options)).as_numpy_iterator()


def steps(batches, count):
    return list(itertools.islice(batches, count))


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


# -- the mask --------------------------------------------------------------------------------


def bright(folder, box, size=64):
    """One picture that is orange in its box and black outside."""
    left, top, width, height = box
    rgb = np.zeros((size, size, 3), "uint8")
    rgb[top : top + height, left : left + width] = (255, 160, 60)
    Image.fromarray(rgb).save(folder / "bright.png")
    return Pictures([str(folder / "bright.png")], np.array([box], "int32"))


def border(mask):
    return ndimage.binary_dilation(mask, iterations=2) & ~ndimage.binary_erosion(
        mask, iterations=2, border_value=1
    )


def test_the_mask_moves_with_the_picture(tmp_path):
    # Away from the edges, so that nothing is continued by its nearest pixels.
    pictures = bright(tmp_path, (18, 22, 30, 20))
    weights = []
    for lightness, target in steps(training(pictures, batch_size=4, **STRONG), 5):
        for light, weight, a in zip(lightness[..., 0], target[..., 2], target[..., 0], strict=True):
            inside = weight == 1
            sure = ~border(inside)
            assert inside.any() and (light[sure & inside] > 0.5).all()
            assert (a[sure & inside] > 0.1).all()
            assert (light[sure & ~inside] == 0).all()
            np.testing.assert_allclose(a[sure & ~inside], 0, atol=1e-7)
            weights.append(weight)
    assert len(np.unique(weights, axis=0)) == 20


def test_pixels_from_outside_the_picture_do_not_count(tmp_path):
    pictures = bright(tmp_path, (0, 0, 64, 64))
    batches = steps(training(pictures, **STRONG), 8)
    lightness, target = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert lightness.min() > 0.5  # continued by the nearest pixel, not by black
    assert 0.5 < target[..., 2].mean() < 0.99


# -- windows ---------------------------------------------------------------------------------

WINDOW = {"window": 32, "narrowest": 8, "zoom": 0.2, "flip": True}


@pytest.mark.parametrize("box", [(18, 22, 30, 20), (0, 10, 64, 44), (20, 0, 9, 64)])
def test_no_window_shows_any_of_the_padding(tmp_path, box):
    pictures = bright(tmp_path, box)
    rgb = decoded(pictures.files[0]).copy()
    left, top, width, height = box
    inside = rgb[top, left].copy()
    rgb[:] = (0, 0, 255)  # padding that would show
    rgb[top : top + height, left : left + width] = inside
    Image.fromarray(rgb).save(pictures.files[0])
    expected = lab.ab(inside[None])[0]
    batches = [*steps(training(pictures, batch_size=64, **WINDOW), 4)]
    batches += [*fixed(pictures, **WINDOW)]
    for lightness, target in batches:
        assert lightness.shape[1:] == (32, 32, 1) and target.shape[1:] == (32, 32, 3)
        assert np.abs(target[..., :2] - expected).max() < 1e-5
        assert (target[..., 2] == 1).all() and lightness.min() > 0.5


def test_a_window_run_is_validated_on_the_middle_of_each_photograph(prepared):
    pictures = pictures_of("tiny", "train")
    lightness, target = next(fixed(pictures, batch_size=6, **WINDOW, worn=1.0, other_greys=1.0))
    for number in range(6):
        photograph = Image.fromarray(pictures.photograph(number))
        width, height = photograph.size
        side = min(width, height)
        left, top = (width - side) / 2, (height - side) / 2
        place = (side / 32, 0, left, 0, side / 32, top)
        expected = photograph.transform(
            (32, 32), Image.Transform.AFFINE, place, Image.Resampling.BILINEAR
        )
        inner = np.s_[2:-2, 2:-2]  # Pillow fills beyond the edge with black
        off = lab.ab(np.asarray(expected)) - target[number, ..., :2]
        assert np.abs(off)[inner].mean() < 0.01
        grey = lab.lightness(lab.grey(np.asarray(expected)))
        assert np.abs(grey - lightness[number])[inner].max() < 0.02


def test_the_colours_of_a_window_are_the_photographs_whatever_its_grey(prepared):
    pictures = pictures_of("tiny", "train")
    plain = next(training(pictures, batch_size=6, **WINDOW))
    worn = next(training(pictures, batch_size=6, **WINDOW, worn=1.0, other_greys=1.0))
    np.testing.assert_array_equal(plain[1], worn[1])
    assert (np.abs(plain[0] - worn[0]).mean(axis=(1, 2, 3)) > 0.01).all()


def test_windows_continue_from_any_step(prepared):
    pictures = pictures_of("tiny", "train")
    options = {**WINDOW, "worn": 0.5, "other_greys": 0.5, "batch_size": 4}
    whole = steps(training(pictures, **options), 4)
    for one, other in zip(
        steps(training(pictures, first_step=2, **options), 2), whole[2:], strict=True
    ):
        same(one, other)

"""The Results page: which test pictures it shows, in what order, and one of them large."""

import shutil

import numpy as np
import pytest

from support.pages import captions, opened, ran, said
from support.project import make_evaluation, ship

pytestmark = pytest.mark.usefixtures("root")


def shown(page) -> list[str]:
    """The files whose buttons open them, in the order of the page."""
    keys = [one.key or "" for one in page.button]
    return [key.removeprefix("open-") for key in keys if key.startswith("open-")]


def write(folder, *rows: str) -> None:
    header = (folder / "scores.csv").read_text().split("\n")[0]
    (folder / "scores.csv").write_text("\n".join([header, *rows, ""]))


def test_means_are_shown_beside_those_of_grey(root):
    make_evaluation(root, "one")
    row = ran(opened("results")).dataframe[0].value.iloc[0]
    assert (row["PSNR"], row["PSNR of grey"], row["N"]) == (25.5, 24, 12)
    assert (row["Colourfulness"], row["Colourfulness of photo"]) == (12, 35)


def test_an_evaluation_with_pictures_is_shown_before_one_without(root):
    shutil.rmtree(make_evaluation(root, "a") / "pictures")
    make_evaluation(root, "b")
    assert ran(opened("results")).selectbox(key="evaluation").value == "b"


def test_pictures_are_best_or_worst_first_and_paged(root):
    make_evaluation(root, "one", n=15)
    page = ran(opened("results"))
    assert shown(page) == [f"test/{number:03}.png" for number in range(14, 2, -1)]
    assert page.button(key="open-test/014.png").label == "`test/014.png` 10.00 dB"
    page.pagination[0].set_value(2)
    assert shown(ran(page)) == ["test/002.png", "test/001.png", "test/000.png"]
    page.segmented_control(key="order").set_value("worst first")
    assert shown(ran(page))[0] == "test/000.png"


@pytest.mark.parametrize("order", ["best first", "worst first"])
def test_equal_scores_keep_the_order_of_names_and_missing_ones_come_last(root, order):
    folder = make_evaluation(root, "one", n=3)
    write(folder, *(f"test/{name},0.9,0.01,12,35,24,0.8,0.02" for name in ("c,2", "b,", "a,2")))
    page = opened("results", order=order)
    assert shown(ran(page)) == ["test/a", "test/c", "test/b"]
    assert page.button(key="open-test/b").label == "`test/b` –"


def test_cats_or_dogs_are_chosen_by_file_name(root):
    folder = make_evaluation(root, "one")
    names = ("cat.1.png", "dog.1.png", "Bombay_3.png", "pug_3.png", "catalogue_3.png")
    write(folder, *(f"test/{name},25,0.9,0.01,12,35,24,0.8,0.02" for name in names))
    page = ran(opened("results"))
    assert len(shown(page)) == 5
    page.segmented_control(key="animal").set_value("dog")
    assert shown(ran(page)) == ["test/dog.1.png", "test/pug_3.png"]


def test_without_animals_in_file_names_there_is_no_choice_of_animal(root):
    make_evaluation(root, "one")
    page = ran(opened("results"))
    assert [one.key for one in page.segmented_control] == ["order"]


def test_a_range_of_scores_chooses_pictures(root):
    make_evaluation(root, "one")
    page = ran(opened("results"))
    assert not page.get("plotly_chart")  # which take a second to load
    page.session_state["choosing"] = True
    ran(page).slider[0].set_range(-2.5, 1.5)
    assert shown(ran(page)) == [f"test/{number:03}.png" for number in (5, 4, 3, 2)]
    next(one for one in page.button if one.label == "All pictures").click()
    assert len(shown(ran(page))) == 12


def test_a_name_opens_its_picture_large_with_its_neighbours(root):
    make_evaluation(root, "one", n=3)
    page = ran(opened("results"))
    page.button(key="open-test/001.png").click()
    ran(page)
    assert page.query_params["picture"] == "test/001.png"
    assert "**2** of 3: `test/001.png`" in said(page)
    assert captions(page) == ["grey input", "output", "photograph"]
    scores = page.dataframe[1].value.set_index("Score")
    assert tuple(scores.loc["PSNR"]) == ("21.00 dB", "24.00 dB", "21.00 dB", "2 of 3")
    next(one for one in page.button if one.label == "Next").click()
    assert "**3** of 3: `test/000.png`" in said(ran(page))
    assert next(one for one in page.button if one.label == "Next").disabled


def test_the_author_and_licence_are_named(root):
    make_evaluation(root, "one", n=1)
    page = opened("results", picture="test/000.png")
    assert "data/raw names its author" in said(ran(page))
    for file, content in {
        "data/prepared/sample/index.csv": "file,raw_file\ntest/000.png,cat.jpg\n",
        "data/raw/sample/sources.csv": "file,author,licence,url\ncat.jpg,Ann,CC0,\n",
    }.items():
        (root / file).parent.mkdir(parents=True)
        (root / file).write_text(content)
    assert "`test/000.png`, from `cat.jpg`: Ann, CC0." in said(ran(page))
    assert "Photograph: Ann, CC0" in said(ran(opened("results")))


@pytest.mark.parametrize("junk", [None, b"", b"junk", b"\xff\xd8\xff\xe0half"])
@pytest.mark.parametrize("kind", ["output", "truth", "strip"])
def test_a_missing_or_broken_picture_is_named(root, kind, junk):
    folder = make_evaluation(root, "one", n=1)
    file = folder / f"pictures/000_{kind}.jpg"
    file.unlink() if junk is None else file.write_bytes(junk)
    page = opened("results", picture="test/000.png")
    name = {"output": "output", "truth": "photograph", "strip": "thumbnail"}[kind]
    assert f"{name}: the picture is missing or broken." in said(ran(page))


def test_a_picture_that_is_cut_off_breaks_no_page(root):
    folder = make_evaluation(root, "one", n=1)
    file = folder / "pictures/000_output.jpg"
    file.write_bytes(file.read_bytes()[:-40])
    page = opened("results", picture="test/000.png")
    assert "so there is no slider" in said(ran(page))


def test_missing_or_broken_scores_are_named(root):
    folder = make_evaluation(root, "one", n=2)
    (folder / "scores.csv").write_text("file,nonsense\n")
    assert "results/one/scores.csv has no column psnr" in said(ran(opened("results")))
    (folder / "scores.csv").unlink()
    assert "results/one/scores.csv is missing" in said(ran(opened("results")))


def test_an_address_that_names_no_picture_shows_all(root):
    make_evaluation(root, "one", n=2)
    page = opened("results", picture="test/gone.png")
    assert len(shown(ran(page))) == 2


def test_the_pictures_most_like_a_large_one_are_shown_and_become_large(root):
    folder = make_evaluation(root, "one", n=4)
    files = np.array([f"test/{number:03}.png" for number in range(4)])
    vectors = np.array([(1, 0), (0, 1), (2, 1), (9, 1)], "float16")
    np.savez(folder / "features.npz", files=files, features=vectors)
    page = ran(opened("results", picture="test/000.png"))
    like = [one for one in page.button if (one.key or "").startswith("like-")]
    assert [one.label for one in like] == [
        "`test/003.png` -1.00 dB",
        "`test/002.png` -2.00 dB",
        "`test/001.png` -3.00 dB",
    ]
    like[0].click()
    assert "of 4: `test/003.png`" in said(ran(page))
    assert page.query_params["picture"] == "test/003.png"


def test_without_features_it_says_how_to_get_pictures_like_a_large_one(root):
    make_evaluation(root, "one", n=2)
    page = ran(opened("results", picture="test/000.png"))
    assert "`dvc repro --single-item --force evaluate@one` makes it anew" in said(page)


def test_a_shipped_evaluation_without_features_says_nothing_of_them(root):
    ship(root, "one")
    page = ran(opened("results", picture="test/000.png"))
    assert "of 2: `test/000.png`" in said(page) and "like this" not in said(page)

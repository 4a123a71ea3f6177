"""The Compare page: without evaluations, filled, and with broken files."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from support import pages
from support.pages import captions, ran, said
from support.project import make_evaluation, make_project

pytestmark = pytest.mark.usefixtures("root")


def opened(**address: str | list[str]) -> AppTest:
    return ran(pages.opened("compare", **address))


def files(page: AppTest) -> list[str]:
    return re.findall(r"\*\*\d+\.\*\* `(.+?)`", said(page))


def evaluated(root: Path, name: str, psnr: dict[str, float | str], **summary) -> Path:
    """An evaluation; psnr: by the number of the picture; summary: replaces keys of summary.json."""
    folder = make_evaluation(root, name, n=len(psnr))
    header, *rows = (folder / "scores.csv").read_text().splitlines()
    rest = rows[0].split(",")[2:] if rows else []
    lines = [",".join([f"test/{file}.png", str(value), *rest]) for file, value in psnr.items()]
    (folder / "scores.csv").write_text("\n".join([header, *lines, ""]))
    content = json.loads((folder / "summary.json").read_text()) | summary
    (folder / "summary.json").write_text(json.dumps(content))
    return folder


def test_without_evaluations_it_names_the_command_to_call():
    assert "`make demo`" in opened().info[0].value


def test_a_picture_stands_between_grey_and_photograph_and_the_best_is_named(root):
    evaluated(root, "one", {"000": 21})
    evaluated(root, "two", {"000": 25}, classifier="none")
    assert captions(opened()) == [
        "grey input, PSNR 24.00 dB",
        "one, PSNR 21.00 dB",
        "two (classifier untrained), PSNR 25.00 dB, **best**",
        "photograph",
    ]


def test_where_they_differ_most_comes_first(root):
    evaluated(root, "one", {"000": 20, "001": 20, "002": 20, "003": 20, "004": ""})
    evaluated(root, "two", {"000": 21, "001": 27, "002": 15, "003": 21, "004": 9})
    page = opened()
    assert files(page) == [f"test/00{n}.png" for n in (1, 2, 0, 3, 4)]
    assert "7.00 dB apart" in said(page)


def test_the_score_of_one_evaluation_orders_best_or_worst_first(root):
    evaluated(root, "one", {"000": 20, "001": 22, "002": ""})
    evaluated(root, "two", {"000": 30, "001": 20, "002": 25})
    best = [f"test/00{n}.png" for n in (0, 2, 1)]
    assert files(opened(by="score of two")) == best
    assert files(opened(by="score of two", order="worst first")) == best[::-1]
    assert files(opened(by="score of one", order="worst first")) == [
        f"test/00{n}.png" for n in (0, 1, 2)
    ]


def test_for_an_error_the_lowest_is_the_best(root):
    folder = evaluated(root, "one", {"000": 20})
    evaluated(root, "two", {"000": 20})
    table = (folder / "scores.csv").read_text().replace(",0.01,", ",0.005,")
    (folder / "scores.csv").write_text(table)
    shown = captions(opened(score="ab error"))
    assert "one, ab error 0.00500, **best**" in shown
    assert "two, ab error 0.01000" in shown


def test_means_are_of_the_pictures_that_all_have_and_grey_comes_last(root):
    evaluated(root, "one", {"000": 20, "001": 30, "002": 40})
    evaluated(root, "two", {"000": 22, "001": 24})
    page = opened()
    table = page.dataframe[0].value.set_index("Evaluation")
    assert table["PSNR"].to_dict() == {"one": 25, "two": 23, "left grey": 24}
    assert list(table["Best of them"]) == ["1 of 2", "1 of 2", "–"]
    assert "the 2 test pictures that all of them have, of 3." in said(page)


def test_a_page_has_ten_pictures(root):
    make_project(root)
    page = opened()
    assert "1 to 10 of 12" in said(page)
    page.pagination[0].set_value(2)
    assert files(ran(page)) == ["test/010.png", "test/011.png"]


def test_at_most_four_are_chosen_those_with_pictures_first(root):
    for name in "abcdef":
        evaluated(root, name, {"000": 20})
    for file in (root / "results/b/pictures").iterdir():
        file.unlink()
    assert opened().multiselect[0].value == ["a", "c", "d", "e"]


def test_the_choice_is_in_the_address(root):
    for name in ("one", "two", "three"):
        evaluated(root, name, {"000": 20})
    evaluated(root, "other", {"000": 20}, dataset="pets")
    page = opened(
        **{"evaluations-sample": ["three", "one"]}, score="SSIM", by="score of three", size="large"
    )
    assert page.multiselect[0].value == ["three", "one"]
    assert [box.value for box in page.selectbox] == ["sample", "SSIM", "three"]


def test_another_dataset_has_a_choice_of_its_own(root):
    make_project(root)
    evaluated(root, "pets", {"000": 20}, dataset="pets")
    page = opened(by="score of two")
    page.selectbox[0].set_value("pets")
    assert ran(page).multiselect[0].value == ["pets"]
    assert "Only one evaluation is on pets" in said(page)
    assert captions(page) == ["grey input, PSNR 24.00 dB", "pets, PSNR 20.00 dB", "photograph"]


def test_a_choice_that_is_emptied_gets_a_sentence(root):
    make_project(root)
    page = opened()
    page.multiselect[0].set_value([])
    assert "Choose at least one evaluation." in said(ran(page))


def test_an_order_by_an_evaluation_that_is_removed_becomes_the_first_order(root):
    make_project(root)
    page = opened(by="score of two")
    page.multiselect[0].set_value(["one"])
    assert len(files(ran(page))) == 10


def test_scores_at_different_sizes_are_not_comparable(root):
    evaluated(root, "one", {"000": 21})
    evaluated(root, "two", {"000": 25}, size=128)
    page = opened()
    assert "not comparable" in said(page)
    assert "one at 64, two at 128 pixels" in said(page)
    assert not any("best" in caption for caption in captions(page))
    assert "Best of them" not in page.dataframe[0].value


def test_other_photographs_under_the_same_names_are_not_comparable(root):
    evaluated(root, "one", {"000": 21})
    folder = evaluated(root, "two", {"000": 25})
    table = (folder / "scores.csv").read_text().replace(",24,", ",19,")
    (folder / "scores.csv").write_text(table)
    assert "two has other photographs than one" in said(opened())


def test_evaluations_without_a_common_picture_say_so(root):
    evaluated(root, "one", {"000": 21})
    evaluated(root, "two", {"001": 25})
    assert "no test picture in common" in said(opened())


def test_shipped_scores_without_pictures_are_a_table_and_name_the_command(root):
    for name in ("one", "two"):
        target = root / "pretrained" / name / "results" / "pets"
        target.parent.mkdir(parents=True)
        evaluated(root, f"{name}-on-pets", {"000": 21, "001": 22}).rename(target)
        for file in (target / "pictures").iterdir():
            file.unlink()
    page = opened()
    assert "may not be published" in said(page)
    assert "`dvc repro evaluate@one-on-pets`" in said(page)
    assert list(page.dataframe[1].value.index) == ["test/000.png", "test/001.png"]
    assert not captions(page)
    evaluated(root, "own", {"000": 23})
    page = opened(**{"evaluations-sample": ["own", "one on pets (shipped)"]})
    assert captions(page) == [
        "grey input, PSNR 24.00 dB",
        "own, PSNR 23.00 dB, **best**",
        "photograph",
    ]
    shown = said(page).replace("\N{NO-BREAK SPACE}", " ")
    assert "one on pets (shipped), PSNR 21.00 dB" in shown


def test_missing_and_broken_files_are_named_and_the_rest_is_shown(root):
    evaluated(root, "one", {"000": 21})
    two = evaluated(root, "two", {"000": 25})
    (two / "pictures/000_output.jpg").write_bytes(b"junk")
    page = opened()
    assert "the picture is missing or broken" in page.warning[0].value
    assert len(captions(page)) == 3
    (two / "scores.csv").write_text("file,nonsense\n")
    assert "results/two/scores.csv has no column psnr" in said(opened())
    (two / "summary.json").write_text("{")
    page = opened()
    assert "results/two/summary.json" in page.warning[0].value
    assert "one, PSNR 21.00 dB" in captions(page)
    (root / "results/one/scores.csv").unlink()
    assert "results/one/scores.csv is missing" in said(opened())


def test_a_summary_of_another_form_breaks_nothing(root):
    evaluated(root, "one", {"000": 21}, dataset=["x"], size={"a": 1}, n="many")
    evaluated(root, "two", {"000": 21}, dataset=None)
    assert len(captions(opened())) == 4

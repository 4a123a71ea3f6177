"""The Try it page: what visitors drop, and what they see of it."""

import gc

import numpy as np
import pytest
from PIL import Image

from colornet.images import photo
from colornet.inference.fullsize import finish
from dashboard import attempt, samples
from support.pages import captions, ran
from support.pictures import colourful
from support.project import make_project, make_run
from support.try_it import (  # noqa: F401 the fixtures
    AB,
    decoded,
    drop,
    encoded,
    labels,
    offered_downloads,
    opened,
    replaced_networks,
    said,
    sliders,
)

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("root")]


def test_uploads_are_coloured_by_the_chosen_runs_side_by_side(root, asked):
    make_project(root)
    page = opened()
    assert asked == [] and "a guess, not a record" in said(page)
    drop(page, ("cat.png", encoded()))
    assert labels(page) == ["coloured by one", "coloured by two (classifier untrained)"]
    assert sliders(page)[0]["alt"] == "cat.png" and "60 x 40" in said(page)
    page.multiselect[0].unselect("one")
    assert labels(ran(page)) == ["coloured by two (classifier untrained)"]
    page.multiselect[0].select("one")
    assert len(sliders(ran(page))) == 2
    assert asked == ["one", "two"]


def test_a_bad_upload_gets_a_sentence_and_the_good_one_its_colours(root, asked):
    make_run(root, "one")
    bad = ("no `<script>` *picture*.jpg", b"only text")
    cut = ("cut.png", encoded()[:200])
    page = drop(opened(), bad, ("cat.png", encoded()), cut)
    assert page.warning[0].value == "`no '<script>' *picture*.jpg` is no picture."
    assert page.warning[1].value.startswith("`cut.png` is truncated")
    assert labels(page) == ["coloured by one"]


def test_nothing_is_loaded_for_a_bad_upload(root, asked):
    make_run(root, "one").joinpath("model.keras").write_bytes(b"broken")
    page = drop(opened(), ("bad.png", b"text"))
    assert page.warning and not page.error


def test_objects_of_a_loaded_network_are_set_aside_from_garbage_collection(root, asked):
    make_run(root, "one")
    gc.unfreeze()
    page = opened()
    assert gc.get_freeze_count() == 0
    drop(page, ("cat.png", encoded()))
    assert gc.get_freeze_count()
    gc.unfreeze()


def test_a_broken_run_gets_one_sentence_and_the_others_colour(root, asked):
    make_project(root)
    (root / "runs/one/model.keras").write_bytes(b"broken")
    page = drop(opened(), ("a.png", encoded()), ("b.png", encoded()))
    expected = ["runs/one/model.keras is broken: train it again."]
    assert [error.value for error in page.error] == expected
    assert labels(page) == ["coloured by two (classifier untrained)"] * 2


def test_a_run_that_is_deleted_while_the_page_is_open_gets_a_sentence(root, asked, monkeypatch):
    make_project(root)
    page = drop(opened(), ("a.png", encoded()))
    monkeypatch.setattr("dashboard.readers.Run.ready", True)
    (root / "runs/one/model.keras").unlink()
    assert "runs/one/model.keras is missing" in ran(page).error[0].value
    assert len(sliders(page)) == 1


def test_a_run_without_a_network_is_named_and_not_offered(root):
    make_project(root)
    (root / "runs/one/model.keras").unlink()
    page = opened()
    assert page.multiselect[0].options == ["two (classifier untrained)"]
    assert "Without a network yet: one." in said(page)


def test_a_photograph_in_colour_is_shown_as_truth_with_scores(root, asked):
    make_run(root, "one")
    picture = colourful(0).resize((600, 400))
    page = drop(opened(), ("cat.png", encoded(picture)))
    assert captions(page) == ["photograph"]
    text = said(page)
    small = attempt.keep(attempt.Read(picture))
    output = attempt.scores(small.truth, AB, saturation=1.5)
    assert f"PSNR {output[0]:.2f} dB (grey {small.beside[0]:.2f})" in text
    assert f"SSIM {output[1]:.3f} (grey {small.beside[1]:.3f})" in text
    assert f"colourfulness {output[2]:.1f} (photograph {small.beside[2]:.1f})" in text
    assert "Scores at 256 x 171 pixels" in text


def test_a_grey_photograph_has_no_truth_and_no_scores(root, asked):
    make_run(root, "one")
    page = drop(opened(), ("cat.png", encoded(colourful(0).convert("L"))))
    assert captions(page) == [] and "PSNR" not in said(page) and len(sliders(page)) == 1


def test_saturation_acts_on_all_results_without_the_network(root, asked, offered):
    make_project(root)
    picture = colourful(0).resize((60, 40))
    page = drop(opened(), ("a.png", encoded(picture)), ("b.png", encoded(picture)))
    before = sliders(page)
    assert asked == ["one", "two"] * 2
    page.slider[0].set_value(0.5)
    after = sliders(ran(page))
    assert asked == ["one", "two"] * 2
    for old, new in zip(before, after, strict=True):
        assert old["before"] == new["before"] and old["after"] != new["after"]
    content = dict(offered)["a-one.png"]()
    expected = finish(picture, AB, saturation=0.75)  # half of the run's own 1.5
    assert photo.read(content).tobytes() == expected.tobytes()
    page.slider[0].set_value(0)
    for slider in sliders(ran(page)):
        assert not np.ptp(decoded(slider["after"]["url"]), axis=-1).any()


def test_a_sample_behaves_as_an_upload_and_is_credited(root, asked, offered):
    make_run(root, "one")
    page = opened()
    assert len(page.image) == len(samples.BUNDLED) and asked == []
    for credit in ("Stefan van der Walt", "CC0", "Rachel Michetti", "NASA"):
        assert credit in said(page)
    page.button(key="sample-chelsea").click()
    ran(page)
    assert labels(page) == ["coloured by one"] and captions(page) == ["photograph"]
    assert offered[-1][0] == "chelsea-one.png"
    assert photo.read(offered[-1][1]()).size == (451, 300)
    drop(page, ("cat.png", encoded()))
    assert len(sliders(page)) == 2
    page.button(key="sample-chelsea").click()
    ran(page)
    assert [slider["alt"] for slider in sliders(page)] == ["cat.png"]


def test_photographs_of_the_gallery_are_samples_where_it_is(root, asked):
    make_run(root, "one")
    folder = root / "data/gallery"
    folder.mkdir(parents=True)
    names = [f"{name}.jpg" for name in samples.GALLERY]
    for number, name in enumerate(names):
        colourful(number).resize((60, 40)).save(folder / name)
    rows = [f"{name},Ann,CC0,https://example.com/a" for name in names]
    (folder / "sources.csv").write_text("\n".join(["file,author,licence,url", *rows, ""]))
    page = opened()
    assert len(page.image) == len(samples.BUNDLED) + len(names)
    assert "Ann, CC0, [example.com](https://example.com/a)" in said(page)
    page.button(key="sample-gallery_53").click()
    assert [slider["alt"] for slider in sliders(ran(page))] == ["gallery_53.jpg"]
    (folder / "sources.csv").write_text("nonsense")
    assert len(opened().image) == len(samples.BUNDLED)


def test_only_small_copies_of_the_current_pictures_are_kept(root, asked):
    make_run(root, "one")
    large = Image.effect_noise((3000, 2000), 80)
    page = drop(opened(), ("a.png", encoded(large, kind="JPEG")), ("b.png", encoded()))
    kept = [value for _, value in page.session_state["kept"].values()]
    smalls = [value for value in kept if isinstance(value, attempt.Small)]
    assert len(kept) == 8 and [small.grey.size for small in smalls] == [(512, 341), (60, 40)]
    drop(page, ("b.png", encoded()))
    assert len(page.session_state["kept"]) == 4
    drop(page)
    assert page.session_state["kept"] == {}


def test_visitors_share_the_networks_and_do_not_see_each_other(root, asked):
    make_run(root, "one")
    first, second = opened(), opened()
    drop(first, ("a.png", encoded()))
    assert sliders(ran(second)) == [] and "Drop a photograph" in said(second)
    drop(second, ("b.png", encoded()))
    assert [slider["alt"] for slider in sliders(ran(first))] == ["a.png"]
    assert [slider["alt"] for slider in sliders(second)] == ["b.png"]


def test_the_shipped_default_colours_first(root, asked):
    make_run(root, "one")
    (root / "pretrained").mkdir()
    make_run(root, "new").rename(root / "pretrained/new")
    (root / "pretrained/default").write_text("new\n")
    page = drop(opened(), ("cat.png", encoded()))
    assert labels(page) == ["coloured by new (shipped)", "coloured by one"]


def test_a_strip_scrolls_and_another_picture_does_not(root, asked):
    make_run(root, "one")
    strip, plain = colourful(0).resize((6000, 100)), colourful(0).resize((60, 40))
    files = ("wide.png", encoded(strip)), ("tall.png", encoded(strip.rotate(90, expand=True)))
    page = drop(opened(), *files, ("plain.png", encoded(plain)))
    found = {(slider["alt"], slider["after"]["label"]): slider for slider in sliders(page)}
    wide, tall = (found[name, "coloured by one"] for name in ("wide.png", "tall.png"))
    assert (wide["scrolls"], wide["width"], wide["height"]) == ("wide", 6000, 100)
    assert (tall["scrolls"], tall["width"], tall["height"]) == ("long", 100, 6000)
    assert found["plain.png", "coloured by one"]["scrolls"] == ""
    assert ("wide.png", "photograph") in found and captions(page) == ["photograph"]
    assert said(page).count("scroll to see all of it") == 2


def test_how_a_picture_was_read_is_said_beside_its_name(root, asked):
    make_run(root, "one")
    dotted = colourful(0).resize((900, 600)).convert("L").convert("1")
    assert "`scan.png` · 900 x 600 (dots smoothed)" in said(
        drop(opened(), ("scan.png", encoded(dotted)))
    )


def test_what_to_do_with_a_file_above_the_limit_is_on_the_page(root):
    make_run(root, "one")
    assert "Colour a larger one with the command `colornet FILE`" in said(opened())

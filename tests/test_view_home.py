"""The page that opens first: its picture, its links, and the state of the pipeline in a line."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from colornet import params
from support.pages import ran, said
from support.project import DASHBOARD, make_pipeline, make_project, ship

pytestmark = pytest.mark.usefixtures("root")


def opened() -> AppTest:
    return ran(AppTest.from_file(str(DASHBOARD / "router.py"), default_timeout=600))


def slider(page: AppTest) -> dict | None:
    """What the slider shows; None without one."""
    found = page.get("bidi_component")
    return json.loads(found[0].proto.json) if found else None


def test_in_an_empty_project_it_leads_on_and_names_the_command(root):
    page = opened()
    links = [link.proto.label for link in page.get("page_link")]
    assert links == ["**Try it**", "**Browse**", "**Reproduce**"]
    assert page.code[0].value == "make demo"
    assert slider(page) is None and "There is no picture yet" in page.info[0].value
    assert page.warning[0].value == "The stages cannot be shown: dvc.yaml is missing."


def test_in_a_bare_clone_it_shows_a_picture_that_ships_and_whose_it_is(root):
    ship(root, "a-run", "best-run")
    make_pipeline(root)
    (root / "dvc.lock").unlink()
    page = opened()
    assert slider(page)["after"]["label"] == "coloured by best-run"
    assert slider(page)["alt"] == "test/000.png" and slider(page)["width"] == 560
    assert "Photograph: Ann, [CC BY 4.0]" in said(page)
    assert "Pipeline: 0 of 3 stages are up to date · – 3 never run" in said(page)
    assert not page.warning and not page.info


def test_after_a_demo_it_counts_what_is_up_to_date_and_still_shows_what_ships(root):
    make_project(root)
    assert slider(opened())["after"]["label"] == "coloured by one"
    ship(root, "best-run")
    page = opened()
    assert slider(page)["after"]["label"] == "coloured by best-run"
    assert "Pipeline: 2 of 3 stages are up to date · – 1 never run" in said(page)
    lock = params.load(root / "dvc.lock")
    lock["stages"]["fetch@pets"] = lock["stages"]["fetch@sample"] | {"cmd": "another"}
    params.save(lock, root / "dvc.lock")
    assert "1 changed" in said(opened())


@pytest.mark.parametrize("content", ["a: [", "5", "train: 5", ""])
def test_a_broken_params_yaml_gets_a_sentence_and_the_rest_is_shown(root, content):
    make_project(root)
    ship(root, "best-run")
    (root / "params.yaml").write_text(content)
    page = opened()
    assert page.warning[0].value.startswith("The stages cannot be shown: ")
    assert str(root) not in page.warning[0].value
    assert slider(page) and len(page.get("page_link")) == 3


def test_broken_pictures_and_scores_get_a_sentence(root):
    make_project(root)
    ship(root, "best-run")
    shipped = root / "pretrained/best-run/results/gallery"
    (shipped / "pictures/000_output.jpg").write_bytes(b"text")
    page = opened()
    assert slider(page) is None and "000_output.jpg" in said(page)
    (shipped / "scores.csv").write_text("nonsense\n")
    assert slider(opened())["after"]["label"] == "coloured by one"

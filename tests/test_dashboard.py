"""Each view in an empty project, with runs and evaluations, and with broken files."""

import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import readers
from support.pages import captions, figure, opened, ran, said
from support.project import DASHBOARD, VIEWS, make_evaluation, make_pipeline, make_project, make_run
from support.serving import served

pytestmark = pytest.mark.usefixtures("root")


@pytest.mark.parametrize("view", VIEWS)
def test_in_an_empty_project_every_view_names_the_command_to_call(view):
    page = ran(opened(view))
    assert "`make demo`" in page.info[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_the_router_opens_every_view(root, view):
    make_project(root)
    page = ran(AppTest.from_file(str(DASHBOARD / "router.py"), default_timeout=600))
    assert page.title[0].value == "colornet"
    ran(page.switch_page(f"views/{view}.py"))
    titles = {"quiz": "Real or coloured?", "try_it": "Try it"}
    assert page.title[0].value == titles.get(view, view.title())


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_that_a_classifier_is_untrained(root, view):
    make_project(root)
    page = ran(opened(view))
    tables = "".join(frame.value.to_csv() for frame in page.dataframe)
    offered = [box.options for box in (*page.multiselect, *page.selectbox)]
    shown = tables + "".join(captions(page)) + str(offered)
    assert "two (classifier untrained)" in shown
    assert "one (classifier untrained)" not in shown


@pytest.mark.parametrize("weights", ["imagenet", "efficientnet-lite2", "/a/file.h5"])
def test_a_trained_classifier_needs_no_label(root, weights):
    make_run(root, "one", weights=weights)
    make_evaluation(root, "two", classifier=weights)
    labels = [one.label for one in (*readers.runs()[0], *readers.evaluations()[0])]
    assert labels == ["one", "two"]


@pytest.mark.parametrize("view", VIEWS)
def test_broken_files_are_named_and_the_rest_is_shown(root, view):
    make_project(root)
    broken = {
        "runs/no_params/history.csv": b"epoch,loss\n",
        "runs/binary/params.yaml": b"\xff\xfe\x00",
        "runs/list/params.yaml": b"- 1\n- 2\n",
        "runs/no_train/params.yaml": b"model: beta\n",
        "results/no_summary/scores.csv": b"file,psnr\n",
        "results/half/summary.json": b'{"evaluation": "ha',
        "results/no_means/summary.json": b"{}",
    }
    for file, content in broken.items():
        (root / file).parent.mkdir()
        (root / file).write_bytes(content)
    make_run(root, "odd").joinpath("history.csv").write_text("epoch,nonsense\n1,2\n")
    make_run(root, "empty").joinpath("history.csv").write_text("")
    (root / "runs/a_file.txt").write_text("not a run")
    page = ran(opened(view))
    folder = "results" if view in ("results", "compare", "quiz") else "runs"
    named = [name.split("/")[1] for name in broken if name.startswith(folder)]
    for name in [*named, *(["odd", "empty"] if folder == "runs" else [])]:
        assert f"{folder}/{name}/" in page.warning[0].value
    assert str(root) not in page.warning[0].value
    tables = "".join(frame.value.to_csv() for frame in page.dataframe)
    assert "one" in tables or view in ("quiz", "try_it")


def test_the_pipeline_shows_states_reasons_and_the_parameters_of_runs(root):
    make_project(root)
    (root / "fetch.py").write_text("# another\n")
    page = ran(opened("pipeline"))
    shown, _, runs = (frame.value for frame in page.dataframe)
    assert list(shown["Stage"]) == ["fetch@sample", "fetch@pets", "train@one"]
    assert shown["Why"][0] == "edited: fetch.py"
    assert runs.set_index("Parameter").loc["train.epochs", "one"] == "3"


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("dvc.yaml", "stages: 5"),
        ("dvc.lock", "stages: [1]"),
        ("dvc.lock", "stages: {train@one: 5}"),
    ],
)
def test_a_pipeline_of_another_form_gets_a_sentence(root, file, content):
    make_pipeline(root)
    (root / file).write_text(content)
    assert "The stages cannot be shown" in said(ran(opened("pipeline")))


def test_a_broken_dvc_yaml_is_named(root):
    make_project(root)
    (root / "dvc.yaml").write_text("stages:\n  a: {foreach: '${nowhere}', do: {cmd: x}}\n")
    assert "asks for ${nowhere}" in ran(opened("pipeline")).warning[0].value
    (root / "dvc.yaml").write_text("stages: [\n")
    assert "dvc.yaml cannot be read" in ran(opened("pipeline")).warning[0].value


def test_no_view_loads_a_network_before_an_upload(root):
    make_project(root)
    script = """
import sys
from streamlit.testing.v1 import AppTest
for view in sys.argv[1:]:
    assert not AppTest.from_file(view, default_timeout=600).run().exception
    if loaded := {"tensorflow", "keras"} & set(sys.modules):
        sys.exit(f"{view} loads {loaded}")
"""
    files = [str(DASHBOARD / "views" / f"{view}.py") for view in VIEWS]
    files.append(str(DASHBOARD / "router.py"))  # which opens the first page
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_server_listens_to_this_machine_only_from_any_folder(tmp_path):
    settings = tomllib.loads((DASHBOARD / ".streamlit/config.toml").read_text())
    assert settings["browser"]["gatherUsageStats"] is False
    with served(DASHBOARD / "app.py", folder=tmp_path) as address:
        port = urlsplit(address).port
        assert connects("127.0.0.1", port)
        assert not connects("127.0.0.2", port)  # a server on all interfaces would accept this


def connects(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def ship(root: Path, name: str = "new") -> None:
    """pretrained/<name>, a run with an evaluation without pictures, and the default."""
    (root / "pretrained").mkdir()
    make_run(root, name).rename(root / "pretrained" / name)
    (root / "pretrained" / name / "results").mkdir()
    target = root / "pretrained" / name / "results" / "pets"
    make_evaluation(root, "new-on-pets", n=3).rename(target)
    for picture in (target / "pictures").iterdir():
        picture.unlink()
    (root / "pretrained/default").write_text(f"{name}\n")


@pytest.mark.parametrize("beside", [False, True], ids=["alone", "beside one's own"])
def test_a_shipped_run_is_a_run_in_every_view(root, beside):
    ship(root)
    if beside:
        make_run(root, "new")
    page = ran(opened("curves"))
    assert "new (shipped)" in page.dataframe[0].value.to_csv()
    assert len(figure(page)["data"]) == (6 if beside else 3)

    page = ran(opened("results"))
    assert "new on pets (shipped)" in page.dataframe[0].value.to_csv()
    assert said(page).count("`dvc repro evaluate@new-on-pets` makes them") == 1
    assert not page.warning and "`test/000.png`" in str([one.label for one in page.button])

    assert ran(opened("try_it")).multiselect[0].value[0] == "new (shipped)"


@pytest.mark.parametrize("content", [None, "", "nothing\n"])
def test_without_a_default_the_first_run_colours(root, content):
    ship(root)
    (root / "pretrained/default").unlink()
    if content is not None:
        (root / "pretrained/default").write_text(content)
    make_run(root, "one")
    page = ran(opened("try_it"))
    assert page.multiselect[0].value == ["one", "new (shipped)"]


def test_a_shipped_run_without_its_weights_is_not_offered(root):
    ship(root)
    (root / "pretrained/new/model.keras").unlink()
    page = ran(opened("try_it"))
    assert "model.keras is missing: `git checkout pretrained` brings it back" in said(page)
    assert "no trained run" in page.info[0].value

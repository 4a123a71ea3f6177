import hashlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import tomllib
import types
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from colornet import params
from dashboard import stages

DASHBOARD = Path(__file__).parents[1] / "dashboard"
VIEWS = ("curves", "results", "try_it", "pipeline")
PIPELINE = """
stages:
  fetch:
    foreach: ${fetch}
    do:
      cmd: python fetch.py ${key}
      deps: [fetch.py]
      params: ["fetch.${key}"]
      outs: ["data/raw/${key}"]
  train:
    foreach: ${train.beta}
    do:
      cmd: python train.py ${key}
      deps: [train.py, models, "data/raw/${item.dataset}"]
      params: ["train.beta.${key}"]
      outs:
        - runs/${key}/model.keras
        - runs/${key}/previews: {push: false}
      plots:
        - runs/${key}/history.csv: {cache: false}
"""
PARAMETERS = {
    "fetch": {"sample": {"source": "bundled"}, "pets": {"source": "pets"}},
    "train": {"beta": {"one": {"dataset": "sample", "epochs": 3}}},
}


def picture(file: Path, *, colour: str = "teal", size: tuple[int, int] = (48, 36)) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    Image.blend(image, Image.new("RGB", size, colour), 0.5).save(file)


def make_run(root: Path, name: str, *, weights: str | None = None, epochs: int = 3) -> Path:
    """A finished run by the contract, its network an empty file."""
    folder = root / "runs" / name
    for epoch in range(1, epochs + 1):
        picture(folder / f"previews/epoch-{epoch:05}_cat.jpg")
    picture(folder / "previews/truth_cat.jpg", colour="peru")
    picture(folder / "previews/grey_cat.jpg", colour="grey")
    content = {
        "model": "beta",
        "train": {"dataset": "sample", "epochs": epochs, "optimizer": "adam"},
        "preprocess": {"size": 64},
        "classify": weights and {"weights": weights},
    }
    params.save(content, folder / "params.yaml")
    (folder / "model.keras").write_bytes(b"")
    rows = [f"{n},{0.03 / n},0.04,{0.032 / n},0.02" for n in range(1, epochs + 1)]
    header = "epoch,loss,loss_grey,val_loss,val_loss_grey"
    (folder / "history.csv").write_text("\n".join([header, *rows, ""]))
    rows = [f"{n},12.5,8.25" for n in range(1, epochs + 1)]
    (folder / "times.csv").write_text("\n".join(["epoch,seconds,pictures_per_s", *rows, ""]))
    return folder


def make_evaluation(root: Path, name: str, *, classifier: str | None = None, n: int = 12) -> Path:
    """An evaluation by the contract; test/000.png has the lowest PSNR, and they rise from there."""
    folder = root / "results" / name
    columns = ("psnr", "ssim", "mse_ab", "colourfulness", "colourfulness_truth")
    columns += ("psnr_grey", "ssim_grey", "mse_ab_grey")
    rows = []
    for number in range(n):
        for kind, colour in {"input": "grey", "output": "teal", "truth": "peru"}.items():
            picture(folder / f"pictures/{number:03}_{kind}.jpg", colour=colour)
        rows.append(f"test/{number:03}.png,{20 + number},0.9,0.01,12,35,24,0.8,0.02")
    (folder / "scores.csv").write_text("\n".join([",".join(("file", *columns)), *rows, ""]))
    means = dict(zip(columns, (25.5, 0.9, 0.01, 12, 35, 24, 0.8, 0.02), strict=True))
    summary = {"evaluation": name, "run": name, "dataset": "sample", "n": n, "size": 64}
    summary |= {"classifier": classifier, "means": means, "conventions": {"psnr": "dB in the box"}}
    (folder / "summary.json").write_text(json.dumps(summary))
    return folder


def make_pipeline(root: Path) -> None:
    """A project whose stages have all run, all but fetch@pets."""
    (root / "dvc.yaml").write_text(PIPELINE)
    params.save(PARAMETERS, root / "params.yaml")
    (root / "models").mkdir()
    for file in ("fetch.py", "train.py", "models/beta.py"):
        (root / file).write_text(f"# {file}\n")
    (root / "data/raw/sample").mkdir(parents=True)
    make_run(root, "one")
    fetched = {"path": "data/raw/sample", "md5": "11.dir"}
    beta = {"md5": md5(root / "models/beta.py"), "relpath": "beta.py"}
    models = hashlib.md5(json.dumps([beta]).encode()).hexdigest() + ".dir"
    outs = ("model.keras", "previews", "history.csv")
    lock = {
        "fetch@sample": {
            "cmd": "python fetch.py sample",
            "deps": [{"path": "fetch.py", "md5": md5(root / "fetch.py")}],
            "params": {"params.yaml": {"fetch.sample": {"source": "bundled"}}},
            "outs": [fetched],
        },
        "train@one": {
            "cmd": "python train.py one",
            "deps": [
                fetched,
                {"path": "models", "md5": models},
                {"path": "train.py", "md5": md5(root / "train.py")},
            ],
            "params": {"params.yaml": {"train.beta.one": {"dataset": "sample", "epochs": 3}}},
            "outs": [{"path": f"runs/one/{out}", "md5": "22"} for out in outs],
        },
    }
    params.save({"schema": "2.0", "stages": lock}, root / "dvc.lock")


def make_project(root: Path) -> None:
    """Everything that the dashboard shows, tiny."""
    make_pipeline(root)
    make_run(root, "two", weights="none")
    make_evaluation(root, "one")
    make_evaluation(root, "two", classifier="none")


def md5(file: Path) -> str:
    return hashlib.md5(file.read_bytes()).hexdigest()


def jpeg(*, size: tuple[int, int] = (60, 40)) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", size, "peru").save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("COLORNET_ROOT", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    return tmp_path


@pytest.fixture
def colorizers(monkeypatch) -> list[str]:
    """Replaces the networks by one that paints red; the list tells which runs were loaded."""
    loaded = []

    class Red:
        def __init__(self, folder):
            if (Path(folder) / "model.keras").read_bytes() == b"broken":
                raise ValueError(f"{folder}/model.keras is broken: train it again.")
            loaded.append(Path(folder).name)

        def __call__(self, image):
            return Image.new("RGB", image.size, "red")

    module = types.SimpleNamespace(Colorizer=Red)
    monkeypatch.setitem(sys.modules, "colornet.colorizer", module)
    return loaded


def opened(view: str) -> AppTest:
    return AppTest.from_file(str(DASHBOARD / "views" / f"{view}.py"), default_timeout=20)


def ran(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception[0].message
    return page


def said(page: AppTest) -> str:
    kinds = (page.info, page.warning, page.error, page.markdown, page.caption, page.subheader)
    return "\n".join(element.value for kind in kinds for element in kind)


def captions(page: AppTest) -> list[str]:
    return [caption for image in page.image for caption in image.captions]


def figure(page: AppTest) -> dict:
    return json.loads(page.get("plotly_chart")[0].proto.spec)


def states(root: Path) -> dict[str, stages.Stage]:
    files = ("dvc.yaml", "params.yaml", "dvc.lock")
    pipeline, parameters, lock = (params.load(root / file) for file in files)
    return {stage.name: stage for stage in stages.states(pipeline, parameters, lock, root=root)}


@pytest.mark.parametrize("view", VIEWS)
def test_with_nothing_there_every_view_names_the_command_to_call(view):
    page = ran(opened(view))
    assert "`make demo`" in page.info[0].value


@pytest.mark.parametrize("view", VIEWS)
def test_the_router_opens_every_view(root, view):
    make_project(root)
    page = ran(AppTest.from_file(str(DASHBOARD / "app.py"), default_timeout=20))
    assert page.title[0].value == "Curves"
    ran(page.switch_page(f"views/{view}.py"))
    assert page.title[0].value.lower().replace(" ", "_") == view


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_that_a_classifier_is_untrained(root, colorizers, view):
    make_project(root)
    page = ran(opened(view))
    if view == "try_it":
        page.file_uploader[0].set_value([("cat.jpg", jpeg(), "image/jpeg")])
        ran(page)
    tables = "".join(frame.value.to_csv() for frame in page.dataframe)
    shown = tables + "".join(captions(page)) + str([box.options for box in page.multiselect])
    assert "two (classifier untrained)" in shown
    assert "one (classifier untrained)" not in shown


@pytest.mark.parametrize("view", VIEWS)
def test_broken_files_are_named_and_the_rest_is_shown(root, colorizers, view):
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
    folder = "results" if view == "results" else "runs"
    named = [name.split("/")[1] for name in broken if name.startswith(folder)]
    for name in [*named, *(["odd", "empty"] if folder == "runs" else [])]:
        assert f"{folder}/{name}/" in page.warning[0].value
    assert str(root) not in page.warning[0].value
    assert "one" in "".join(frame.value.to_csv() for frame in page.dataframe) or view == "try_it"


def test_curves_draw_training_validation_and_grey_of_each_run(root):
    make_project(root)
    page = ran(opened("curves"))
    traces = figure(page)["data"]
    assert [trace["legendgroup"] for trace in traces] == ["one"] * 3 + ["two"] * 3
    assert len({trace["line"]["color"] for trace in traces[:3]}) == 1
    assert traces[2]["line"]["dash"] == "dash"
    row = page.dataframe[0].value.iloc[0]
    assert (row["Run"], row["State"], row["Epochs"]) == ("one", "done", "3 of 3")
    assert row["Best"] == pytest.approx(0.032 / 3)
    assert (row["Grey"], row["Pictures/s"]) == (0.02, 8.25)


def test_curves_of_chosen_runs_only_and_on_either_scale(root):
    make_project(root)
    page = ran(opened("curves"))
    assert figure(page)["layout"]["yaxis"]["type"] == "log"
    page.multiselect[0].select("two")
    page.toggle[0].set_value(False)
    ran(page)
    assert {trace["legendgroup"] for trace in figure(page)["data"]} == {"two"}
    assert "type" not in figure(page)["layout"]["yaxis"]
    assert list(page.dataframe[0].value["Run"]) == ["two (classifier untrained)"]


def test_curves_show_previews_between_grey_and_the_photograph(root):
    make_run(root, "one", epochs=7)
    page = ran(opened("curves"))
    epochs = [f"epoch {epoch}" for epoch in (4, 5, 6, 7)]
    assert captions(page) == ["grey", *epochs, "photograph"]


def test_an_unfinished_run_is_training_while_it_writes_and_stopped_later(root):
    folder = make_run(root, "one")
    (folder / "model.keras").unlink()
    (folder / "checkpoint").mkdir()
    page = ran(opened("curves"))
    assert page.dataframe[0].value["State"][0] == "training"
    assert page.toggle(key="refresh").value
    for file in (*folder.iterdir(), folder):
        os.utime(file, (time.time() - 3600,) * 2)
    assert ran(opened("curves")).dataframe[0].value["State"][0] == "stopped"


def test_a_line_that_is_being_written_waits_for_its_end(root):
    folder = make_run(root, "one", epochs=10)
    page = ran(opened("curves"))
    with open(folder / "history.csv", "a") as stream:
        stream.write("11,0.5,0.5,0.0")
    assert ran(page).dataframe[0].value["Epochs"][0] == "10 of 10"
    with open(folder / "history.csv", "a") as stream:
        stream.write("03,0.02\n")
    assert ran(page).dataframe[0].value["Epochs"][0] == "11 of 10"


def test_a_run_before_its_first_epoch_is_shown(root):
    folder = make_run(root, "one")
    for file in (folder / "model.keras", folder / "history.csv", folder / "times.csv"):
        file.unlink()
    page = ran(opened("curves"))
    row = page.dataframe[0].value.iloc[0]
    assert (row["State"], row["Epochs"]) == ("training", "0 of 3")


def test_results_show_means_with_grey_beside(root):
    make_project(root)
    row = ran(opened("results")).dataframe[0].value.iloc[0]
    assert (row["PSNR, dB"], row["PSNR, dB of grey"], row["N"]) == (25.5, 24, 12)


def test_results_are_best_or_worst_first_and_paged(root):
    make_evaluation(root, "one", n=12)
    page = ran(opened("results"))
    assert "**1.** `test/011.png`" in said(page)
    assert captions(page) == ["grey input", "output", "photograph"] * 10
    page.pagination[0].set_value(2)
    ran(page)
    assert "**11.** `test/001.png`" in said(page)
    assert captions(page) == ["grey input", "output", "photograph"] * 2
    page.segmented_control[0].set_value("worst first")
    ran(page)
    assert "**1.** `test/000.png`" in said(page)


@pytest.mark.parametrize("order", ["best first", "worst first"])
def test_equal_scores_keep_the_order_of_names_and_missing_ones_come_last(root, order):
    folder = make_evaluation(root, "one", n=3)
    header = (folder / "scores.csv").read_text().split("\n")[0]
    rows = [f"test/{name},1,1,1,1,1,1,1" for name in ("c.png,2", "b.png,", "a.png,2")]
    (folder / "scores.csv").write_text("\n".join([header, *rows, ""]))
    page = opened("results")
    page.query_params["order"] = order
    shown = said(ran(page))
    places = [shown.index(f"`test/{name}.png`") for name in "acb"]
    assert places == sorted(places)


def test_results_without_a_picture_or_scores_say_so(root):
    folder = make_evaluation(root, "one", n=2)
    (folder / "pictures/000_output.jpg").unlink()
    assert "The output is missing or broken." in said(ran(opened("results")))
    for junk in (b"", b"junk"):
        (folder / "pictures/001_truth.jpg").write_bytes(junk)
        assert "The photograph is missing or broken." in said(ran(opened("results")))
    (folder / "scores.csv").write_text("file,nonsense\n")
    assert "results/one/scores.csv has no column psnr" in said(ran(opened("results")))
    (folder / "scores.csv").unlink()
    assert "results/one/scores.csv is missing" in said(ran(opened("results")))


def test_uploads_are_coloured_by_the_chosen_runs_side_by_side(root, colorizers):
    make_project(root)
    page = ran(opened("try_it"))
    assert colorizers == []
    page.file_uploader[0].set_value([("cat.jpg", jpeg(size=(60, 40)), "image/jpeg")])
    ran(page)
    labels = ["one", "two (classifier untrained)"]
    assert captions(page) == ["grey input", *(f"coloured by {label}" for label in labels)]
    assert "60 x 40" in said(page)
    assert "a guess, not a record" in said(page)
    assert len(page.download_button) == 2
    page.multiselect[0].unselect("one")
    assert captions(ran(page))[1:] == ["coloured by two (classifier untrained)"]
    assert colorizers == ["one", "two"]


def test_a_bad_upload_gets_a_sentence_and_the_good_one_its_colours(root, colorizers):
    make_run(root, "one")
    page = ran(opened("try_it"))
    bad = ("no `<script>` *picture*.jpg", b"only text", "image/jpeg")
    page.file_uploader[0].set_value([bad, ("cat.jpg", jpeg(), "image/jpeg")])
    ran(page)
    assert page.warning[0].value == "`no '<script>' *picture*.jpg` is no picture."
    assert captions(page) == ["grey input", "coloured by one"]


def test_a_broken_run_gets_a_sentence_and_the_other_colours(root, colorizers):
    make_project(root)
    (root / "runs/one/model.keras").write_bytes(b"broken")
    page = ran(opened("try_it"))
    page.file_uploader[0].set_value([("cat.jpg", jpeg(), "image/jpeg")])
    ran(page)
    assert page.error[0].value == "runs/one/model.keras is broken: train it again."
    assert captions(page) == ["grey input", "coloured by two (classifier untrained)"]


def test_a_run_without_a_network_is_not_offered(root):
    make_project(root)
    (root / "runs/one/model.keras").unlink()
    assert ran(opened("try_it")).multiselect[0].options == ["two (classifier untrained)"]


def test_stages_that_ran_are_up_to_date_and_others_never_ran(root):
    make_pipeline(root)
    found = {name: stage.state for name, stage in states(root).items()}
    assert found == {
        "fetch@sample": stages.UP_TO_DATE,
        "fetch@pets": stages.NEVER_RUN,
        "train@one": stages.UP_TO_DATE,
    }


def test_a_changed_parameter_is_named_with_both_values(root):
    make_pipeline(root)
    text = (root / "params.yaml").read_text()
    (root / "params.yaml").write_text(text.replace("epochs: 3", "epochs: 50\n      lr: 0.1"))
    stage = states(root)["train@one"]
    assert stage.state == stages.CHANGED
    assert stage.why == "train.beta.one.epochs: 3 → 50; train.beta.one.lr: not set → 0.1"


def test_an_edited_file_changes_its_stage_and_those_behind_it(root):
    make_pipeline(root)
    (root / "fetch.py").write_text("# another\n")
    found = states(root)
    assert found["fetch@sample"][1:] == (stages.CHANGED, "edited: fetch.py")
    assert found["train@one"][1:] == (stages.UPSTREAM_CHANGED, "fetch@sample")


def test_an_edited_file_in_a_folder_changes_its_stage_but_a_compiled_one_does_not(root):
    make_pipeline(root)
    (root / "models/__pycache__").mkdir()
    (root / "models/__pycache__/beta.pyc").write_bytes(b"compiled")
    assert states(root)["train@one"].state == stages.UP_TO_DATE
    (root / "models/beta.py").write_text("# another\n")
    assert states(root)["train@one"].why == "edited: models"


def test_missing_outputs_and_missing_files_are_named(root):
    make_pipeline(root)
    (root / "runs/one/model.keras").unlink()
    assert states(root)["train@one"][1:] == (stages.OUTPUT_MISSING, "runs/one/model.keras")
    (root / "train.py").unlink()
    assert states(root)["train@one"][1:] == (stages.CHANGED, "train.py is missing")


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


def test_a_stage_whose_input_was_made_again_is_changed(root):
    make_pipeline(root)
    lock = params.load(root / "dvc.lock")
    lock["stages"]["fetch@sample"]["outs"] = [{"path": "data/raw/sample", "md5": "33.dir"}]
    params.save(lock, root / "dvc.lock")
    assert states(root)["train@one"].why == "data/raw/sample was made again"


def test_a_new_line_in_params_is_a_new_stage_that_waits_for_its_data(root):
    make_pipeline(root)
    content = params.load(root / "params.yaml")
    content["train"]["beta"]["new"] = {"dataset": "pets", "epochs": 1}
    params.save(content, root / "params.yaml")
    assert states(root)["train@new"] == ("train@new", stages.NEVER_RUN, "waits for fetch@pets")


def test_the_pipeline_shows_states_reasons_and_the_parameters_of_runs(root):
    make_project(root)
    (root / "fetch.py").write_text("# another\n")
    page = ran(opened("pipeline"))
    shown, runs = (frame.value for frame in page.dataframe)
    assert list(shown["Stage"]) == ["fetch@sample", "fetch@pets", "train@one"]
    assert shown["Why"][0] == "edited: fetch.py"
    assert runs.set_index("Parameter").loc["train.epochs", "one"] == "3"


def test_a_broken_dvc_yaml_is_named(root):
    make_project(root)
    (root / "dvc.yaml").write_text("stages:\n  a: {foreach: '${nowhere}', do: {cmd: x}}\n")
    assert "asks for ${nowhere}" in ran(opened("pipeline")).warning[0].value
    (root / "dvc.yaml").write_text("stages: [\n")
    assert "dvc.yaml cannot be read" in ran(opened("pipeline")).warning[0].value


def test_dvc_itself_agrees_that_its_stages_are_up_to_date(root):
    make_pipeline(root)
    shutil.rmtree(root / "runs")
    (root / "dvc.lock").unlink()
    (root / ".dvcignore").write_text("__pycache__\n")
    (root / "fetch.py").write_text(
        "import pathlib, sys; pathlib.Path('data/raw', sys.argv[1]).mkdir(parents=True)\n"
    )
    (root / "train.py").write_text(
        "import pathlib\np = pathlib.Path('runs/one/previews')\np.mkdir(parents=True)\n"
        "for file in ('model.keras', 'history.csv'):\n    (p.parent / file).write_text('1')\n"
    )
    for command in (["init", "-q", "--no-scm"], ["repro", "-q"]):
        subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "dvc", *command],
            cwd=root,
            env=os.environ | {"DVC_NO_ANALYTICS": "1", "PATH": _path()},
            check=True,
        )
    assert {stage.state for stage in states(root).values()} == {stages.UP_TO_DATE}


def _path() -> str:
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def test_no_view_loads_a_network_before_an_upload(root):
    make_project(root)
    script = """
import sys
from streamlit.testing.v1 import AppTest
for view in sys.argv[1:]:
    assert not AppTest.from_file(view, default_timeout=20).run().exception
    if loaded := {"tensorflow", "keras"} & set(sys.modules):
        sys.exit(f"{view} loads {loaded}")
"""
    files = [str(DASHBOARD / "views" / f"{view}.py") for view in VIEWS]
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_server_listens_to_this_machine_only_from_any_folder(tmp_path):
    settings = tomllib.loads((DASHBOARD / ".streamlit/config.toml").read_text())
    assert settings["browser"]["gatherUsageStats"] is False
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(DASHBOARD / "app.py")]
    command += ["--server.headless", "true", "--server.port", str(port)]
    server = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        deadline = time.time() + 30
        while not answers("127.0.0.1", port):
            assert time.time() < deadline, "the server did not start"
            time.sleep(0.1)
        assert not answers("127.0.0.2", port)  # would answer if it listened on all interfaces
    finally:
        server.terminate()
        server.wait()


def answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True

"""The state of each stage and the reason, the same as DVC's."""

import os
import shutil
from pathlib import Path

import pytest

from colornet import params
from dashboard.pipeline import stages
from support.dvc import dvc
from support.project import make_pipeline


@pytest.fixture
def root(tmp_path) -> Path:
    """A project that no dashboard shows."""
    return tmp_path


def states(root: Path) -> dict[str, stages.Stage]:
    files = ("dvc.yaml", "params.yaml", "dvc.lock")
    pipeline, parameters, lock = (params.load(root / file) for file in files)
    return {stage.name: stage for stage in stages.states(pipeline, parameters, lock, root=root)}


def test_stages_that_ran_are_up_to_date_and_others_never_ran(root):
    make_pipeline(root)
    found = {name: stage.state for name, stage in states(root).items()}
    assert found == {
        "fetch@sample": stages.UP_TO_DATE,
        "fetch@pets": stages.NEVER_RUN,
        "train@one": stages.UP_TO_DATE,
    }


def test_a_stage_has_its_needs_its_outputs_and_their_size(root):
    make_pipeline(root)
    lock = params.load(root / "dvc.lock")
    for out, size in zip(lock["stages"]["train@one"]["outs"], (70, None, 7), strict=True):
        out["size"] = size
    params.save(lock, root / "dvc.lock")
    found = states(root)
    outs = ("runs/one/model.keras", "runs/one/previews", "runs/one/history.csv")
    assert found["train@one"][3:] == (("fetch@sample",), outs, 77)
    assert found["fetch@pets"][2:] == ("not in dvc.lock", (), ("data/raw/pets",), None)


def test_the_time_of_a_stage_is_that_of_its_newest_output(root):
    make_pipeline(root)
    for seconds, out in enumerate(("model.keras", "previews", "history.csv"), start=1):
        os.utime(root / "runs/one" / out, (seconds, seconds))
    found = states(root)
    assert stages.written(found["train@one"], root=root) == 3
    assert stages.written(found["fetch@pets"], root=root) is None


def test_a_changed_parameter_is_named_with_both_values(root):
    make_pipeline(root)
    text = (root / "params.yaml").read_text()
    (root / "params.yaml").write_text(text.replace("epochs: 3", "epochs: 50\n      lr: 0.1"))
    stage = states(root)["train@one"]
    assert stage.state == stages.CHANGED
    assert stage.why == "train.beta.one.epochs: 3 → 50; train.beta.one.lr: not set → 0.1"


def test_an_edited_file_changes_its_stage_and_the_stages_after_it(root):
    make_pipeline(root)
    (root / "fetch.py").write_text("# another\n")
    found = states(root)
    assert found["fetch@sample"][1:3] == (stages.CHANGED, "edited: fetch.py")
    assert found["train@one"][1:3] == (stages.UPSTREAM_CHANGED, "fetch@sample")


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
    assert states(root)["train@one"][1:3] == (stages.OUTPUT_MISSING, "runs/one/model.keras")
    for out in ("previews", "history.csv"):
        (root / "runs/one" / out).rename(root / out)
    assert states(root)["train@one"][1:3] == (stages.OUTPUT_MISSING, "all 3")
    (root / "train.py").unlink()
    assert states(root)["train@one"][1:3] == (stages.CHANGED, "train.py is missing")


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
    assert states(root)["train@new"][:3] == ("train@new", stages.NEVER_RUN, "waits for fetch@pets")


def test_stages_that_need_each_other_are_named(root):
    stage = {"cmd": "x", "deps": ["a"], "outs": ["b"]}
    pipeline = {"stages": {"one": stage, "two": {"cmd": "x", "deps": ["b"], "outs": ["a"]}}}
    with pytest.raises(ValueError, match=r"^dvc.yaml has a circle: .*one.*two"):
        stages.states(pipeline, {}, {}, root=root)


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
    dvc("init", "-q", "--no-scm", folder=root)
    dvc("repro", "-q", folder=root)
    assert {stage.state for stage in states(root).values()} == {stages.UP_TO_DATE}

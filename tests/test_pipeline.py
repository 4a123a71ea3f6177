"""dvc.yaml, params.yaml, the code and dvc.lock say the same."""

import ast
import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.repo import Repo

from colornet import params, paths
from colornet.training.parameters import Parameters
from dashboard.pipeline.digest import digest

ROOT = Path(__file__).resolve().parents[1]
STAGES = ("fetch", "preprocess", "classify", "train", "evaluate")
# Folders that dvc.yaml names as a whole; of models/ and sources/ it names single files.
FOLDERS = {"images", "colour", "efficientnet", "training", "inference"}
# DVC sees what these change as params and outs, or they change nothing that is written: what
# system/download brings must have a checksum that stands in a stage's own modules. No stage
# colours a film or takes hints.
UNSEEN = {"params", "paths", "system", "film", "hints"}
# Each may import from those above it, and from its own folder.
LEVELS = [
    {"paths", "system", "square"},
    {"params", "colour", "efficientnet"},
    {"images", "models", "sources", "metrics", "split", "hints"},
    {"training", "inference", "cli", "film", "web"},
    {"colorizer", "card", "service"},
    {"fetch", "preprocess", "classify", "train", "train_jax", "evaluate"}
    | {"export", "release", "scoreboard", "archive"},
    {"colorize"},
    {"dashboard"},
]


@pytest.fixture(scope="module")
def stages():
    return {stage.addressing: stage for stage in Repo(str(ROOT)).index.stages}


def imports(file: Path) -> set[str]:
    """The modules of ours that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    names = {name for name in found if name.split(".")[0] in ("colornet", "dashboard")}
    return {name for name in names if source(name)}


def source(module: str) -> Path | None:
    file = ROOT / Path(*module.split(".")).with_suffix(".py")
    return file if file.is_file() else None


def closure(*modules: str) -> set[str]:
    """What dvc.yaml has to name: files and FOLDERS with code that importing the modules runs."""
    todo, found = list(modules), set()
    while todo:
        module = todo.pop()
        if module not in found and room(module) not in UNSEEN:
            found.add(module)
            todo += imports(source(module))
    return {
        f"colornet/{room(module)}"
        if room(module) in FOLDERS
        else str(source(module).relative_to(ROOT))
        for module in found
    }


def code_deps(stage) -> set[str]:
    return {dep.def_path for dep in stage.deps if dep.def_path.startswith("colornet/")}


def affected(stages, changed) -> set[str]:
    """Names of the stages that `changed(stage)` names and of all that follow from them."""
    names = {name for name, stage in stages.items() if changed(stage)}
    outs = {out.def_path for name in names for out in stages[name].outs}
    after = {
        name for name, stage in stages.items() if any(dep.def_path in outs for dep in stage.deps)
    }
    return names if after <= names else affected(stages, lambda s: s.addressing in names | after)


def tracked(stage) -> set[str]:
    return {key for dep in stage.deps for key in getattr(dep, "params", None) or ()}


def test_deps_of_each_stage_name_just_the_modules_that_it_reaches(stages):
    content = params.load(ROOT / paths.PARAMS)
    for name, stage in stages.items():
        kind, key = name.split("@")
        modules = [f"colornet.{kind.split('-')[0]}"]
        if kind.startswith("train-"):
            modules.append(f"colornet.models.{kind.removeprefix('train-')}")
        if kind == "fetch":  # DVC knows no conditions: all name what most sources share
            source_ = content["fetch"][key]["source"]
            modules += [f"colornet.sources.{source_}", "colornet.sources.archive"]
        assert code_deps(stage) == closure(*modules), name


def test_a_section_fits_the_schema_of_its_stage():
    content = params.load(ROOT / paths.PARAMS)
    assert set(content) == set(STAGES)
    for stage in STAGES:
        schema, sections = importlib.import_module(f"colornet.{stage}").run, content[stage].items()
        if stage == "train":
            schema = Parameters
            sections = [pair for runs in content["train"].values() for pair in runs.items()]
        for name, section in sections:
            assert params.check(section, schema, f"{stage}.{name}") == section


def test_the_published_experiments_have_the_published_numbers():
    runs = params.load(ROOT / paths.PARAMS)["train"]
    published = {
        "beta-siamese": ("beta", 1000, 20, 10, "rmsprop", 20, 0.2, 0.2),
        "beta-mixed": ("beta", 100, 20, 25, "rmsprop", 20, 0.2, 0.2),
        "final-mixed": ("final", 1000, 10, 6, "adam", 40, 0.4, 0.4),
    }
    keys = "epochs batch_size steps_per_epoch optimizer rotation zoom shear".split()
    for name, (model, *numbers) in published.items():
        assert [runs[model][name][key] for key in keys] == numbers
        assert runs[model][name]["flip"] is True
    assert runs["final"]["final-mixed"]["pictures"] == 60


def test_an_experiment_changes_just_its_own_line_of_params(tmp_path):
    from dvc.utils.serialize import modify_yaml

    file = tmp_path / "params.yaml"
    shutil.copy(ROOT / paths.PARAMS, file)
    with modify_yaml(str(file)) as content:  # what `dvc exp run -S` does
        content["train"]["beta"]["beta-siamese"]["epochs"] = 50
    before, after = (f.read_text().splitlines() for f in (ROOT / paths.PARAMS, file))
    changed = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [("      epochs: 1000", "      epochs: 50")]


def test_outs_are_what_paths_says(stages):
    for name, stage in stages.items():
        kind, key = name.split("@")
        expected = {
            "fetch": lambda key: {paths.raw(key)},
            "preprocess": lambda key: {paths.prepared(key)},
            "classify": lambda key: {paths.classes(key)},
            "train": lambda key: {paths.run(key) / out for out in paths.RUN_OUTS},
            "evaluate": lambda key: {paths.results(key) / out for out in paths.RESULT_OUTS},
        }[kind.split("-")[0]](key)
        assert {Path(out.def_path) for out in stage.outs} == expected, name


def test_what_may_hold_restricted_photographs_is_not_pushed(stages):
    for name, stage in stages.items():
        for out in stage.outs:
            pictures = out.def_path.startswith(("data/raw", "data/prepared"))
            pictures |= out.def_path.endswith(("previews", "pictures"))
            assert out.can_push is not pictures, (name, out.def_path)


def test_changed_epochs_rerun_that_training_and_its_evaluations_only(stages):
    changed = affected(stages, lambda stage: "train.beta.beta-siamese" in tracked(stage))
    evaluations = {"evaluate@beta-siamese", "evaluate@beta-siamese-on-cats-dogs"}
    assert changed == {"train-beta@beta-siamese"} | evaluations


def test_an_edited_final_network_retrains_no_beta(stages):
    changed = affected(stages, lambda stage: "colornet/models/final.py" in code_deps(stage))
    assert changed and all("final" in name for name in changed)


def test_an_edited_source_fetches_its_own_datasets_again_and_no_others(stages):
    changed = {name for name, one in stages.items() if "colornet/sources/pets.py" in code_deps(one)}
    assert changed == {"fetch@siamese", "fetch@pets"}


def test_edited_metrics_retrain_nothing_and_an_edited_dashboard_reruns_nothing(stages):
    changed = affected(stages, lambda stage: "colornet/metrics.py" in code_deps(stage))
    assert changed and all(name.startswith("evaluate@") for name in changed)
    assert not affected(stages, lambda s: any("dashboard" in dep.def_path for dep in s.deps))


def test_the_lock_was_made_by_this_code(stages):
    lock = params.load(ROOT / "dvc.lock")["stages"]
    sample = [n for n in stages if n.endswith("sample") and not n.endswith("-on-sample")]
    assert set(sample) <= set(lock)
    for name in sample:
        for dep in lock[name]["deps"]:
            if dep["path"].startswith("colornet/"):
                same = digest(ROOT / dep["path"]) == dep["md5"]
                assert same, f"{dep['path']} changed: run `make demo`, commit dvc.lock"


def room(module: str) -> str:
    return module.split(".")[0 if module.startswith("dashboard") else 1]


@pytest.mark.parametrize("folder", ["colornet", "dashboard"])
def test_modules_import_only_from_the_levels_above_them(folder):
    level = {name: n for n, names in enumerate(LEVELS) for name in names}
    for file in ROOT.glob(f"{folder}/**/*.py"):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for other in imports(file):
            if room(other) != room(module):
                assert level[room(other)] < level[room(module)], (module, other)


LIGHT = [
    "colornet.params",
    "colornet.paths",
    "colornet.images.photo",
    "colornet.colour.lab",
    "colornet.metrics",
]


def loaded(module: str) -> set[str]:
    code = f"import sys, {module}; print(*[name for name in sys.modules if '.' not in name])"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(answer.stdout.split()) & {"tensorflow", "keras", "streamlit"}


@pytest.mark.parametrize("module", [*LIGHT, "colornet.train", "colornet.colorize"])
def test_importing_it_loads_no_tensorflow(module):
    assert not loaded(module)


def test_the_check_for_tensorflow_can_fail():
    assert loaded("colornet.training.losses") == {"tensorflow", "keras"}

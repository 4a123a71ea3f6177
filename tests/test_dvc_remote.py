"""What data/README.md says of DVC's commands: what arrives, and with which exit status they end.

The stages are those of dvc.yaml; in place of the project's code, a script writes their outputs.
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from dvc.cli import main
from dvc.repo import Repo

from colornet import params, paths

# DVC warns of its own libraries
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

ROOT = Path(__file__).parents[1]
TARGET, RUN = "evaluate@beta-sample", Path("runs/beta-sample")
STAGE = """
import json, pathlib, sys
given = pathlib.Path("params.yaml").read_text()
outs = json.loads(pathlib.Path("outs.json").read_text())
for out in map(pathlib.Path, outs[f"{pathlib.Path(__file__).stem} {sys.argv[1]}"]):
    if not out.suffix:
        out /= "picture"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("{}" if out.suffix == ".json" else f"{out} {given}")
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A repository after TARGET ran and was pushed; the outputs of most stages never existed."""
    folder = tmp_path_factory.mktemp("project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
        patch.setenv("DVC_NO_ANALYTICS", "1")
        for name in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{name}_NAME", "name")
            patch.setenv(f"GIT_{name}_EMAIL", "name@example.org")
        _write()
        for call in (f"remote add -q -d store {folder}/remote", f"repro -q {TARGET}"):
            assert main(call.split()) == 0, call
        git("add", "--all")
        git("commit", "-q", "-m", "sample")
        assert main(["push"]) == 0
        yield folder


def _write() -> None:
    """dvc.yaml, of params.yaml what belongs to two datasets, and a file for each that they name."""
    shutil.copy(ROOT / "dvc.yaml", ".")
    content = params.load(ROOT / paths.PARAMS)
    for section in (*content.values(), *content["train"].values()):
        for key in section.keys() - {"beta", "final", "lite"}:
            if not re.search("sample|siamese", key) or "cats-dogs" in key:
                del section[key]
    params.save(content, paths.PARAMS)
    git("init", "-q")
    assert main(["init", "-q"]) == 0
    outs = {}
    for stage in Repo(".").index.stages:
        module, name = stage.cmd.removeprefix("python -m colornet.").split()
        outs[f"{module} {name}"] = [out.def_path for out in stage.outs]
        for dep in (dep.def_path for dep in stage.deps if dep.def_path.startswith("colornet/")):
            file = Path(dep if dep.endswith(".py") else f"{dep}/file")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        Path("colornet", f"{module}.py").write_text(STAGE)
    Path("colornet/__init__.py").touch()  # found before an installed colornet
    Path("outs.json").write_text(json.dumps(outs))
    Path(".gitignore").write_text("/remote/\n/clone/\n__pycache__/\n")


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], check=True)


@pytest.fixture
def clone(project, monkeypatch):
    """A clone, with nothing that belongs to DVC."""
    shutil.rmtree("clone", ignore_errors=True)
    git("clone", "-q", ".", "clone")
    monkeypatch.chdir("clone")


def test_a_pull_brings_all_that_was_pushed_but_ends_with_1_unless_what_is_missing_is_allowed(clone):
    assert main(["pull"]) == 1
    pushed = [file for file in paths.RUN_OUTS if file != "previews"]
    assert all((RUN / file).is_file() for file in pushed)
    assert (paths.results("beta-sample") / "summary.json").is_file()
    assert not paths.raw("sample").exists() and not (RUN / "previews").exists()
    assert main(["pull", "--allow-missing"]) == main(["fetch"]) == 0
    assert main(["pull", TARGET]) == 1
    for call in (["--allow-missing", TARGET], [str(RUN / "model.keras")]):
        assert main(["pull", *call]) == 0
    assert main(["checkout"]) == 255 and main(["checkout", "--allow-missing"]) == 0
    model = (RUN / "model.keras").stat().st_mtime_ns
    assert main(["repro", "--allow-missing", TARGET]) == 0
    assert (RUN / "model.keras").stat().st_mtime_ns == model and not paths.raw("sample").exists()


def test_an_experiment_is_applied_whole_but_ends_with_255_unless_it_is_a_branch(project):
    change = "train.beta.beta-sample.epochs"
    model, before = RUN / "model.keras", (RUN / "model.keras").read_bytes()
    assert main(["exp", "run", "-q", "-n", "longer", "-S", f"{change}=3", TARGET]) == 0
    longer = model.read_bytes()
    assert longer != before
    git("checkout", "-q", ".")
    assert main(["checkout", "--allow-missing"]) == 0 and model.read_bytes() == before
    assert main(["exp", "apply", "longer"]) == 255 and model.read_bytes() == longer
    assert params.load()["train"]["beta"]["beta-sample"]["epochs"] == 3
    git("checkout", "-q", ".")
    assert main(["exp", "branch", "longer", "longer"]) == 0
    git("checkout", "-q", "longer")
    assert main(["checkout", "--allow-missing"]) == 0 and model.read_bytes() == longer

"""What is installed: the whole package with the runs that ship, and all that colouring imports."""

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
NEEDED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
PINS = dict(
    line.split("==") for line in (ROOT / "requirements.txt").read_text().split() if "==" in line
)


def test_every_folder_with_modules_is_a_package_of_ours():
    files = [file for top in ("colornet", "dashboard") for file in ROOT.glob(f"{top}/**/*.py")]
    folders = {file.parent for file in files}
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert names | {"colornet.pretrained"} == set(PROJECT["tool"]["setuptools"]["packages"])


def test_what_ships_is_found_by_the_patterns_of_the_package():
    files = {
        file.relative_to(ROOT / "pretrained").as_posix()
        for pattern in PROJECT["tool"]["setuptools"]["package-data"]["colornet.pretrained"]
        for file in (ROOT / "pretrained").glob(pattern)
    }
    assert {"default", "LICENSE"} <= files
    for run in (ROOT / "pretrained").glob("*/model.keras"):
        name = run.parent.name
        assert {f"{name}/{file}" for file in ("model.keras", "params.yaml", "README.md")} <= files


@pytest.mark.parametrize("needed", NEEDED, ids=lambda needed: needed.name)
def test_what_the_package_needs_is_pinned_within_its_range(needed):
    assert needed.specifier.contains(PINS[needed.name])

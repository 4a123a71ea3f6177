"""What is installed: the package with its shipped runs, and the versions that the locks pin."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
NEEDED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
KINDS = ("", "-dev", "-gpu")


def wanted(kind: str) -> list[Requirement]:
    """The lines of requirements<kind>.txt that name a package."""
    lines = (ROOT / f"requirements{kind}.txt").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def locked(kind: str) -> dict[str, set[str]]:
    """name -> its versions in requirements<kind>.lock; some have one for each Python or system."""
    found: dict[str, set[str]] = {}
    text = (ROOT / f"requirements{kind}.lock").read_text("utf-8")
    for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def test_every_folder_with_modules_is_a_package_of_ours():
    files = [file for top in ("colornet", "dashboard") for file in ROOT.glob(f"{top}/**/*.py")]
    folders = {file.parent for file in files}
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert names | {"colornet.pretrained"} == set(PROJECT["tool"]["setuptools"]["packages"])


def test_the_patterns_of_the_package_find_every_shipped_file():
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
def test_the_locked_version_lies_in_the_range_that_the_package_accepts(needed):
    versions = locked("")[canonicalize_name(needed.name)]
    assert all(needed.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_has_the_versions_of_its_requirements(kind):
    versions = locked(kind)
    for requirement in wanted(kind):
        found = versions.get(canonicalize_name(requirement.name), set())
        assert found and all(requirement.specifier.contains(version) for version in found), (
            f"{requirement}: run `make lock`"
        )


@pytest.mark.parametrize("kind", KINDS[1:])
def test_the_locks_agree(kind):
    run_time = locked("")
    for name, versions in locked(kind).items():
        assert versions <= run_time.get(name, versions), f"{name}: run `make lock`"


@pytest.mark.parametrize("kind", KINDS)
def test_every_locked_package_has_hashes_and_no_address(kind):
    text = (ROOT / f"requirements{kind}.lock").read_text("utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert all(re.match(r"[\w.-]+==|    --hash=sha256:[0-9a-f]{64}|$", line) for line in lines)
    assert "://" not in text


def test_the_hooks_of_git_run_the_parts_of_make_check():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    parts = re.search(r"^check: (.*)", makefile, re.MULTILINE)[1].split()
    assert re.findall(r"entry: make --silent (\w+)", hooks) == parts

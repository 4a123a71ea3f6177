"""What the README and its neighbours name is there, and what is there they name."""

import re
import subprocess
from pathlib import Path

import pytest

from colornet import params

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text()
TREE = README.split("## What is where")[1]


def tracked() -> list[str]:
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("file", sorted(ROOT.glob("colornet/**/*.py")), ids=lambda file: file.name)
def test_each_module_stands_in_the_tree(file):
    if file.name != "__init__.py":
        parts = file.relative_to(ROOT / "colornet")
        assert str(parts) in TREE


def test_each_name_at_the_top_stands_in_the_tree():
    tops = {name.split("/")[0] for name in tracked()}
    for name in tops - {"pyproject.toml", "benchmarks"}:
        assert name.startswith(".") or name in TREE, name


def test_the_tree_names_nothing_that_is_not_there():
    for name in re.findall(r"[\w/.-]+\.(?:py|txt|yaml|md)\b", TREE):
        places = [ROOT / name, *(ROOT / folder / name for folder in ("colornet", "dashboard"))]
        made = {"params.yaml", "README.md", "experiments.md", "structure.md"}
        assert any(place.exists() for place in places) or name in made, name


def test_every_evaluation_but_the_crossed_ones_stands_in_the_table_of_targets():
    for name in params.load(ROOT / "params.yaml")["evaluate"]:
        assert "-on-" in name or f"evaluate@{name}`" in README, name


def test_every_command_with_a_stage_names_one_that_there_is():
    texts = [README, (ROOT / "data" / "README.md").read_text()]
    content = params.load(ROOT / "params.yaml")
    named = re.findall(r"(fetch|preprocess|classify|evaluate)@([\w-]+)", "\n".join(texts))
    assert named
    for stage, name in named:
        assert name in content[stage] or name in ("holidays", "beta-holidays"), (stage, name)


def test_the_example_of_an_own_folder_fits_the_schema():
    from ruamel.yaml import YAML

    from colornet import evaluate, fetch, preprocess, train

    block = README.split("```yaml")[1].split("```")[0]
    sections = YAML(typ="safe").load(block)
    runs = {"fetch": fetch.run, "preprocess": preprocess.run, "evaluate": evaluate.run}
    for stage, run in runs.items():
        for name, section in sections[stage].items():
            assert params.check(section, run, name) == section
    for name, section in sections["train"]["beta"].items():
        assert params.check(section, train.run, name) == section


@pytest.mark.parametrize("name", ["README.md", "data/README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    file = ROOT / name
    for target in re.findall(r"\]\(([^)#:]+)\)", file.read_text()):
        assert (file.parent / target).exists(), target


def test_each_make_target_of_the_readme_is_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`?make (\w+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE) or target == "and", target

"""The documents: what they name exists, what exists they name, and generated parts are current."""

import importlib
import inspect
import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from colornet import evaluate, fetch, metrics, params, paths, preprocess
from colornet.inference import classifier
from colornet.training.parameters import Parameters
from docs import generate
from test_pipeline import LEVELS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [
    file.stem
    for file in sorted((ROOT / "colornet" / "sources").glob("*.py"))
    if "\ndef fetch(" in file.read_text("utf-8")
]


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def tracked(*endings: str) -> list[str]:
    git = ["git", "-C", str(ROOT), "ls-files"]
    listed = subprocess.run(git, capture_output=True, text=True, check=True).stdout.split("\n")
    return [name for name in listed if name.endswith(endings) and (ROOT / name).is_file()]


DOCUMENTS = tracked(".md")
TEXT = "\n".join(map(read, DOCUMENTS))
ARCHITECTURE = read("docs/architecture.md")
TREE = read("docs/modules.md")


def test_the_readme_has_at_most_150_lines():
    assert len(read("README.md").splitlines()) <= 150


@pytest.mark.parametrize("file", generate.documents(), ids=lambda file: file.name)
def test_generated_parts_are_current(file):
    text = file.read_text("utf-8")
    assert generate.renewed(text) == text, "run `python -m docs.generate`"


def test_each_generated_part_stands_in_one_document():
    found = Counter(re.findall("<!-- generated: (.+) -->", TEXT))
    assert found == Counter(list(generate.PARTS))


def test_the_check_of_generated_parts_can_fail(tmp_path, monkeypatch):
    file = tmp_path / "training.md"
    file.write_text("before\n<!-- generated: parameters -->\nold\n<!-- end -->\nafter\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "documents", lambda: [file])
    with pytest.raises(SystemExit, match="outdated: training.md"):
        generate.main(["--check"])
    assert "\nold\n" in file.read_text()
    generate.main([])
    renewed = file.read_text()
    assert renewed.startswith("before\n") and renewed.endswith("<!-- end -->\nafter\n")
    assert "| `vivid` |" in renewed and "\nold\n" not in renewed
    generate.main(["--check"])


@pytest.mark.parametrize("name", Parameters.__dataclass_fields__)
def test_the_table_of_parameters_has_each_one_with_its_default_and_sentence(name):
    row = next(line for line in generate.parameters().split("\n") if line.startswith(f"| `{name}`"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 5 and cells[1] and cells[2] and cells[4].endswith(".")


def test_the_tree_has_exactly_the_modules_that_there_are():
    stated, folder = set(), ""
    for line in TREE.split("<!-- generated: tree -->")[1].split("\n"):
        if found := re.match(r"([\w/]+)/(?: |$)", line):
            folder = found[1]
        elif found := re.match(r"  (\w+\.py) ", line):
            stated.add(f"{folder}/{found[1]}")
    modules = {name for name in tracked(".py") if name.startswith(generate.PACKAGES)}
    assert stated == {name for name in modules if not name.endswith("__init__.py")}


def test_each_name_at_the_top_stands_in_the_tree():
    tops = {name.split("/")[0] for name in tracked("")}
    for name in tops:
        assert name.startswith(".") or re.search(rf"(?m)(^|\s){re.escape(name)}\b", TREE), name


def test_the_tree_names_nothing_that_is_not_there():
    top = TREE.split("```")[1]
    for name in re.findall(r"(?m)[\w-]+\.(?:py|txt|yaml|md|lock|toml)\b|^\w+(?=/)", top):
        made_later = name in ("runs", "results")
        assert made_later or (ROOT / name).exists() or (ROOT / "data" / name).exists(), name


def test_the_import_levels_are_those_that_are_tested():
    block = ARCHITECTURE.split("## Import levels")[1].split("```")[1]
    stated = [line.split("  ", 1) for line in block.strip().split("\n")]
    assert [int(level) for level, _ in stated] == list(range(len(LEVELS)))
    assert [set(names.split(", ")) for _, names in stated] == LEVELS


@pytest.mark.parametrize(
    "names",
    [
        fetch.COLUMNS,
        preprocess.INDEX,
        classifier.KINDS,
        paths.RUN_OUTS,
        paths.RESULT_OUTS,
        ("checkpoint", "times.csv", "rejected.csv", "index.csv", "sources.csv", "scores.npz"),
    ],
    ids=["sources.csv", "index.csv", "class scores", "run", "results", "other files"],
)
def test_what_stages_leave_is_listed(names):
    section = ARCHITECTURE.split("## What each stage leaves")[1].split("## Import levels")[0]
    for name in names:
        assert re.search(rf"\b{re.escape(name)}\b", section), name


def test_every_score_is_listed():
    section = ARCHITECTURE.split("## What each stage leaves")[1].split("## Import levels")[0]
    for name in set(metrics.CONVENTIONS) - {"region", "grey"}:
        assert re.search(rf"\b{name}\b", section), name


def test_data_readme_names_every_option_of_the_stages():
    text = read("data/README.md")
    runs = [importlib.import_module(f"colornet.sources.{name}").fetch for name in SOURCES]
    runs += [importlib.import_module(f"colornet.{name}").run for name in ("preprocess", "classify")]
    for run in (*runs, evaluate.run):
        for name, argument in inspect.signature(run).parameters.items():
            if argument.kind is argument.KEYWORD_ONLY:
                assert f"`{name}`" in text, (run.__module__, name)


@pytest.mark.parametrize("name", SOURCES)
def test_data_readme_has_a_section_for_each_source(name):
    assert f"\n### `{name}`: " in read("data/README.md")


def test_every_evaluation_that_trains_a_run_stands_in_the_table_of_targets():
    text = read("docs/training.md")
    for name, section in params.load(ROOT / "params.yaml")["evaluate"].items():
        trains = section["run"].startswith("runs/") and "-on-" not in name
        assert not trains or f"`evaluate@{name}`" in text, name


def test_every_command_with_a_stage_names_one_that_there_is():
    content = params.load(ROOT / "params.yaml")
    named = re.findall(r"(fetch|preprocess|classify|evaluate)@([\w-]+)", TEXT)
    assert named
    for stage, name in named:
        assert name in content[stage] or name in ("holidays", "beta-holidays"), (stage, name)


def test_every_shipped_run_that_is_named_is_there():
    history = ("docs/experiments.md", "CHANGELOG.md")  # which name runs that shipped before
    for name in set(DOCUMENTS) - set(history):
        for run in re.findall(r"\bpretrained/([\w-]+)", read(name)):
            assert (ROOT / "pretrained" / run).exists(), (name, run)


def test_every_module_that_a_command_runs_is_there():
    named = set(re.findall(r"python -m ((?:colornet|benchmarks|docs)\.\w+)", TEXT))
    assert "colornet.fetch" in named
    for module in named:
        file = ROOT / Path(*module.split("."))
        found = file.with_suffix(".py").is_file() or (file / "__main__.py").is_file()
        assert found or module.endswith("STAGE") or module.endswith("NAME"), module


def test_the_example_of_an_own_folder_fits_the_schema():
    block = read("docs/training.md").split("```yaml")[1].split("```")[0]
    sections = YAML(typ="safe").load(block)
    runs = {"fetch": fetch.run, "preprocess": preprocess.run, "evaluate": evaluate.run}
    for stage, run in runs.items():
        for name, section in sections[stage].items():
            assert params.check(section, run, name) == section
    for name, section in sections["train"]["beta"].items():
        assert params.check(section, Parameters, name) == section


def test_the_examples_of_sources_fit_the_schema():
    blocks = re.findall("```yaml\n(.+?)```", read("data/README.md"), re.DOTALL)
    examples = [YAML(typ="safe").load(block) for block in blocks]
    for name, section in [pair for each in examples for pair in each.get("fetch", each).items()]:
        options = {key: value for key, value in section.items() if key != "source"}
        source = importlib.import_module(f"colornet.sources.{section['source']}")
        assert params.check(options, source.fetch, name) == options


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the titles of a document."""
    titles = re.findall("^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name):
    file = ROOT / name
    for target in re.findall(r"\]\(([^):]+)\)", file.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        there = file.parent / path if path else file
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.read_text("utf-8")), target


def test_every_make_target_that_is_named_is_in_the_makefile():
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", TEXT, re.MULTILINE))
    assert {"demo", "test", "check"} <= named
    for target in named:
        assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE), target


def test_no_riddles_stand_for_usual_words():
    """Metadata, a network, and "returns" have other names in the field than these."""
    what = r"(?:the|those|its|with|by|how|what|which|whether|None)\b"
    verb = rf"(?:\"\"\"|[;,`] |\band )answers {what}"
    riddles = re.compile(rf"\bpapers\b|\bstudents?\b|{verb}", re.IGNORECASE)
    found = [
        f"{name}: {line.strip()}"
        for name in tracked(".py", ".md")
        if name != "tests/test_docs.py"
        for line in read(name).split("\n")
        if riddles.search(line)
    ]
    assert not found, "\n".join(found)

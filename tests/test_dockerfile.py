"""The Dockerfile, without Docker: what it copies exists, what it starts is accepted."""

import fnmatch
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from colornet.service import arguments

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "Dockerfile").read_text()
# Stage -> its instructions, each a word and what follows it
STAGES: dict[str, list[tuple[str, str]]] = {}
for _line in re.sub(r"\\\n\s*", "", re.sub(r"(?m)^\s*#.*\n", "", TEXT)).splitlines():
    if _line:
        _word, _, _rest = _line.partition(" ")
        if _word == "FROM":
            _stage = STAGES.setdefault(_rest.split()[-1], [])
        _stage.append((_word, _rest))


def of(stage: str, word: str) -> list[str]:
    return [rest for each, rest in STAGES[stage] if each == word]


def command(stage: str, word: str) -> list[str]:
    """The last command in JSON of an instruction."""
    text = of(stage, word)[-1]
    return json.loads(text[text.index("[") :])


def name(requirement: str) -> str:
    """The name of the package, in the one way of writing it."""
    return canonicalize_name(Requirement(requirement).name)


@pytest.mark.parametrize("stage", ["serve", "dashboard"])
def test_each_file_that_is_copied_is_in_the_repository_and_reaches_docker(stage):
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = [line[1:] for line in lines if line.startswith("!")]
    for copied in of(stage, "COPY"):
        for path in copied.split()[:-1]:
            git = ["git", "-C", str(ROOT), "ls-files", "--", path]
            assert subprocess.run(git, capture_output=True, text=True, check=True).stdout, path
            assert any(fnmatch.fnmatch(path, each) for each in allowed), path


@pytest.mark.parametrize("stage", ["serve", "dashboard"])
def test_it_runs_as_a_user_without_rights_and_is_checked_and_stopped_gently(stage):
    words = [word for word, _ in STAGES[stage]]
    assert of(stage, "USER") == ["colornet"]
    assert words.index("USER") > max(n for n, word in enumerate(words) if word in ("RUN", "COPY"))
    assert of(stage, "STOPSIGNAL") == ["SIGTERM"]
    compile(command(stage, "HEALTHCHECK")[2], "health check", "exec")


def test_the_service_accepts_the_command_and_the_check_asks_its_port():
    program, word, *rest = command("serve", "ENTRYPOINT")
    assert (program, word) == ("colornet", "serve")
    options = arguments.read(rest)
    assert options.host == "0.0.0.0"
    assert f":{options.port}/healthz" in of("serve", "HEALTHCHECK")[0]
    assert of("serve", "EXPOSE") == [str(options.port)]


def test_the_service_is_installed_in_the_versions_of_the_lock_file():
    pipe = re.search(r"grep .* > constraints.txt", of("serve", "RUN")[0])[0]
    shell = pipe.removesuffix(" > constraints.txt")
    done = subprocess.run(["sh", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=True)
    found = {name(line) for line in done.stdout.splitlines()}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = project["dependencies"] + project["optional-dependencies"]["serve"]
    assert {name(each) for each in needed} <= found

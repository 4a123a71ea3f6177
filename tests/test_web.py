"""What `colornet export --web` needs and writes, without a browser."""

import os
import re
import tarfile
from pathlib import Path

import pytest

from colornet import colorize, export, params
from colornet.web import page, runtime
from support.runs import leave_run

FACTS = {"run": "a<b", "licence": "CC & more", "size": 128, "saturation": 1.25, "padded": True}


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Puts a program in npm's place: lines of a shell script."""

    def place(*lines: str) -> None:
        (tmp_path / "bin").mkdir()
        program = tmp_path / "bin/npm"
        program.write_text("\n".join(["#!/bin/sh", *lines]))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}")

    return place


def sentence_of(package: Path | None = None) -> str:
    with pytest.raises(params.UserError) as error:
        runtime.files(package)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_without_npm_a_sentence_says_how_to_get_the_package_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    sentence = sentence_of()
    assert "npm, which fetches it, is not installed" in sentence
    assert f"`npm pack onnxruntime-web@{runtime.VERSION}`" in sentence
    assert "--onnxruntime" in sentence


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for npm")
def test_what_npm_complains_of_stands_in_the_sentence(npm):
    npm('echo "npm error code ENOTFOUND" >&2', 'echo "npm error no network" >&2', "exit 1")
    sentence = sentence_of()
    assert f"npm cannot bring {runtime.PACKAGE} (code ENOTFOUND no network)." in sentence
    assert "--onnxruntime" in sentence


@pytest.mark.skipif(os.name != "posix", reason="a shell script stands for npm")
def test_npm_is_asked_for_the_pinned_version_and_another_content_is_refused(npm, tmp_path):
    npm(f'echo "$@" > {tmp_path}/asked', "echo other > onnxruntime-web.tgz")
    assert "its sha512 differs" in sentence_of()
    assert (tmp_path / "asked").read_text().startswith(f"pack {runtime.PACKAGE} --ignore-scripts")


def test_another_file_or_none_is_no_package(tmp_path):
    other = tmp_path / "other.tgz"
    with tarfile.open(other, "w:gz"):
        pass
    sentence = sentence_of(other)
    assert f"{other} is not the npm package {runtime.PACKAGE}, or damaged" in sentence
    assert sentence_of(tmp_path / "none.tgz").endswith(
        "none.tgz cannot be read: No such file or directory."
    )


def test_the_page_asks_no_address_and_holds_its_style_and_scripts():
    text = page.index(FACTS)
    assert not re.search(r"https?://|STYLE|SETTINGS|SCRIPT\n|NAME<|LICENCE", text)
    for name in (*page.SCRIPTS, "page.css"):
        assert (page.HERE / name).read_text("utf-8") in text
    assert "<i>a&lt;b</i>" in text and "CC &amp; more" in text
    assert '{"size": 128, "saturation": 1.25, "padded": true}' in text
    assert text.count("</script>") == 6, "none ends inside a script"
    assert "connect-src 'none'" in text


def test_the_files_of_the_page_are_part_of_the_package():
    patterns = ("*.css", "*.html", "*.js", "*.txt")
    text = (page.HERE.parents[1] / "pyproject.toml").read_text("utf-8")
    assert f'"colornet.web" = {list(patterns)}'.replace("'", '"') in text
    packed = {file for pattern in patterns for file in page.HERE.glob(pattern)}
    assert packed == {f for f in page.HERE.iterdir() if f.is_file() and f.suffix != ".py"}


def test_a_run_that_needs_a_classifier_is_refused_before_anything_is_fetched(
    tiny_networks, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    run = leave_run("final", Path("runs/tiny"), train={"dataset": "tiny", "class_scores": "logits"})
    monkeypatch.setattr(runtime, "files", lambda package: pytest.fail("fetched in vain"))
    with pytest.raises(SystemExit) as end:
        colorize.main(["export", "--web", "--run", str(run)])
    assert "needs a classifier's scores of each photograph" in str(end.value.code)
    assert not Path("exported").exists()


def test_other_files_are_not_replaced_by_a_page(tmp_path, monkeypatch):
    (tmp_path / "model.onnx").write_bytes(b"of an export without --web")
    with pytest.raises(SystemExit) as end:
        export.main(["--web", "--output", str(tmp_path)])
    assert f"{tmp_path} is there and is no export" in str(end.value.code)


def test_the_help_names_the_command_as_it_was_called(capsys):
    with pytest.raises(SystemExit) as end:
        colorize.main(["export", "--help"])
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("usage: colornet export ")

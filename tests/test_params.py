"""params.yaml -> checked sections; every mistake of a user gets one sentence."""

import os
import signal
import time
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from pydantic import Field

from colornet import params


def stage(name, *, size: int, kind: Literal["a", "b"] = "a", share: float = 0.5):
    """A schema for the tests."""


def open_ended(name, *, size: int, **options):
    """A schema that accepts other keys too."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The schema of `stage` as a dataclass."""

    size: Annotated[int, Field(ge=1, description="A size.", json_schema_extra={"unit": "pixels"})]
    kind: Literal["a", "b"] = "a"
    share: Annotated[float | None, Field(gt=0)] = 0.5


SCHEMAS = pytest.mark.parametrize("schema", [stage, Parameters])


def sentence(function, *arguments) -> str:
    with pytest.raises(params.UserError) as caught:
        function(*arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


@SCHEMAS
def test_a_section_that_fits_is_returned(schema):
    assert params.check({"size": 3, "share": 1}, schema, "x") == {"size": 3, "share": 1.0}


@SCHEMAS
def test_an_unknown_key_names_the_legal_ones(schema):
    text = sentence(params.check, {"size": 3, "sise": 4}, schema, "preprocess.sample")
    assert text == (
        "params.yaml: preprocess.sample.sise is not known; legal are size, kind, share."
    )


@SCHEMAS
def test_a_misspelt_key_is_called_unknown_and_not_missing(schema):
    assert "x.sise is not known" in sentence(params.check, {"sise": 4}, schema, "x")


@SCHEMAS
@pytest.mark.parametrize(
    "section, word",
    [
        ({}, "x.size is missing"),
        ({"size": "big"}, "x.size is 'big': input should be a valid integer"),
        ({"size": True}, "x.size is True"),
        ({"size": 3, "kind": "c"}, "'a' or 'b'"),
        ({"size": 3, 4: 5}, "x.4"),
        (["size"], "x must map parameters to values; legal are size, kind, share"),
        (None, "map parameters"),
    ],
)
def test_a_value_that_does_not_fit_is_named(schema, section, word):
    assert word in sentence(params.check, section, schema, "x")


def test_the_limits_of_an_annotation_are_checked():
    text = sentence(params.check, {"size": 0}, Parameters, "x")
    assert text == "params.yaml: x.size is 0: input should be greater than or equal to 1."
    assert "x.share is 0.0" in sentence(params.check, {"size": 1, "share": 0.0}, Parameters, "x")
    assert params.check({"size": 1, "share": None}, Parameters, "x")["share"] is None


def test_a_checked_section_makes_the_dataclass():
    assert Parameters(**params.check({"size": 3}, Parameters, "x")).share == 0.5


def test_a_schema_with_options_accepts_other_keys_unchecked():
    section = {"size": 3, "path": "mine", "n": [1]}
    assert params.check(section, open_ended, "x") == section


def test_for_an_unknown_name_the_error_lists_the_existing_ones(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("fetch:\n  sample: {source: bundled}\n")
    assert params.section("fetch", "sample", file) == {"source": "bundled"}
    assert "sample" in sentence(params.section, "fetch", "samples", file)
    assert "none yet" in sentence(params.section, "train.beta", "x", file)


@pytest.mark.parametrize("name", ["../x", ".hidden", "a b", "a/b", ""])
def test_a_name_that_cannot_be_a_folder_is_refused(tmp_path, name):
    params.save({"fetch": {name: {"source": "bundled"}}}, tmp_path / "params.yaml")
    assert "names become folders" in sentence(
        params.section, "fetch", name, tmp_path / "params.yaml"
    )


def test_numbers_are_read_as_in_yaml_1_2(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("a: {rate: 1e-3, on: no}\n")
    assert params.load(file) == {"a": {"rate": 0.001, "on": "no"}}


@pytest.mark.parametrize("content", ["a: [", "just words", "a: \xff"])
def test_a_broken_file_is_named(tmp_path, content):
    file = tmp_path / "params.yaml"
    file.write_bytes(content.encode("latin-1"))
    assert str(file) in sentence(params.load, file)


def test_for_a_missing_file_the_error_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) in sentence(params.load)


def test_load_returns_what_save_wrote(tmp_path):
    content = {"train": {"flip": True, "zoom": 0.2, "path": "ä b", "none": None}}
    params.save(content, tmp_path / "p.yaml")
    assert params.load(tmp_path / "p.yaml") == content
    assert "path: ä b\n" in (tmp_path / "p.yaml").read_bytes().decode("utf-8")


def test_a_failed_save_leaves_the_old_file(tmp_path):
    params.save({"old": 1}, tmp_path / "p.yaml")
    with pytest.raises(Exception, match="represent"):
        params.save({"new": object()}, tmp_path / "p.yaml")
    assert params.load(tmp_path / "p.yaml") == {"old": 1}
    assert len(list(tmp_path.iterdir())) == 1


def test_a_mistake_ends_a_command_with_status_1_and_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        params.command("fetch", stage, ["sample"])
    assert end.value.code.startswith("error: There is no params.yaml")


def test_wrong_usage_ends_with_status_2(capsys):
    with pytest.raises(SystemExit) as end:
        params.command("fetch", stage, [])
    assert end.value.code == 2 and "usage" in capsys.readouterr().err


def test_ctrl_c_ends_with_status_130(capsys):
    with pytest.raises(SystemExit) as end, params.sentences():
        raise KeyboardInterrupt
    assert end.value.code == 130 and "the same command continues" in capsys.readouterr().err


def test_sigterm_ends_with_status_143(capsys):
    with pytest.raises(SystemExit) as end, params.sentences():
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
    assert end.value.code == 143 and "the same command continues" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_command_s_help_has_the_docstring_of_its_module(capsys):
    with pytest.raises(SystemExit):
        params.command("fetch", stage, ["--help"])
    assert "every mistake of a user gets one sentence" in " ".join(capsys.readouterr().out.split())


def test_other_errors_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), params.sentences():
        raise ZeroDivisionError


def test_the_file_default_names_the_default_run(tmp_path):
    (tmp_path / "default").write_text("lite-photos\n")
    assert params.default_run(tmp_path) == "lite-photos"


@pytest.mark.parametrize("content", [b"", b"two names", b"../elsewhere", b"\xff"])
def test_a_broken_file_default_is_a_value_error(tmp_path, content):
    (tmp_path / "default").write_bytes(content)
    with pytest.raises(ValueError):
        params.default_run(tmp_path)


def test_a_missing_file_default_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        params.default_run(tmp_path)

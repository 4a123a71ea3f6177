"""params.yaml -> checked sections: what a user may get wrong gets one sentence."""

from typing import Literal

import pytest

from colornet import params


def stage(name, *, size: int, kind: Literal["a", "b"] = "a", share: float = 0.5):
    """What the tests check sections against."""


def sentence(function, *arguments) -> str:
    with pytest.raises(params.UserError) as caught:
        function(*arguments)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_section_that_fits_is_given_back():
    assert params.check({"size": 3, "share": 1}, stage, "x") == {"size": 3, "share": 1.0}


def test_an_unknown_key_names_the_legal_ones():
    text = sentence(params.check, {"size": 3, "sise": 4}, stage, "preprocess.sample")
    assert "preprocess.sample.sise" in text and "size, kind, share" in text


def test_a_misspelt_key_is_called_unknown_not_missing():
    assert "x.sise is not known" in sentence(params.check, {"sise": 4}, stage, "x")


@pytest.mark.parametrize(
    "section, word",
    [
        ({}, "size is missing"),
        ({"size": "big"}, "'big'"),
        ({"size": True}, "True"),
        ({"size": 3, "kind": "c"}, "'a' or 'b'"),
        (["size"], "map parameters"),
    ],
)
def test_what_does_not_fit_is_named(section, word):
    assert word in sentence(params.check, section, stage, "x")


def test_an_unknown_name_lists_those_that_there_are(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("fetch:\n  sample: {source: bundled}\n")
    assert params.section("fetch", "sample", file) == {"source": "bundled"}
    assert "sample" in sentence(params.section, "fetch", "samples", file)
    assert "none yet" in sentence(params.section, "train.beta", "x", file)


@pytest.mark.parametrize("name", ["../x", ".hidden", "a b", "a/b", ""])
def test_a_name_that_is_no_folder_name_is_refused(tmp_path, name):
    params.save({"fetch": {name: {"source": "bundled"}}}, tmp_path / "params.yaml")
    assert "names become folders" in sentence(
        params.section, "fetch", name, tmp_path / "params.yaml"
    )


def test_numbers_are_read_as_yaml_1_2_has_them(tmp_path):
    file = tmp_path / "params.yaml"
    file.write_text("a: {rate: 1e-3, on: no}\n")
    assert params.load(file) == {"a": {"rate": 0.001, "on": "no"}}


@pytest.mark.parametrize("content", ["a: [", "just words", "a: \xff"])
def test_a_broken_file_gets_a_sentence(tmp_path, content):
    file = tmp_path / "params.yaml"
    file.write_bytes(content.encode("latin-1"))
    assert str(file) in sentence(params.load, file)


def test_a_missing_file_says_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) in sentence(params.load)


def test_what_is_saved_is_loaded_again(tmp_path):
    content = {"train": {"flip": True, "zoom": 0.2, "path": "a b", "none": None}}
    params.save(content, tmp_path / "p.yaml")
    assert params.load(tmp_path / "p.yaml") == content


def test_a_mistake_ends_a_command_with_status_1_and_no_traceback(tmp_path, monkeypatch, capsys):
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
    assert end.value.code == 130 and "goes on" in capsys.readouterr().err


def test_other_errors_keep_their_traceback():
    with pytest.raises(ZeroDivisionError), params.sentences():
        raise ZeroDivisionError


def test_the_default_run_is_named_by_the_file_default(tmp_path):
    (tmp_path / "default").write_text("unet-pets\n")
    assert params.default_run(tmp_path) == "unet-pets"


@pytest.mark.parametrize("content", [b"", b"two names", b"../elsewhere", b"\xff"])
def test_a_broken_file_default_is_a_value_error(tmp_path, content):
    (tmp_path / "default").write_bytes(content)
    with pytest.raises(ValueError):
        params.default_run(tmp_path)


def test_a_missing_file_default_is_an_os_error(tmp_path):
    with pytest.raises(OSError):
        params.default_run(tmp_path)

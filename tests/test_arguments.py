"""Arguments are checked before anything is read; their defaults are those of the help."""

import subprocess
import sys

import pytest

from colornet.cli import arguments


def read(line: str):
    return arguments.read(line.split())


@pytest.mark.parametrize(
    ("line", "suffix"),
    [
        ("a.jpg", "-colour"),
        ("a.jpg --output out", ""),
        ("a.jpg --output out --suffix x", "x"),
        ("a.jpg --compare", "-compare"),
        ("a.jpg --compare --output out", "-compare"),
        ("a.jpg --suffix -bw", "-bw"),
        ("a.jpg --suffix=-bw", "-bw"),
    ],
)
def test_the_default_suffix_depends_on_where_results_go(line, suffix):
    assert read(line).suffix == suffix


def test_amounts_may_end_in_a_unit():
    options = read("a.jpg --max-pixels 1.5M --max-bytes 2k")
    assert (options.max_pixels, options.max_bytes) == (1_500_000, 2_000)
    options = read("a.jpg")
    assert (options.max_pixels, options.max_bytes) == (100_000_000, 500_000_000)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "INPUT"),
        ("a.jpg --quality 0", "0 is no whole number from 1 to 100"),
        ("a.jpg --quality best", "best is no whole number"),
        ("a.jpg --saturation -1", "-1 is no number from 0 up"),
        ("a.jpg --saturation nan", "nan is no number from 0 up"),
        ("a.jpg --max-pixels 0", "0 is no number such as 5000000 or 5M"),
        ("a.jpg --max-bytes many", "many is no number such as"),
        ("a.jpg --format gif", "invalid choice"),
        ("a.jpg --suffix a/b", "a/b contains /; name folders with --output"),
        ("a.jpg --output b.jpg", "b.jpg is named like a picture; name a folder"),
        ("a.jpg --output file", "file is a file; name a folder"),
        ("a.jpg --over", "unrecognized arguments: --over"),
    ],
)
def test_wrong_usage_prints_a_reason_and_ends_with_status_2(
    line, sentence, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit) as end:
        read(line)
    assert end.value.code == 2 and sentence in capsys.readouterr().err


def test_the_help_names_the_installed_runs(capsys):
    with pytest.raises(SystemExit) as end:
        read("--help")
    text = " ".join(capsys.readouterr().out.split())
    assert end.value.code == 0 and "default: lite-photos" in text


def test_the_help_loads_no_network_library():
    code = (
        "import sys; from colornet import colorize\n"
        "try: colorize.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'keras', 'tensorflow', 'openvino', 'h5py', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_without_installed_runs_the_help_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("colornet.paths.PRETRAINED", tmp_path)
    with pytest.raises(SystemExit):
        read("--help")
    assert "none is installed" in " ".join(capsys.readouterr().out.split())

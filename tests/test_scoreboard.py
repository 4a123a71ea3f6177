"""The table of scores that `make demo` prints at its end."""

import json

import pytest

from colornet import params, paths, scoreboard


def evaluation(name, classifier, psnr):
    means = {key: 1.0 for key in scoreboard.COLUMNS} | {"psnr": psnr}
    folder = paths.results(name)
    folder.mkdir(parents=True)
    summary = {"evaluation": name, "n": 4, "classifier": classifier, "means": means}
    (folder / "summary.json").write_text(json.dumps(summary))


def test_each_evaluation_has_a_row_with_its_scores_and_those_of_grey(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evaluation("beta-x", None, 23.456)
    evaluation("final-x", "none", 22.0)
    head, beta, final = scoreboard.table().splitlines()
    assert head.split()[:5] == ["evaluation", "pictures", "PSNR", "dB", "(grey)"]
    assert beta.split()[:4] == ["beta-x", "4", "23.46", "1.00"]
    assert "final-x (classifier untrained)" in final


def test_without_results_the_error_names_the_command_that_makes_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(params.UserError, match="make demo"):
        scoreboard.table()

"""A report adds up outcomes and prints a line for those that a person needs."""

import json
import signal
from pathlib import Path

import pytest

from colornet.cli.batch import Outcome
from colornet.cli.report import Report

COLOURED = Outcome(Path("a.jpg"), Path("out/a.jpg"), "coloured", seconds=1.23456, made_grey=True)
PAGE = COLOURED._replace(
    notes=("page 1 of 3", "dots smoothed"), page=1, pages=3, not_kept=("IPTC",)
)
KEPT = Outcome(Path("b.jpg"), Path("out/b.jpg"), "kept", "out/b.jpg exists")
SKIPPED = Outcome(Path("c.jpg"), None, "skipped", "is no picture")
UNTRIED = Outcome(Path("d.jpg"), Path("out/d.jpg"), "skipped", "was not tried", untried=True)


def lines(outcomes, capsys, *, few):
    report = Report()
    for outcome in outcomes:
        report.add(outcome, few=few)
    return capsys.readouterr().err.splitlines()


def test_of_few_outcomes_each_but_the_untried_gets_a_line(capsys):
    assert lines([COLOURED, KEPT, SKIPPED, UNTRIED], capsys, few=True) == [
        "a.jpg -> out/a.jpg (made grey first)",
        "kept: b.jpg: out/b.jpg exists",
        "skipped: c.jpg is no picture",
    ]


def test_of_many_outcomes_only_failures_get_a_line(capsys):
    assert lines([COLOURED, KEPT, SKIPPED, UNTRIED], capsys, few=False) == [
        "skipped: c.jpg is no picture"
    ]


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(outcomes=[COLOURED, KEPT]), 0),
        (Report(outcomes=[COLOURED, SKIPPED]), 1),
        (Report(error="runs/x holds no trained run"), 1),
        (Report(outcomes=[COLOURED], stopped=signal.SIGINT), 130),
        (Report(outcomes=[COLOURED, SKIPPED], stopped=signal.SIGTERM), 143),
    ],
)
def test_the_exit_status_follows_from_the_report(report, status):
    assert report.status == status


def test_the_summary_counts_all_kinds():
    report = Report(left_out=2, outcomes=[COLOURED, KEPT, SKIPPED, UNTRIED])
    assert report.summary(2.04) == (
        "1 coloured (1 of them from colour, made grey first), 1 kept, 2 skipped"
        " (1 of them not tried), results of earlier calls left out: 2, in 2.0 s"
    )


def test_json_has_every_outcome_and_the_counts():
    content = json.loads(Report(run="lite-photos", outcomes=[COLOURED, SKIPPED]).as_json(1.5))
    first, second = content.pop("files")
    assert (first["source"], first["target"], first["seconds"]) == ("a.jpg", "out/a.jpg", 1.235)
    assert (second["target"], second["reason"]) == (None, "is no picture")
    assert content == {
        "run": "lite-photos", "error": None, "results_left_out": 0,
        "coloured": 1, "kept": 0, "skipped": 1, "seconds": 1.5,
    }  # fmt: skip


def test_notes_stand_in_brackets_and_in_json(capsys):
    (line,) = lines([PAGE], capsys, few=True)
    assert line == "a.jpg -> out/a.jpg (made grey first; page 1 of 3; dots smoothed)"
    (entry,) = json.loads(Report(outcomes=[PAGE]).as_json(1.0))["files"]
    assert [entry[key] for key in ("page", "pages", "notes", "not_kept")] == [
        1, 3, ["page 1 of 3", "dots smoothed"], ["IPTC"],
    ]  # fmt: skip


def test_of_many_outcomes_the_first_ten_with_notes_get_a_line_and_the_summary_counts_all(capsys):
    report = Report()
    for outcome in [COLOURED, *[PAGE] * 12]:
        report.add(outcome, few=False)
    assert len(capsys.readouterr().err.splitlines()) == 10
    assert "12 have notes, which --json lists" in report.summary(1.0)


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")]
)
def test_json_says_what_stopped_a_call(number, name):
    assert json.loads(Report(stopped=number).as_json(1.0))["error"] == f"stopped with {name}"

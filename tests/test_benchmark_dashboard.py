"""The project that the benchmark of the dashboard makes."""

import pytest
import streamlit as st

from benchmarks import large_project
from dashboard import files, readers


@pytest.fixture
def names(tmp_path, monkeypatch) -> list[str]:
    monkeypatch.setenv("COLORNET_ROOT", str(tmp_path))
    st.cache_data.clear()
    return large_project.make(tmp_path, runs=3, epochs=40, pictures=30)


def test_it_has_the_asked_numbers_and_nothing_is_broken(names, tmp_path):
    runs, problems = readers.runs()
    evaluations, more = readers.evaluations()
    assert not problems and not more
    assert [run.name for run in runs] == names and len(names) == 3
    for run in runs:
        assert run.ready and run.state == "done"
        assert len(run.history) == len(run.times) == 40
        previews = readers.previews(run)
        assert len(previews) == 4 and all(
            epochs.keys() >= {1, 2, 40} for epochs in previews.values()
        )
    assert [evaluation.summary["run"] for evaluation in evaluations] == [
        "runs/run-00",
        "runs/run-01",
    ]
    scores = [readers.scores(evaluation) for evaluation in evaluations]
    assert scores[0]["file"].tolist() == scores[1]["file"].tolist()
    for evaluation, table in zip(evaluations, scores, strict=True):
        assert len(table) == evaluation.summary["n"] == 30
        assert table.notna().all(axis=None) and table["psnr"].is_unique
        for kind in ("input", "output", "truth", "strip"):
            assert all(files.opens(evaluation.picture(file, kind)) for file in table["file"])
    assert (tmp_path / "dvc.yaml").is_file()

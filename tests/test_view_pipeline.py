"""The Pipeline page: filled, changed, large, and with broken files."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from colornet import params
from support import pages
from support.pages import ran, said
from support.project import make_pipeline, make_project, make_run

LAYERS = [
    {"name": name, "type": "Conv2D", "shape": [None, None, None, 8], "parameters": 10, "inputs": []}
    for name in ("encoder_conv1", "decoder_ab")
]


pytestmark = pytest.mark.usefixtures("root")


def opened() -> AppTest:
    return ran(pages.opened("pipeline"))


def showing(run: str) -> AppTest:
    """The page with the parameters of this run."""
    page = opened()
    page.selectbox(key="run").set_value(run)
    return ran(page)


def graphs(page: AppTest) -> list[str]:
    return [chart.proto.spec for chart in page.get("graphviz_chart")]


def write(folder: Path, content) -> None:
    (folder / "structure.json").write_text(json.dumps(content))


def edit(root: Path, old: str, new: str) -> None:
    text = (root / "params.yaml").read_text()
    assert old in text
    (root / "params.yaml").write_text(text.replace(old, new))


def test_a_box_for_each_kind_counts_its_stages(root):
    make_project(root)
    page = opened()
    assert "✓ 2 up to date · – 1 never run" in said(page)
    assert 'label="fetch\\n✓ 1 up to date\\n– 1 never run"' in graphs(page)[0]
    assert 'label="train\\n✓ 1 up to date"' in graphs(page)[0]


def test_what_one_stage_needs_is_drawn_and_listed_alone(root):
    make_project(root)
    page = opened()
    page.selectbox(key="stage").set_value("train@one")
    ran(page)
    assert list(page.dataframe[0].value["Stage"]) == ["fetch@sample", "train@one"]
    assert 'label="train\\none\\n✓ up to date"' in graphs(page)[0]
    assert graphs(page)[0].count("->") == 1


def test_stages_have_a_reason_a_size_a_time_and_minutes_of_training(root):
    make_project(root)
    lock = params.load(root / "dvc.lock")
    for out in lock["stages"]["train@one"]["outs"]:
        out["size"] = 1000
    params.save(lock, root / "dvc.lock")
    table = opened().dataframe[0].value.set_index("Stage")
    assert table.loc["fetch@pets", "Why"] == "not in dvc.lock"
    train = table.loc["train@one"]
    assert (train["State"], train["Size"]) == ("✓ up to date", 3000)
    assert train["Training"] == pytest.approx(3 * 12.5 / 60)
    assert abs(train["Written"].timestamp() - time.time()) < 24 * 3600
    assert table["Training"].isna().sum() == 2


def test_a_stage_says_that_its_run_trains_now(root):
    make_project(root)
    (root / "runs/one/model.keras").unlink()
    table = opened().dataframe[0].value.set_index("Stage")
    assert table.loc["train@one", "Why"].startswith("trains now, 3 epochs done; runs/one/model")


def test_parameters_that_differ_from_today_come_first_and_are_counted(root):
    make_project(root)
    edit(root, "epochs: 3", "epochs: 50")
    page = showing("one")
    table = page.dataframe[1].value
    assert list(table.iloc[0]) == ["train.epochs", "3", "50", "≠ differs"]
    assert list(table.iloc[1]) == ["train.optimizer", "adam", "–", "? not set today"]
    assert list(table.iloc[-2]) == ["preprocess.size", "64", "–", "? not set today"]
    assert list(table.iloc[-1]) == ["train.dataset", "sample", "sample", "= same"]
    assert "1 differs · 2 not set today · 1 same" in said(page)


def test_a_parameter_that_is_not_in_params_has_the_default_of_the_code(root):
    make_project(root)
    (root / "colornet").mkdir()
    (root / "colornet/train.py").write_text(
        "import nowhere\ndef run(name, *, dataset: str, epochs=0, optimizer='adam'):\n    pass\n"
    )
    page = showing("one")
    table = page.dataframe[1].value.set_index("Parameter")
    assert list(table.loc["train.optimizer"]) == ["adam", "adam (default)", "= same"]
    assert list(table.loc["train.epochs"]) == ["3", "3", "= same"]


def test_a_run_that_is_not_in_params_says_so(root):
    make_project(root)
    page = showing("two")
    assert "`params.yaml` has no `train.beta.two` today" in page.info[0].value
    assert "≠ differs" not in page.dataframe[1].value.to_csv()


def test_the_newest_run_is_compared_first(root):
    make_project(root)
    long_ago = time.time() - 1000
    for file in (root / "runs/two").iterdir():
        os.utime(file, (long_ago, long_ago))
    assert opened().selectbox(key="run").value == "one"
    for file in (root / "runs/one").iterdir():
        os.utime(file, (long_ago - 1, long_ago - 1))
    assert opened().selectbox(key="run").value == "two"


def test_a_network_is_drawn_in_its_parts_with_a_table_of_its_layers(root):
    make_project(root)
    write(root / "runs/one", {"layers": LAYERS})
    page = opened()
    assert "20 parameters · 2 layers · encoder 10 (50%) · decoder 10 (50%)" in said(page)
    assert 'label="encoder"' in graphs(page)[1] and 'label="decoder"' in graphs(page)[1]
    table = page.dataframe[-1].value
    assert list(table.iloc[0]) == ["encoder_conv1", "Conv2D", "h × w × 8", 10]


def test_the_shipped_network_that_colours_by_default_is_drawn_first(root):
    make_project(root)
    make_run(root, "best")
    (root / "pretrained").mkdir()
    shutil.move(root / "runs/best", root / "pretrained/best")
    (root / "pretrained/default").write_text("best\n")
    assert opened().selectbox(key="network").value == "best (shipped)"


@pytest.mark.parametrize(
    "content",
    [b"", b'{"layers": [', b"\xff", b"[]", b"{}", b'{"layers": [1]}', b'{"layers": {"a": 1}}'],
)
def test_a_structure_that_is_missing_broken_or_foreign_is_named(root, content):
    make_project(root)
    assert "runs/one/structure.json is missing" in said(opened())
    (root / "runs/one/structure.json").write_bytes(content)
    page = opened()
    assert "The network cannot be drawn: runs/one/structure.json" in said(page)
    assert str(root) not in said(page)


@pytest.mark.parametrize("content", ["stages: {a: 5}", "stages: {a: {outs: 5}}", "5", "a: [", ""])
@pytest.mark.parametrize("file", ["dvc.yaml", "dvc.lock", "params.yaml"])
def test_a_broken_file_of_the_pipeline_hides_no_run(root, file, content):
    make_project(root)
    write(root / "runs/one", {"layers": LAYERS})
    (root / file).write_text(content)
    page = opened()
    assert "20 parameters" in said(page)
    assert "train.epochs" in page.dataframe[-2].value.to_csv()


def test_parameters_of_another_form_are_still_compared(root):
    make_pipeline(root)
    for train in ("5", "{beta: 5}", "{beta: {one: 5}}", "{beta: {one: {}}}"):
        (root / "params.yaml").write_text(f"fetch: {{}}\ntrain: {train}\npreprocess: 5\n")
        assert len(opened().dataframe[-2].value) == 4


def test_a_graph_of_too_many_boxes_is_left_out(root):
    make_project(root)
    layers = [LAYERS[0] | {"name": f"encoder_conv{number}"} for number in range(201)]
    write(root / "runs/one", {"layers": layers})
    page = opened()
    assert "201 boxes are too many for a graph" in said(page)
    assert len(page.dataframe[-1].value) == 201


def test_graphs_and_tables_have_descriptions(root):
    make_project(root)
    write(root / "runs/one", {"layers": LAYERS})
    page = opened()
    elements = [*page.get("graphviz_chart"), *page.dataframe]
    assert len(elements) == 6
    assert all(alt(element) for element in elements)


def alt(element) -> str:
    proto = element.proto
    return getattr(proto, "alt", "") or getattr(proto, "alt_text", "")


@pytest.mark.slow
def test_two_hundred_stages_and_fifty_runs_take_less_than_two_seconds(root):
    make_project(root)
    content = params.load(root / "params.yaml")
    content["train"]["beta"] |= {f"r{n}": {"dataset": "sample", "epochs": 3} for n in range(100)}
    content["fetch"] |= {f"f{n}": {"source": "bundled"} for n in range(100)}
    params.save(content, root / "params.yaml")
    for number in range(48):
        write(make_run(root, f"r{number}"), {"layers": LAYERS})
    page = opened()
    page.selectbox(key="stage").set_value("train@r7")
    began = time.perf_counter()
    ran(page)
    assert time.perf_counter() - began < 2  # alone on two cores it takes 0.3
    assert len(page.dataframe[0].value) == 2

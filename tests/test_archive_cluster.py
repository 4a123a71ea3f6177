"""Archives on Ray: three nodes of a cluster on this machine, of which one is lost."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("ray")
pytest.importorskip("pyarrow")

from colornet.archive import __main__, arguments  # noqa: E402
from colornet.cli import manifest  # noqa: E402
from support.archive import contents  # noqa: E402
from support.command import CHOSEN  # noqa: E402
from support.pictures import colourful  # noqa: E402

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parent
COUNT, DIFFERENT, BROKEN = 300, 25, range(7, 300, 50)
STORE = 80_000_000  # bytes, about the least that Ray takes
# A node that does not answer for a second and a half is lost; Ray's default is half a minute
HEALTH = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 500,
    "health_check_timeout_ms": 1000,
    "health_check_failure_threshold": 3,
}


@pytest.fixture(scope="module")
def environment():
    """That of a user, in this process too: nodes that it starts inherit it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHOSEN:
            patch.delenv(name, raising=False)
        patch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        yield


@pytest.fixture(scope="module")
def nodes(environment):
    """A cluster of three nodes with a CPU each; its address and a way to lose nodes."""
    from ray.cluster_utils import Cluster

    before = signal.getsignal(signal.SIGTERM)
    common = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=common | {"_system_config": HEALTH})
    try:
        for _ in range(2):
            cluster.add_node(**common)
        yield cluster
    finally:
        cluster.shutdown()
        signal.signal(signal.SIGTERM, before)  # Ray leaves its own


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def started(cluster, *more, module="colornet.archive") -> subprocess.Popen:
    """in/ -> out/ on the cluster, recorded in m.jsonl."""
    command = [sys.executable, "-m", module, "in", "out", "--manifest", "m.jsonl", *more]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*command, "--address", cluster.address], **pipes)


def called(cluster, *more, **options) -> tuple[int, str]:
    """The exit status and what was printed, which must be on the standard error alone."""
    process = started(cluster, *more, **options)
    printed, errors = process.communicate()
    assert not printed
    return process.returncode, errors


def records() -> list[manifest.Record]:
    return list(manifest.records(Path("m.jsonl")))


def pictures() -> dict[str, bytes]:
    """Fills in/ with COUNT files, some of them broken; the sound ones of DIFFERENT contents.

    Returns what `colornet` writes for the sound ones.
    """
    for number in range(DIFFERENT):
        file = Path("one", f"{number}.png")
        file.parent.mkdir(exist_ok=True)
        colourful(number).save(file)
    command = [sys.executable, "-m", "colornet.colorize", "one", "--output", "coloured"]
    subprocess.run(command, check=True, capture_output=True)
    expected = {}
    for number in range(COUNT):
        name = f"{number % 7}/{number:03}.png"
        Path("in", name).parent.mkdir(parents=True, exist_ok=True)
        if number in BROKEN:
            Path("in", name).write_bytes(b"no picture at all")
        else:
            shutil.copy(f"one/{number % DIFFERENT}.png", f"in/{name}")
            expected[name] = Path("coloured", f"{number % DIFFERENT}.png").read_bytes()
    return expected


def test_a_node_is_lost_and_every_picture_is_coloured_once_or_named(nodes, here):
    expected = pictures()
    process = started(nodes)
    while not records():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    lost = next(iter(nodes.worker_nodes))
    nodes.remove_node(lost, allow_graceful=False)
    assert len(records()) < COUNT, "the node was lost in the middle"
    printed, errors = process.communicate()
    assert process.returncode == 1 and not printed, errors

    assert Counter(each.path for each in records()) == Counter(set(contents(Path("in"))))
    assert contents(Path("out")) == expected
    named = {each.path for each in records() if each.status == "skipped"}
    assert named == contents(Path("in")).keys() - expected.keys()
    assert {each.sentence for each in records() if each.path in named} == {"is no picture"}
    assert {each.status for each in records() if each.path in expected} == {"coloured"}
    for each in records():
        if each.path in expected:
            assert manifest.sha256(Path("out", each.target)) == each.sha256_out
    assert f"{len(expected)} coloured, 0 kept, {len(named)} skipped" in errors

    before = Path("m.jsonl").read_bytes(), {f: f.stat().st_mtime_ns for f in Path("out").rglob("*")}
    status, errors = called(nodes)
    assert status == 1 and f"0 coloured, {len(expected)} kept, {len(named)} skipped" in errors
    after = Path("m.jsonl").read_bytes(), {f: f.stat().st_mtime_ns for f in Path("out").rglob("*")}
    assert before == after
    nodes.add_node(num_cpus=1, object_store_memory=STORE)


def test_a_picture_that_ends_its_process_is_named_and_the_others_are_coloured(nodes, here):
    Path("in").mkdir()
    for number in range(20):
        colourful(number).save(f"in/{number}.png")
    colourful(20).save("in/deadly.png")
    status, errors = called(nodes, "--workers", "1", module="support.deadly")
    assert status == 1
    assert "skipped: deadly.png ended each process that began to colour it" in errors
    assert "20 coloured, 0 kept, 1 skipped" in errors
    assert len(contents(Path("out"))) == 20
    (bad,) = (each for each in records() if not each.done)
    assert bad.path == "deadly.png" and len(records()) == 21


def test_a_run_that_no_node_can_load_is_one_sentence(nodes, here):
    Path("in").mkdir()
    colourful(0).save("in/a.png")
    Path("bad").mkdir()
    Path("bad/params.yaml").write_text("model: lite\ntrain: {dataset: tiny}\n")
    Path("bad/model.keras").write_bytes(b"no network")
    status, errors = called(nodes, "--run", "bad")
    assert status == 1 and not Path("out").exists() and not records()
    first, *others = errors.splitlines()
    assert first.startswith("error: ") and "bad" in first and "/tmp" not in first and not others


class Missing:
    """A finder of modules that knows no Ray."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name=name)


def test_without_ray_a_sentence_names_what_to_install(here, monkeypatch, capsys):
    for name in [name for name in sys.modules if name.split(".")[0] == "ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing, *sys.meta_path])
    assert __main__.main(["in", "out", "--manifest", "m.jsonl"]) == 1
    assert capsys.readouterr().err == f"{arguments.MISSING}\n"
    assert 'pip install "colornet[ray]"' in arguments.MISSING


WRONG = {
    "no manifest": ["in", "out"],
    "no output": ["in", "--manifest", "m.jsonl"],
    "no such format": ["in", "out", "--manifest", "m.jsonl", "--format", "gif"],
    "no process": ["in", "out", "--manifest", "m.jsonl", "--workers", "0"],
    "half a CPU": ["in", "out", "--manifest", "m.jsonl", "--cpus-per-worker", "0.5"],
    "quality of 101": ["in", "out", "--manifest", "m.jsonl", "--quality", "101"],
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_usage_exits_with_2(case, capsys):
    with pytest.raises(SystemExit) as caught:
        __main__.main(WRONG[case])
    assert caught.value.code == 2 and "error: " in capsys.readouterr().err


WRONG_INPUTS = {
    "nowhere": (["nowhere", "out"], "nowhere does not exist"),
    "a file": (["in/a.txt", "out"], "is a file: name a folder"),
    "no photographs": (["in", "out"], "in holds no photographs"),
    "itself": (["in", "in"], "name an OUTPUT that is not INPUT"),
    "an unknown address": (["odd://in", "out"], "odd://in cannot be used: "),
    "no run": (["in", "out", "--run", "none"], "none holds no trained run"),
}


@pytest.mark.parametrize("case", WRONG_INPUTS)
def test_a_wrong_input_is_one_sentence_before_ray_is_started(case, here, capsys):
    Path("in").mkdir()
    Path("in/a.txt").write_text("no picture")
    given, sentence = WRONG_INPUTS[case]
    assert __main__.main([*given, "--manifest", "m.jsonl"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ") and sentence in line
    assert not Path("m.jsonl").exists() and not Path("out").exists()

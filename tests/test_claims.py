"""Two calls at once do no work twice, and finish what a killed one left."""

import errno
import fcntl
from pathlib import Path

import pytest

from colornet.cli import call, claims, jobs, manifest
from colornet.cli.jobs import Job
from colornet.cli.ledger import Ledger
from colornet.system import whole
from support.archive import Painter, colour, contents, pictures, started

COUNT = 24


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pictures(Path("in"), COUNT)


@pytest.fixture
def start():
    """Starts a call with a manifest of this name; what still runs at the end is killed."""
    running = []

    def begin(name: str, *more: str):
        options = ("--output", "out", "--manifest", name, *more)
        running.append(started("in", *options, log=Path("log")))
        return running[-1]

    yield begin
    for each in running:
        each.kill()
        each.wait()


def painted() -> list[str]:
    return Path("log").read_text().splitlines()


def hidden() -> list[str]:
    return sorted(file.name for file in Path("out").rglob(".*"))


@pytest.mark.parametrize("second", ["one.jsonl", "two.jsonl"])
def test_two_calls_at_once_paint_each_picture_once(start, second):
    calls = [start("one.jsonl"), start(second)]
    assert [each.wait() for each in calls] == [0, 0]
    assert len(painted()) == len(set(painted())) == len(contents(Path("out"))) == COUNT
    assert not hidden()
    records = [*manifest.records(Path("one.jsonl"))]
    if second == "two.jsonl":
        records += manifest.records(Path(second))
    assert sorted(each.path for each in records if each.status == "coloured") == sorted(
        contents(Path("in"))
    )


def test_what_another_call_has_replaced_meanwhile_is_not_replaced_again():
    job = Job(Path("in/0/000.png"), Path("out/0/000.png"))
    job.target.parent.mkdir(parents=True)
    job.target.write_bytes(b"old")
    plan = jobs.find(["in"], output=Path("out"), suffix="", wanted=None)
    with Ledger(None) as ledger:
        ledger.plan(plan)
        assert not ledger.is_done(job, overwrite=True)
        with whole.file(job.target) as stream:  # by the other call
            stream.write(b"new")
        (outcome,) = ledger(job, lambda _: pytest.fail("is painted again"))
    assert (outcome.state, outcome.reason) == ("kept", "was coloured by another call meanwhile")


def test_results_that_appear_while_the_run_is_loaded_are_not_made_again(monkeypatch):
    def load(_):
        assert colour("in", "--output", "out") == 0
        monkeypatch.setattr(Painter, "__call__", lambda *_: pytest.fail("is painted again"))
        return Painter()

    assert call.run(["in", "--output", "out", "--shard", "0/1"], load) == 0


def test_when_one_of_two_calls_is_killed_the_other_does_the_rest(start):
    calls = [start("one.jsonl"), start("two.jsonl")]
    while not Path("log").exists() or len(painted()) < 6:
        assert calls[0].poll() is None
    calls[0].kill()
    assert calls[1].wait() == 0
    calls[0].wait()
    assert contents(Path("out")).keys() == contents(Path("in")).keys()
    assert len(set(painted())) == COUNT
    # Of the pictures that the killed call had in work, at most, something hidden stays
    assert len([name for name in hidden() if name.endswith(".lock")]) <= 3
    assert start("one.jsonl").wait() == 0
    recorded = manifest.latest(Path("one.jsonl"))
    assert sorted(recorded) == sorted(contents(Path("in")))
    assert all(each.done for each in recorded.values())


def test_a_claim_is_free_again_after_the_block(tmp_path):
    target = tmp_path / "new" / "a.png"
    with claims.claimed(target, wait=False) as mine, claims.claimed(target, wait=False) as second:
        assert mine and not second
    with claims.claimed(target, wait=False) as mine:
        assert mine
    assert not list(target.parent.iterdir())


def test_where_no_lock_can_be_had_the_work_is_done_all_the_same(tmp_path, monkeypatch):
    def without(*_):
        raise OSError(errno.ENOSYS, "no locks")

    monkeypatch.setattr(fcntl, "flock", without)
    with claims.claimed(tmp_path / "a.png", wait=False) as mine:
        assert mine
    with manifest.Manifest(tmp_path / "m.jsonl") as into:
        into.append(manifest.Record("a.jpg"))
    assert manifest.latest(tmp_path / "m.jsonl")

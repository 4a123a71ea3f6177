"""A signal at any moment of a run ends the command with the sentence and nothing half-written."""

import pytest

from benchmarks import signals

pytestmark = pytest.mark.slow
RUNS = 6


def test_a_signal_at_any_moment_of_a_run_is_not_lost(tmp_path):
    program = signals.colouring(tmp_path, pictures=2)
    _, seconds = signals.uninterrupted(program, backend=None)
    moments = [seconds * (number + 0.5) / RUNS for number in range(RUNS)]
    ends = list(signals.sweep(program, moments, backend=None))
    assert not [end for end in ends if end.kind == "lost"]
    assert [end for end in ends if end.kind == "stopped"]


def test_a_signal_that_is_lost_would_be_seen(tmp_path):
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(1)"
    program = signals.Program(["python", "-c", deaf], tmp_path, "out", faults)
    (*_, end) = signals.sweep(program, [0.5, 0.5], backend=None)
    assert end.kind == "lost" and "results are missing" in end.why


def faults(finished: bool, _: str) -> list[str]:
    return ["results are missing"] if finished else []

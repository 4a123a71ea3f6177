"""Training on JAX in several processes gives what one process gives, and survives their loss."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from colornet import params, paths, train_jax
from colornet.params import UserError
from colornet.system import stop
from colornet.training import together
from support.training import SECTION, WINDOWS

pytestmark = pytest.mark.slow

TESTS = Path(__file__).parent
LOST = "error: another process was lost, or ended with an error of its own"


@pytest.fixture
def environment(tmp_path_factory):
    """What one training compiles serves the next one."""
    cache = tmp_path_factory.getbasetemp() / "jax"
    hidden = ("KERAS_BACKEND", "TF_CPP_MIN_LOG_LEVEL")
    return {
        **{key: value for key, value in os.environ.items() if key not in hidden},
        "PYTHONPATH": f"{TESTS.parent}:{TESTS}",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",
        "JAX_COMPILATION_CACHE_DIR": str(cache),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    }


@pytest.fixture
def start(environment):
    """Starts the two processes of a training; none is left behind."""
    started = []

    def pair(run: str, *, seconds: int = 60) -> list[subprocess.Popen]:
        with socket.create_server(("localhost", 0)) as free:
            meet = f"localhost:{free.getsockname()[1]}"
        many = ["--processes", "2", "--coordinator", meet]
        script = [sys.executable, TESTS / "support/jax_together.py", str(seconds), run, *many]
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        two = [
            subprocess.Popen([*script, "--process", number], env=environment, **options)
            for number in "01"
        ]
        started.extend(two)
        return two

    yield pair
    for process in started:
        with process:  # closes its pipes
            process.kill()


def ended(process: subprocess.Popen) -> tuple[int, str]:
    """The exit status, and all that the process said."""
    said = "".join(process.communicate(timeout=300))
    return process.returncode, said


def until_kept(run: str, epoch: int, processes: list[subprocess.Popen]) -> None:
    """Waits until history.csv has this epoch, which is then in the checkpoint."""
    history = paths.run(run) / "history.csv"
    while not (history.is_file() and len(history.read_text().splitlines()) > epoch):
        assert all(process.poll() is None for process in processes)
        time.sleep(0.01)


def alone(run: str, environment) -> None:
    script = [sys.executable, TESTS / "support/jax_together.py", "60", run]
    done = subprocess.run(script, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def history(run: str) -> pd.DataFrame:
    return pd.read_csv(paths.run(run) / "history.csv")


def weights(run: str) -> list[np.ndarray]:
    import keras

    network = keras.models.load_model(paths.run(run) / "model.keras", compile=False)
    return network.get_weights()


def files(run: str) -> set[str]:
    folder = paths.run(run)
    return {str(file.relative_to(folder)) for file in folder.rglob("*")}


def test_two_processes_leave_the_run_of_one_after_a_lost_process_and_a_signal_too(
    prepared, start, environment
):
    # Windows, a mean of the weights, gradients of limited norm
    section = {**WINDOWS, "batch_size": 4, "epochs": 20, "steps_per_epoch": 1, "keep": "best"}
    params.save({"train": {"beta": {"one": section, "two": section}}}, paths.PARAMS)
    alone("one", environment)

    first, second = start("two")  # the first leads, and is lost
    until_kept("two", 1, [first, second])
    first.kill()
    status, said = ended(second)
    assert (status, LOST in said, "Traceback" in said) == (1, True, False)
    assert not (paths.run("two") / "model.keras").exists()

    first, second = start("two")  # the second is asked to stop
    until_kept("two", 3, [first, second])
    second.send_signal(signal.SIGTERM)
    for process in (first, second):
        status, said = ended(process)
        assert status == 143 and stop.SENTENCE in said and "Traceback" not in said
    assert "for epochs" in said  # it went on

    for process in start("two"):
        status, said = ended(process)
        assert status == 0 and "to 20" in said, said
    assert files("two") == files("one")
    np.testing.assert_allclose(history("two"), history("one"), atol=1e-5)
    for found, expected in zip(weights("two"), weights("one"), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_a_machine_that_falls_silent_ends_the_others_with_a_sentence(prepared, start):
    params.save({"train": {"beta": {"one": {**SECTION, "epochs": 1000}}}}, paths.PARAMS)
    first, second = start("one", seconds=8)
    until_kept("one", 1, [first, second])
    second.send_signal(signal.SIGSTOP)
    status, said = ended(first)
    assert status == 1 and LOST in said and "Check failure" not in said
    assert (paths.run("one") / "checkpoint/state.npz").is_file()


def test_processes_that_begin_with_something_else_end_with_a_sentence(monkeypatch):
    def gathered(values):
        other = values.copy()
        other[1] += 1
        return np.stack([values, values, other])

    monkeypatch.setattr(together, "gathered", gathered)
    with pytest.raises(UserError, match="process 2 sees other parameters than process 0"):
        together.alike({"code": "00ff", "parameters": "0102"})


def test_a_process_stops_when_another_one_was_asked_to(monkeypatch):
    monkeypatch.setattr(together, "_joined", together.Place(2, 0, "localhost:1"))
    monkeypatch.setattr(together, "gathered", lambda own: np.stack([own, own + signal.SIGTERM]))
    with pytest.raises(stop.Stopped) as stopped:
        together.check()
    assert stopped.value.number == signal.SIGTERM


def test_a_batch_that_cannot_be_shared_is_a_sentence(prepared, start):
    section = {**SECTION, "batch_size": 3}
    params.save({"train": {"beta": {"one": section}}}, paths.PARAMS)
    said = [ended(process) for process in start("one")]
    assert {status for status, _ in said} == {1}
    # The first one to end may end the other
    assert any("batch_size is 3, which 2 processes cannot share evenly" in text for _, text in said)
    assert all("error: " in text and "Traceback" not in text for _, text in said)


def test_a_port_that_is_taken_is_a_sentence(prepared, environment):
    params.save({"train": {"beta": {"one": SECTION}}}, paths.PARAMS)
    with socket.create_server(("localhost", 0)) as taken:
        meet = f"localhost:{taken.getsockname()[1]}"
        many = ["--processes", "2", "--process", "0", "--coordinator", meet]
        command = [sys.executable, "-m", "colornet.train_jax", "one", *many]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"error: train.beta.one: the processes cannot meet at {meet}: " in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("--processes 2", "go together"),
        ("--processes 2 --process 2 --coordinator a:1", "--process is 2: it must be 0 to 1"),
        ("--processes 2 --process 0 --coordinator a", "it must be HOST:PORT"),
    ],
)
def test_wrong_options_are_wrong_usage(options, words, capsys):
    with pytest.raises(SystemExit) as end:
        train_jax.main(["one", *options.split()])
    assert end.value.code == 2 and words in capsys.readouterr().err

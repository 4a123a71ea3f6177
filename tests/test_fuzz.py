import faulthandler
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks import fuzz
from colornet.cli import original

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def test_mutated_files_are_read_or_refused_with_a_sentence():
    command = [sys.executable, "-m", "benchmarks.fuzz", "--mutations", "320", "--seed", "5000"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["mutations"] == figures["read"] + figures["refused"] == 320, done.stdout
    assert figures["formats"] >= 12
    assert figures["peak_mb"] < 1000


@pytest.mark.parametrize("name", fuzz.FILES)
def test_unmutated_files_are_read(name):
    if name.endswith(".heic"):
        pytest.importorskip("pi_heif")
    assert fuzz.outcome(name, fuzz.FILES[name]) == "read"


def test_a_mutation_depends_on_its_seed_alone():
    data = fuzz.FILES["plain.png"]
    first, again, other = (fuzz.mutate(data, random.Random(seed)) for seed in (1, 1, 2))
    assert first == again != other


def _wait(*_, **__):
    time.sleep(600)


def _fail(*_, **__):
    raise RuntimeError("no sentence")


def _end(*_, **__):
    faulthandler.disable()  # pytest's, which prints a traceback for the expected fault
    signal.raise_signal(signal.SIGSEGV)


def _grow(*_, **__):
    return bytearray(2**30) and _fail()


@pytest.mark.parametrize(
    ("fault", "said"),
    [(_wait, "hang"), (_fail, "foreign: RuntimeError"), (_end, "crash: SIGSEGV")]
    + [(_grow, "memory: foreign")],
)
# JAX warns of forks where an earlier test imported it; the children here use none of it
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")
def test_each_fault_is_recognized(monkeypatch, fault, said):
    if fault is _wait:
        monkeypatch.setattr(fuzz, "SECONDS", 1)
    monkeypatch.setattr(original, "read", fault)
    assert fuzz.alone("plain.png", b"")[0].startswith(said)
    assert fuzz.bad(said)

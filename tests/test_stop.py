"""A signal sets a flag; a second one ends the process; a program that ignores signals goes on."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from colornet.system import stop
from support.command import call

INSTALLED = "from colornet.system import stop; stop.install(); print('ready', flush=True); "


def started(code: str, *, before: str = "") -> subprocess.Popen:
    """A process that runs code after stop.install, and `before` it."""
    process = subprocess.Popen(
        [sys.executable, "-c", before + INSTALLED + code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen) -> tuple[int, str, str]:
    """Its exit status and what it printed."""
    with process:
        # Not `communicate`, which would miss what `readline` has read already
        out, err = process.stdout.read(), process.stderr.read()
    return process.returncode, out, err


def waits(then: str = "") -> str:
    return f"import time\nwhile not stop.requested(): time.sleep(0.01)\n{then}"


@pytest.mark.parametrize("number", stop.NUMBERS)
def test_a_signal_raises_nothing_until_the_program_looks(number):
    process = started(waits("try: stop.check()\nexcept KeyboardInterrupt as e: print(e.status)"))
    process.send_signal(number)
    assert ended(process) == (0, f"{128 + number}\n", "")


def test_a_second_signal_ends_the_process_at_once_with_the_sentence():
    process = started(waits("print('seen', flush=True); time.sleep(600)"))
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "seen\n"
    time.sleep(2 * stop.APART)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (143, "", f"\n{stop.SENTENCE}\n")


def test_it_does_so_while_a_library_keeps_the_main_thread_busy():
    busy = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'x', b'y', 2**31 - 1)"
    process = started(f"import threading; threading.Timer(0, print, ['on']).start(); {busy}")
    for _ in range(100):  # the first one may come before the thread that looks has begun
        process.send_signal(signal.SIGINT)
        time.sleep(2 * stop.APART)
        if process.poll() is not None:
            break
    status, _, err = ended(process)
    assert status == 130 and stop.SENTENCE in err


def test_a_signal_that_is_sent_twice_within_milliseconds_is_one():
    process = started(waits("time.sleep(3 * stop.APART); print('goes on')"))
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "goes on\n", "")


def test_a_process_that_was_started_to_ignore_a_signal_ignores_it():
    code = "import os; os.kill(os.getpid(), 2); stop.check(); print('goes on')"
    before = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    assert ended(started(code, before=before)) == (0, "goes on\n", "")


def test_in_another_thread_nothing_is_installed():
    thread = threading.Thread(target=stop.install)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and stop.requested() is None


def test_a_call_from_python_leaves_signals_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    assert call("missing.jpg") == 1
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

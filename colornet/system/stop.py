"""Ctrl-C and SIGTERM as a flag, which a program looks at between two pieces of its work.

Python would raise KeyboardInterrupt in the middle of any line of the main thread. Libraries lose
it: in the callback of a weak reference it is printed and forgotten, in an import it becomes an
ImportError. After `install` nothing is raised but by `check`, which the program calls itself.
"""

import _thread
import os
import signal
import time

NUMBERS = (signal.SIGINT, signal.SIGTERM)
SENTENCE = "stopped: results are complete or not there, and the same command continues"
# Seconds. `timeout` and other programs that started this one send a signal twice within
# milliseconds; the second one of a user comes later.
APART = 0.1

_came: list[tuple[int, float]] = []  # signals, and when they were seen
_held = False  # whether `check` raises nothing
_pipe: int | None = None  # where Python's own handler, in C, writes the number of each signal
_errors = 2


class Stopped(KeyboardInterrupt):
    """The program was asked to stop by the signal `number`; it ends with the exit status `status`.

    A KeyboardInterrupt, because no library takes one for an error of its own.
    """

    def __init__(self, number: int = signal.SIGINT):
        super().__init__(SENTENCE)
        self.number, self.status = number, 128 + number


def install() -> None:
    """From now on the first signal sets the flag, and a later one ends the process at once.

    A signal that the process was started to ignore, as `nohup` and a shell's `&` do, stays
    ignored. Does nothing in another thread than the main one, or if the program handles the
    signals itself. Before this is called, while Python starts, a signal is Python's own affair.
    """
    global _pipe, _errors
    usual = (signal.SIG_DFL, signal.default_int_handler)
    caught = [number for number in NUMBERS if signal.getsignal(number) in usual]
    if _pipe is not None or not caught or os.name != "posix":
        return
    reading, writing = os.pipe()
    for end in (reading, writing):
        os.set_blocking(end, False)
    try:
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    except ValueError:  # not the main thread
        os.close(reading)
        os.close(writing)
        return
    _pipe = reading
    for number in caught:
        signal.signal(number, _look)
    # The descriptor 2 can lead elsewhere for a while, as in quiet.import_tensorflow
    _errors = os.dup(2)
    # Python calls a handler between two lines of the main thread, which a library can keep busy for
    # minutes; another thread sees the second signal there too
    _thread.start_new_thread(_watch, ())


def requested() -> int | None:
    """The number of the signal that asked the program to stop, or None."""
    _look()
    return _came[0][0] if _came else None


def hold() -> None:
    """From now on `check` raises nothing: several processes agree on where they stop."""
    global _held
    _held = True


def check() -> None:
    """Raises Stopped if the program was asked to stop."""
    if (number := requested()) and not _held:
        raise Stopped(number)


def _watch() -> None:
    import select  # here, because `install` is to be over as soon as possible

    while _pipe is not None:
        select.select([_pipe], [], [])
        _look()


def _look(*_: object) -> None:
    """Notes the signals that came since the last look; all threads may look at once."""
    if _pipe is None:
        return
    try:
        numbers = [number for number in os.read(_pipe, 64) if number in NUMBERS]
    except BlockingIOError:
        return
    now = time.monotonic()
    _came.extend((number, now) for number in numbers)
    if numbers and now - _came[0][1] > APART:
        try:
            os.write(_errors, f"\n{SENTENCE}\n".encode())
        finally:
            os._exit(128 + _came[-1][0])

"""A process whose JAX ends it because another one is lost: a sentence in place of an abort.

JAX's coordination service, which is C++, calls abort() in a thread of its own when another process
is lost: at once for process 0, and for the others after their heartbeats have been missing for a
while. Its only hook, missed_heartbeat_callback, raises std::bad_cast (jaxlib 0.10). So SIGABRT is
caught here, below Python, whose own handlers would run too late.
"""

import ctypes
import os
import signal
import sys
import tempfile
import threading
from typing import IO

from colornet.system import streams

SERVICE = b"JAX distributed service"  # in what it writes before it aborts
_ending = threading.Lock()
_sentence = ""
_printed: IO[bytes] | None = None  # what libraries have written to the descriptor 2
_handler = None  # C keeps no reference


def watch(sentence: str) -> None:
    """From now on an abort by JAX's coordination service ends the process as `end` does.

    What libraries write to the standard error is shown only if another abort ends the process;
    Python's own messages appear as always. Called again, it changes the sentence alone.
    """
    global _sentence, _printed, _handler
    _sentence = sentence
    if _printed is not None or os.name != "posix":
        return
    sys.stderr.flush()
    visible = open(os.dup(2), "w", buffering=1, errors="replace")  # noqa: SIM115, for ever
    sys.stderr = streams.Stream(visible, lost=streams.lost(sys.stderr))
    _printed = tempfile.TemporaryFile()
    os.dup2(_printed.fileno(), 2)
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int)
    _handler = kind(_aborted)
    function = ctypes.CDLL(None).signal
    function.argtypes, function.restype = (ctypes.c_int, kind), ctypes.c_void_p
    function(signal.SIGABRT, _handler)


def end(text: str | None = None, status: int = 1) -> None:
    """Ends the process at once, with a text: JAX would wait for processes that are lost.

    text: without one it is the sentence of `watch`. Only the first thread that calls it does so.
    """
    _ending.acquire()
    try:
        sys.stdout.flush()
        print(f"error: {_sentence}" if text is None else text, file=sys.stderr, flush=True)
    finally:
        os._exit(status)


def _aborted(number: int) -> None:
    """The handler of SIGABRT, in the thread that aborts; it does not return."""
    assert _printed is not None
    _printed.seek(0)
    printed = _printed.read()
    if SERVICE in printed:
        end()
    end(printed.decode(errors="replace"), 128 + number)

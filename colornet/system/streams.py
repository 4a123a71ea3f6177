"""The standard streams of a program whose work goes on when its reports can no longer be written.

They may be closed (`>&-`), full (`> /dev/full`) or a pipe that nobody reads any more (`| head`).
"""

import io
import os
import sys


class Stream:
    """A text stream that forgets what it cannot write. `lost`: whether that has happened."""

    def __init__(self, stream: io.TextIOBase, *, lost: bool):
        self._stream, self.lost = stream, lost

    def write(self, text: str) -> int:
        """Writes a text; returns its length."""
        try:
            self._stream.write(text)
        except OSError:
            self._give_up()
        return len(text)

    def flush(self) -> None:
        """Hands over what is still in memory."""
        try:
            self._stream.flush()
        except OSError:
            self._give_up()

    def _give_up(self) -> None:
        """Leads the descriptor to nowhere, so that nothing later fails, not even at the exit."""
        self.lost = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def protect() -> None:
    """Makes sys.stdout and sys.stderr streams of this kind, and opens closed descriptors.

    Else a file that the program opens would get the number 1 or 2, and what libraries print would
    be written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        closed = False
        try:
            os.fstat(number)
        except OSError:
            closed = True
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # gets the lowest free number
        if number:
            stream = getattr(sys, name) or open(number, "w", errors="replace", closefd=False)
            setattr(sys, name, Stream(stream, lost=closed))


def lost(stream: object) -> bool:
    """Whether something that was written to sys.stdout or sys.stderr did not arrive."""
    return isinstance(stream, Stream) and stream.lost

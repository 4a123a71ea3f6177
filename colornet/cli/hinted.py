"""Hints of colour for the inputs of a call: one file that is named, or those beside the inputs."""

from pathlib import Path

from colornet import hints
from colornet.cli import listing
from colornet.hints import Hint
from colornet.images.photo import PhotoError

ENDING = ".hints.json"


def beside(source: Path) -> Path:
    """Where the hints of a picture or film are looked for: photo.hints.json for photo.jpg."""
    return source.with_name(source.stem + ENDING)


def of(source: Path, *, named: Path | None = None) -> list[Hint]:
    """The hints for an input: those in the file `named` or, without one, those beside it, if any.

    Raises PhotoError, with words to be read after the input's name, for a file that cannot be read.
    """
    file = named or beside(source)
    try:
        return hints.read(file)
    except FileNotFoundError:
        if named is None:
            return []
        why = "does not exist"
    except OSError as error:
        why = listing.reason(error)
    except ValueError as error:
        why = str(error)
    raise PhotoError(f"has hints that cannot be used: {file}: {why}")


def note(count: int) -> tuple[str, ...]:
    """What is said of an input that was coloured with hints."""
    return (f"{count} hint{'s' if count > 1 else ''}",) if count else ()

"""Packages that other packages use where they are installed, and that are not wanted here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def package(name: str) -> Iterator[None]:
    """Meanwhile the package `name` cannot be imported, also if it is loaded already.

    This holds for all threads.
    """
    before = {name: sys.modules[name]} if name in sys.modules else {}
    sys.modules[name] = None  # type: ignore[assignment]  # an import raises ModuleNotFoundError
    try:
        yield
    finally:
        del sys.modules[name]
        sys.modules.update(before)

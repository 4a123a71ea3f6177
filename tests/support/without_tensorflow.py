"""Importing it puts TensorFlow out of reach of the process, as if it were not installed."""

import importlib.util
import sys
from importlib.machinery import PathFinder


class _Finder(PathFinder):
    """Finds what is installed, but no TensorFlow."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):
        return None if fullname == "tensorflow" else super().find_spec(fullname, path, target)


sys.meta_path[:] = [_Finder if each is PathFinder else each for each in sys.meta_path]
assert importlib.util.find_spec("tensorflow") is None

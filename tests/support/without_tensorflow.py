"""Importing it puts TensorFlow out of reach of the process, as if it were not installed."""

import sys


class _Refusal:
    """A finder of modules that knows no TensorFlow."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name=name)


sys.meta_path.insert(0, _Refusal)

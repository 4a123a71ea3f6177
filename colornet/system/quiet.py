"""Imports TensorFlow without the lines that its libraries print before any setting takes effect."""

import os
import sys
import tempfile


def import_tensorflow() -> None:
    """Imports tensorflow and keras; shows what they print only if the import fails."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    # The libraries write to file descriptor 2 directly, so replacing sys.stderr has no effect
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)
        try:
            import keras  # noqa: F401  the import is the purpose
            import tensorflow  # noqa: F401  the import is the purpose
        except BaseException:
            printed.seek(0)
            os.write(stderr, printed.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)

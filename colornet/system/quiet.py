"""Imports TensorFlow without what its libraries print, and OpenVINO without its telemetry."""

import os
import sys
import tempfile

from colornet.system import hidden, keras_settings, machine


def import_tensorflow() -> None:
    """Imports tensorflow, and keras on it; shows what they print only if the import fails.

    TensorFlow then computes on the cores that this process may use.
    """
    if {"keras", "tensorflow"} <= set(sys.modules):
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    # The libraries write to file descriptor 2 directly, so replacing sys.stderr has no effect
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as printed:
        os.dup2(printed.fileno(), 2)
        try:
            fresh = "tensorflow" not in sys.modules
            keras_settings.import_keras("tensorflow")
            import tensorflow
        except BaseException:
            printed.seek(0)
            os.write(stderr, printed.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    if fresh:  # later they cannot be set; TensorFlow knows no container's limit
        tensorflow.config.threading.set_intra_op_parallelism_threads(machine.cores())
        tensorflow.config.threading.set_inter_op_parallelism_threads(machine.cores())


def import_openvino() -> None:
    """Imports openvino. Otherwise each import would report to Google Analytics.

    It would fork a process for that, and wait for it at the end: 3 s without a network connection.
    """
    if "openvino" in sys.modules:
        return
    with hidden.package("openvino_telemetry"):
        import openvino  # noqa: F401  the import is the purpose

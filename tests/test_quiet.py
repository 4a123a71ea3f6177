"""TensorFlow is imported without its messages, unless that fails; OpenVINO without telemetry."""

import os
import subprocess
import sys

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # which importing JAX sets, in these tests' own process too


def stderr_of(code: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != LEVEL}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True).stderr


def test_importing_keras_leaves_out_opencv():
    code = (
        "import sys; from colornet.system import keras_settings\n"
        "keras_settings.import_keras('jax')\n"
        "assert 'keras' in sys.modules and 'cv2' not in sys.modules\n"
    )
    assert stderr_of(code) == ""


def test_importing_tensorflow_prints_nothing_and_limits_its_threads():
    code = (
        "from colornet.system import machine, quiet\n"
        "machine.cores = lambda: 1\n"
        "quiet.import_tensorflow()\n"
        "from tensorflow.config import threading\n"
        "assert threading.get_intra_op_parallelism_threads() == 1\n"
        "assert threading.get_inter_op_parallelism_threads() == 1\n"
    )
    assert stderr_of(code) == ""


def test_importing_openvino_leaves_out_its_telemetry():
    code = (
        "import sys; from colornet.system import quiet\n"
        "quiet.import_openvino()\n"
        "assert 'openvino' in sys.modules and 'openvino_telemetry' not in sys.modules\n"
    )
    assert stderr_of(code) == ""


def test_the_messages_appear_when_the_import_fails():
    code = (
        "import os, sys; from colornet.system import quiet\n"
        "class Broken:\n"
        "    def find_spec(self, name, *rest):\n"
        "        if name == 'tensorflow':\n"
        "            os.write(2, b'libbroken.so'); raise ImportError('no tensorflow')\n"
        "sys.meta_path.insert(0, Broken()); quiet.import_tensorflow()"
    )
    printed = stderr_of(code)
    assert "libbroken.so" in printed and "no tensorflow" in printed

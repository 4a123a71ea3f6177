"""TensorFlow is imported without its messages; if the import fails, they are shown."""

import subprocess
import sys


def stderr_of(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stderr


def test_importing_tensorflow_prints_nothing():
    assert stderr_of("from colornet.system import quiet; quiet.import_tensorflow()") == ""


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

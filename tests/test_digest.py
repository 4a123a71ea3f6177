"""The md5 of a file or folder, as DVC computes it."""

import shutil
from pathlib import Path

import pytest

from colornet import params
from dashboard.pipeline import digest
from support.dvc import dvc

ROOT = Path(__file__).parents[1]
PIPELINE = "stages:\n  one:\n    cmd: echo\n    deps: [folder, file.py]\n"


def test_a_digest_is_the_md5_that_dvc_writes_into_its_lock(tmp_path):
    folder = tmp_path / "folder"
    shutil.copytree(ROOT / "colornet/training", folder)
    for name in ("a.py", "a/b.py", "a-b.py", "a/é.py", "B.py", ".hidden", "empty"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("" if name == "empty" else name)
    (folder / "__pycache__").mkdir(exist_ok=True)
    (folder / "__pycache__/a.pyc").write_bytes(b"compiled")
    (tmp_path / "file.py").write_bytes(b"line\r\n")
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    dvc("init", "-q", "--no-scm", "-f", folder=tmp_path)
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    dvc("repro", "-q", folder=tmp_path)
    deps = params.load(tmp_path / "dvc.lock")["stages"]["one"]["deps"]
    for dep in deps:
        assert digest.digest(tmp_path / dep["path"]) == dep["md5"]
    assert len(deps) == 2


@pytest.mark.parametrize("limit", ["MOST_FILES", "MOST_BYTES"])
def test_a_large_folder_is_not_read(tmp_path, monkeypatch, limit):
    (tmp_path / "a.py").write_text("text")
    assert digest.digest(tmp_path)
    monkeypatch.setattr(digest, limit, 0)
    assert digest.digest(tmp_path) is None


def test_an_edited_file_has_another_digest(tmp_path):
    (tmp_path / "a.py").write_text("text")
    before = digest.digest(tmp_path)
    (tmp_path / "a.py").write_text("other text")
    assert digest.digest(tmp_path) != before

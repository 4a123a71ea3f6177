"""A training's state survives, whole, or is not there."""

import numpy as np
import pytest

from colornet.training import checkpoint


class Variable:
    def __init__(self, value):
        self.value = np.array(value, "float32")

    def __array__(self, dtype=None, copy=None):
        return self.value

    def assign(self, value):
        self.value = value


@pytest.fixture
def folders(tmp_path):
    previews = tmp_path / "previews"
    previews.mkdir()
    (previews / "a.jpg").write_bytes(b"picture")
    return tmp_path / "checkpoint", previews


def keep(folders, value=1.0, fingerprint="x", history=({"epoch": 1, "loss": 0.1},), best=None):
    folder, previews = folders
    checkpoint.save(
        folder,
        fingerprint=fingerprint,
        variables=[Variable([value, 2.0]), Variable(3.0)],
        best=best,
        history=list(history),
        previews=previews,
    )


def get(folders, fingerprint="x"):
    folder, previews = folders
    variables = [Variable([0.0, 0.0]), Variable(0.0)]
    history, get.best = checkpoint.load(
        folder, fingerprint=fingerprint, variables=variables, previews=previews
    )
    return [variable.value.tolist() for variable in variables], history


def test_what_was_kept_comes_back(folders):
    keep(folders)
    (folders[1] / "a.jpg").unlink()
    assert get(folders) == ([[1.0, 2.0], 3.0], [{"epoch": 1, "loss": 0.1}])
    assert (folders[1] / "a.jpg").read_bytes() == b"picture"


def test_the_best_values_come_back_in_their_order(folders):
    keep(folders, best=[np.array([n, n + 0.5], "float32") for n in range(12)])
    get(folders)
    assert [value.tolist() for value in get.best] == [[n, n + 0.5] for n in range(12)]
    keep(folders)
    get(folders)
    assert get.best is None


def test_numbers_come_back_bit_by_bit(folders):
    keep(folders, history=[{"loss": 0.1 + 0.2}])
    assert get(folders)[1][0]["loss"] == 0.1 + 0.2


def test_nothing_kept_means_an_empty_history(folders):
    assert get(folders) == ([[0.0, 0.0], 0.0], [])


def test_a_state_of_another_fingerprint_is_not_taken(folders):
    keep(folders)
    assert get(folders, fingerprint="y") == ([[0.0, 0.0], 0.0], [])


def test_a_full_disk_leaves_the_state_before(folders, monkeypatch):
    keep(folders)

    def full(stream, **arrays):
        stream.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(OSError):
            keep(folders, value=9.0)
    assert get(folders)[0] == [[1.0, 2.0], 3.0]
    assert [file.name for file in folders[0].glob("state*")] == ["state.npz"]


def test_a_fingerprint_follows_parameters_and_content(tmp_path):
    (tmp_path / "a").write_text("1")
    before = checkpoint.fingerprint({"b": 1, "a": 2}, tmp_path / "a")
    assert before == checkpoint.fingerprint({"a": 2, "b": 1}, tmp_path / "a")
    assert before != checkpoint.fingerprint({"a": 2, "b": 2}, tmp_path / "a")
    (tmp_path / "a").write_text("2")
    assert before != checkpoint.fingerprint({"a": 2, "b": 1}, tmp_path / "a")

"""torch.save's legacy files -> arrays; nothing that a file names is run."""

import os
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from colornet.efficientnet import torchfile

STORAGES = {"<f4": "FloatStorage", "<f2": "HalfStorage", "<i8": "LongStorage"}


def number(value):
    return b"J" + struct.pack("<i", value)


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def pack(*parts):
    return b"(" + b"".join(parts) + b"t"


def tensor(key, dtype, count, *, offset=0, shape=(), strides=()):
    """The opcodes by which PyTorch writes a tensor, a view of the storage `key`."""
    kind = f"ctorch\n{STORAGES[dtype]}\n".encode()
    storage = pack(text("storage"), kind, text(key), text("cpu"), number(count), b"N") + b"Q"
    sides = (pack(*map(number, each)) for each in (shape, strides))
    hooks = b"ccollections\nOrderedDict\n)R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + (
        pack(storage, number(offset), *sides, b"\x89", hooks) + b"R"
    )


def written(tensors, storages):
    """A legacy file: `tensors` name -> opcodes; `storages` key -> values."""
    table = b"\x80\x02ccollections\nOrderedDict\n)R("
    table += b"".join(text(name) + opcodes for name, opcodes in tensors.items())
    table += b"u}" + text("_metadata") + b"}sb."  # an attribute of the dictionary
    head = [torchfile.MAGIC, 1001, {"protocol_version": 1001, "little_endian": True}]
    parts = [pickle.dumps(each, 2) for each in head] + [table, pickle.dumps(list(storages), 2)]
    for values in storages.values():
        parts += [struct.pack("<q", values.size), values.tobytes()]
    return b"".join(parts)


VALUES = np.arange(24, dtype="<f4")


@pytest.fixture
def content():
    tensors = {
        "kernel": tensor("7", "<f4", 24, shape=(2, 3, 4), strides=(12, 4, 1)),
        "transposed": tensor("7", "<f4", 24, shape=(4, 6), strides=(1, 4)),
        "part": tensor("7", "<f4", 24, offset=20, shape=(4,), strides=(1,)),
        "half": tensor("8", "<f2", 3, shape=(3,), strides=(1,)),
        "batches": tensor("9", "<i8", 1),
    }
    storages = {"8": np.array([1, 2, 3], "<f2"), "7": VALUES, "9": np.array([5], "<i8")}
    return written(tensors, storages)


def test_tensors_are_views_of_their_storages(content):
    found = torchfile.load(content)
    assert list(found) == ["kernel", "transposed", "part", "half", "batches"]
    np.testing.assert_array_equal(found["kernel"], VALUES.reshape(2, 3, 4))
    np.testing.assert_array_equal(found["transposed"], VALUES.reshape(6, 4).T)
    np.testing.assert_array_equal(found["part"], VALUES[20:])
    np.testing.assert_array_equal(found["half"], np.array([1, 2, 3], "float16"))
    assert found["batches"].shape == () and found["batches"] == 5
    assert found["half"].dtype == np.float16 and found["batches"].dtype == np.int64


def test_a_file_that_ends_anywhere_too_early_is_refused(content):
    for size in range(len(content)):
        with pytest.raises(ValueError, match="no complete file of torch.save"):
            torchfile.load(content[:size])


@pytest.mark.parametrize(
    "content",
    [b"", b"\x89PNG\r\n", b"PK\x03\x04" + bytes(100), pickle.dumps({"a": 1}), b"no torch"],
    ids=["empty", "PNG", "zip, torch.save's newer format", "another pickle", "text"],
)
def test_a_file_of_another_format_is_refused(content):
    with pytest.raises(ValueError, match="no complete file of torch.save"):
        torchfile.load(content)


@pytest.mark.parametrize(
    "view",
    [
        {"offset": 21, "shape": (4,), "strides": (1,)},
        {"offset": -1, "shape": (4,), "strides": (1,)},
        {"shape": (4,), "strides": (-1,)},
        {"shape": (5, 5), "strides": (5, 1)},
        {"shape": (5,), "strides": (1, 1)},
    ],
)
def test_a_tensor_that_reaches_beyond_its_storage_is_refused(view):
    content = written({"a": tensor("7", "<f4", 24, **view)}, {"7": VALUES})
    with pytest.raises(ValueError, match="no complete file of torch.save"):
        torchfile.load(content)


class Bad:
    """Its pickle makes the folder `made` when it is loaded without care."""

    def __reduce__(self):
        return os.mkdir, ("made",)


@pytest.mark.parametrize("place", range(5))
def test_a_pickle_that_calls_something_runs_nothing(place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = [pickle.dumps(each, 2) for each in (torchfile.MAGIC, 1001, {}, {}, [])]
    parts[place] = pickle.dumps(Bad(), 2)
    with pytest.raises(ValueError, match=r"it names \w+\.mkdir, which is no part of a tensor"):
        torchfile.load(b"".join(parts))
    assert not Path("made").exists()


@pytest.mark.parametrize(
    "name", ["torch\nload", "torch._utils\n_import", "builtins\neval", "collections\nChainMap"]
)
def test_any_other_name_is_refused(name):
    content = written({"a": f"c{name}\n".encode()}, {})
    with pytest.raises(ValueError, match=f"it names {name.replace(chr(10), '.')}"):
        torchfile.load(content)

"""A legacy file of torch.save -> its arrays, without torch and without running what it names.

The format (torch/serialization.py, `_legacy_save`): five pickles, which are a magic number, the
version, facts of the machine, the table of tensors and the keys of the storages; then for each
storage its number of values, as 8 bytes, and the values. Unpickling a file can call any function
that the file names. This reader knows three names and refuses every other one.
"""

import io
import pickle
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

MAGIC = 0x1950A86A20F9469CFC6C
DTYPES = {"FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4"}


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype


class _Tensor(NamedTuple):
    """A view of a storage; offset and strides count values."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def load(content: bytes) -> dict[str, np.ndarray]:
    """The tensors of a file with a dictionary of tensors (a "state dict"), in its order.

    The arrays are read-only. Raises ValueError, with a sentence, for a truncated
    file, one of another format, and one that names anything but tensors.
    """
    try:
        stream = io.BytesIO(content)
        if _Reader(stream).load() != MAGIC:
            raise ValueError("the magic number is missing")
        for _ in ("version", "machine"):
            _Reader(stream).load()
        tensors, keys = _Reader(stream).load(), _Reader(stream).load()
        dtypes = {each.storage.key: each.storage.dtype for each in tensors.values()}
        values = {key: _values(stream, dtypes[key]) for key in keys}
        return {name: _array(each, values[each.storage.key]) for name, each in tensors.items()}
    except Exception as error:  # a broken pickle can raise almost anything
        raise ValueError(
            f"this is no complete file of torch.save in its legacy format: {error!r}"
        ) from error


class _Reader(pickle.Unpickler):
    """Reads one pickle from a stream and leaves the stream behind it."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module == "torch" and name in DTYPES:
            return np.dtype(DTYPES[name])
        raise pickle.UnpicklingError(f"it names {module}.{name}, which is no part of a tensor")

    def persistent_load(self, pid: Any) -> _Storage:
        _, dtype, key, *_ = pid
        return _Storage(key, dtype)


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    """Takes the place of torch._utils._rebuild_tensor_v2."""
    return _Tensor(storage, offset, shape, strides)


def _values(stream: io.BytesIO, dtype: np.dtype) -> bytes:
    """The bytes of the next storage."""
    size = int.from_bytes(stream.read(8), "little") * dtype.itemsize
    found = stream.read(size)
    if len(found) < size:
        raise ValueError(f"{size - len(found)} bytes are missing at its end")
    return found


def _array(tensor: _Tensor, values: bytes) -> np.ndarray:
    dtype = tensor.storage.dtype
    offset, *strides = (each * dtype.itemsize for each in (tensor.offset, *tensor.strides))
    # NumPy refuses a view that reaches beyond the bytes
    return np.ndarray(tensor.shape, dtype, values, offset, strides)

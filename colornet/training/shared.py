"""Arrays that several processes hold together, laid out by keras.distribution; needs JAX.

For a process that is alone (`together`) everything here returns what it is given.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
from jax.sharding import NamedSharding, PartitionSpec

from colornet.training import together


@functools.cache
def _distribution() -> keras.distribution.DataParallel:
    """Over the first device of each process, in the order of the processes."""
    first = {device.process_index: device for device in reversed(jax.devices())}
    devices = [f"{first[n].platform}:{first[n].id}" for n in range(together.count())]
    return keras.distribution.DataParallel(devices=devices, auto_shard_dataset=False)


def _layout(*axes: str | None) -> NamedSharding:
    return NamedSharding(_distribution().device_mesh.backend_mesh, PartitionSpec(*axes))


def compiled(function: Callable, **options: Any) -> Callable:
    """jax.jit; what the function returns, all processes have."""
    if together.count() > 1:
        options["out_shardings"] = _layout()
    return jax.jit(function, **options)


def everywhere(tree: Any) -> Any:
    """A tree of arrays that all processes have alike, without a copy of what is on the device."""
    if together.count() == 1:
        return tree

    def put(values):
        here = jax.device_put(values, jax.local_devices()[0])
        return jax.make_array_from_single_device_arrays(np.shape(values), _layout(), [here])

    return jax.tree.map(put, tree)


def split(values: np.ndarray, axis: int = 0) -> Any:
    """An array whose `axis`, that of the batch, is split among the processes, in their order.

    values: the whole, in every process. An axis that cannot be split evenly is everywhere.
    """
    every = together.count()
    if every == 1:
        return values
    if values.shape[axis] % every:
        return everywhere(values)
    own = np.split(values, every, axis)[jax.process_index()]
    layout = _layout(*[None] * axis, _distribution().batch_dim_name)
    return jax.make_array_from_process_local_data(layout, own, values.shape)


def mine(tree: Any) -> Any:
    """What `everywhere` or `compiled` returned, as arrays of this process alone."""
    if together.count() == 1:
        return tree
    return jax.tree.map(lambda array: array.addressable_data(0), tree)

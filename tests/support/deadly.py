"""`python -m colornet.archive`, where pictures named deadly.png end the process that takes them."""

import os
import sys

import pyarrow as pa

from colornet.archive import __main__, call, cluster
from colornet.archive.painter import Call, paint


def deadly(block: pa.Table, call: Call) -> pa.Table:
    """As `paint`; it ends as a process does that the system kills."""
    if any("deadly.png" in task for task in block["task"].to_pylist()):
        os._exit(1)
    return paint(block, call)


if __name__ == "__main__":
    from support import deadly as module  # by its name, under which Ray's processes find it

    cluster.paint = module.deadly
    assert call.cluster is cluster
    sys.argv[0] = "archive"
    __main__.command()

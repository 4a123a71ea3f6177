"""Parts of an archive for several machines: a picture's path decides which of them colours it."""

import hashlib
import unicodedata
from typing import NamedTuple

from colornet.cli.jobs import Plan


class Shard(NamedTuple):
    """Part `number` of `of`. Numbers count from 0 or from 1: 0 and `of` are the same part."""

    number: int
    of: int

    def holds(self, path: str) -> bool:
        """Whether a path below the input folder, with "/", belongs to this part.

        The sha256 of the path in UTF-8 is read as a number from its highest byte; its remainder of
        `of` is the part. Letters with accents are composed first (NFC): disks differ in that.
        """
        text = unicodedata.normalize("NFC", path).encode("utf-8", "surrogateescape")
        number = int.from_bytes(hashlib.sha256(text).digest(), "big")
        return number % self.of == self.number % self.of


def part(plan: Plan, shard: Shard | None) -> Plan:
    """What a shard does of a plan; all of it without one.

    The plan is made of all files first, so that names that collide are resolved as without shards.
    """
    if shard is None:
        return plan
    mine = {source for source, path in plan.below.items() if shard.holds(path)}
    return plan._replace(
        wrong=[each for each in plan.wrong if each.source in mine],
        jobs=[job for job in plan.jobs if job.source in mine],
        below={source: path for source, path in plan.below.items() if source in mine},
    )

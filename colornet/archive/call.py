"""One call: lists, plans, colours on the cluster, records and reports."""

import argparse
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing

from tqdm import tqdm

from colornet.archive import cluster, places, plan
from colornet.archive import run as runs
from colornet.archive.painter import Call
from colornet.archive.places import Place
from colornet.archive.plan import Plan
from colornet.cli import manifest
from colornet.cli.jobs import shown
from colornet.cli.manifest import KEPT, SKIPPED, Manifest, Record
from colornet.cli.report import say
from colornet.system import stop

STATES = ("coloured", "kept", "skipped")


def run(options: argparse.Namespace) -> int:
    """Returns the exit status: 0; 1 after an error or a skipped photograph; 128 + a signal."""
    start, counts = time.perf_counter(), Counter[str]()
    try:
        _colour(options, counts)
    except stop.Stopped as stopped:
        say(f"\n{stop.SENTENCE}")
        return stopped.status
    except (ValueError, OSError) as error:
        say(f"error: {shown(error)}")
        return 1
    states = ", ".join(f"{counts[state]} {state}" for state in STATES)
    say(f"{states}, in {time.perf_counter() - start:.1f} s")
    return 1 if counts[SKIPPED] else 0


def _colour(options: argparse.Namespace, counts: Counter[str]) -> None:
    """Raises ValueError and OSError, each with a sentence, and stop.Stopped."""
    source, output = places.named(options.input), places.named(options.output)
    places.apart(source, output)
    folder = runs.folder(options.run)
    files = runs.content(folder)
    known = manifest.read(options.manifest)
    found = _planned(source, output, known, options)
    counts[KEPT] = found.done
    stop.check()
    with _opened(options) as record:
        for wrong in found.wrong:
            _add(wrong, counts)
            if known.get(wrong.path) != wrong:
                record.append(wrong)
        if not found.todo:
            return
        ray = cluster.connect(options.address)
        try:
            share = cluster.share(ray, workers=options.workers, cpus=options.cpus_per_worker)
            call = Call(
                *(source, output, str(folder), ray.put(files), share.cpus),
                saturation=options.saturation,
                quality=options.quality,
            )
            with closing(cluster.records(found.todo, call, share)) as records:
                _record(records, len(found.todo), known, record, counts)
        finally:
            ray.shutdown()


def _planned(
    source: Place, output: Place, known: dict[str, Record], options: argparse.Namespace
) -> Plan:
    try:
        found = plan.make(source, output, known, wanted=options.format)
    except FileNotFoundError as error:
        raise FileNotFoundError(f"{options.input} does not exist") from error
    except NotADirectoryError as error:
        raise NotADirectoryError(f"{error} is a file: name a folder") from error
    except OSError as error:
        raise OSError(f"the files cannot be listed: {error.strerror or error}") from error
    if not (found.todo or found.done or found.wrong):
        raise FileNotFoundError(f"{options.input} holds no photographs")
    return found


def _opened(options: argparse.Namespace) -> Manifest:
    record = Manifest(options.manifest)
    try:
        record.open()
    except OSError as error:
        why = error.strerror or error
        raise OSError(f"the manifest {options.manifest} cannot be written: {why}") from error
    return record


def _record(
    records: Iterable[tuple[Record, bool]],
    total: int,
    known: dict[str, Record],
    into: Manifest,
    counts: Counter[str],
) -> None:
    """Appends what says something new, and shows how far the work is."""
    with tqdm(total=total, unit="picture", disable=None) as bar:
        for record, lasting in records:
            _add(record, counts)
            bar.update()
            last = known.get(record.path)
            same = last is not None and last._replace(seconds=record.seconds) == record
            if lasting and (record.done or not same):
                into.append(record)


def _add(record: Record, counts: Counter[str]) -> None:
    counts[record.status] += 1
    if record.status == SKIPPED:
        say(f"skipped: {shown(record.path)} {shown(record.sentence)}")

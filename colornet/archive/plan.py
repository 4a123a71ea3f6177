"""A listed archive and its manifest -> what is to be coloured, each picture once."""

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from colornet.archive.places import Place
from colornet.cli import hinted, jobs, names
from colornet.cli.manifest import Record
from colornet.system import formats

FILM = "is a film, which needs a disk: colour it with `colornet`"


class Task(NamedTuple):
    """One picture to colour.

    path, size, modified: as in a manifest's record; target: the path of the copy below OUTPUT.
    there: the copy lay there before this call. again: it is coloured even so, because the copy is
    not of this source as it is now. hints: the path of a file with hints beside it, or "".
    """

    path: str
    size: int
    modified: int
    target: str
    there: bool = False
    again: bool = False
    hints: str = ""

    def dumped(self) -> str:
        """ASCII, whatever the names are made of."""
        return json.dumps(self)


class Plan(NamedTuple):
    """wrong: records of what cannot be coloured; todo; done: how many a manifest has as done."""

    wrong: list[Record]
    todo: list[Task]
    done: int


def make(
    source: Place, output: Place, known: dict[str, Record], *, wanted: str | None = None
) -> Plan:
    """The plan for a folder; known: the latest record of each path; wanted: as in `jobs.find`.

    Names of copies are those that `colornet INPUT --output OUTPUT` gives. Raises OSError.
    """
    infos = {source.below(each): each for each in source.files()}
    results = _below(source, output)
    sources = [path for path in infos if _is_source(path) and not path.startswith(results)]
    made = names.results(sources, (jobs.SUFFIX, jobs.STRIP))
    originals = [path for path in sources if not names.is_result(path, made)]
    there = _there(output)
    wrong, todo, done, taken = [], [], 0, dict[str, str]()
    owners = {each.target: path for path, each in known.items() if each.done}
    for path, target in _targets(originals, sources, wanted):
        info = infos[path]
        first = taken.setdefault(names.key(target), path)
        about = Record(path, info.size, info.mtime_ns, target=target)
        if formats.is_film(Path(path)):
            wrong.append(about._replace(sentence=FILM, target=None))
        elif first != path:
            sentence = f"would overwrite the result of {first}, {target}"
            wrong.append(about._replace(sentence=sentence, target=None))
        elif _is_done(about, known.get(path), there):
            done += 1
        else:
            hints = str(hinted.beside(PurePosixPath(path)))  # type: ignore[arg-type]
            record = known.get(path)
            fresh = record is None or not record.done or record.size == info.size
            again = not fresh or owners.get(target, path) != path
            task = Task(path, info.size, info.mtime_ns, target, target in there, again)
            todo.append(task._replace(hints=hints if hints in infos else ""))
    return Plan(wrong, todo, done)


def _below(source: Place, output: Place) -> str:
    """What the paths of results begin with that lie below the sources; else what none does."""
    inside = source.system == output.system and output.root.startswith(f"{source.root}/")
    return output.root[len(source.root) + 1 :] + "/" if inside else "/"


def _is_source(path: str) -> bool:
    name = PurePosixPath(path)
    return not name.name.startswith(".") and formats.is_known(Path(name))


def _there(output: Place) -> set[str]:
    try:
        return {output.below(each) for each in output.files()}
    except FileNotFoundError:
        return set()


def _targets(
    originals: Iterable[str], sources: Iterable[str], wanted: str | None
) -> Iterable[tuple[str, str]]:
    """Each original and the path of its copy."""
    beside: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for folder, name in map(_split, sources):
        beside[folder][names.key(Path(name).stem)].append(name)
    nowhere = Path("colornet-output")  # so that no copy is taken for one beside its source
    for path in originals:
        folder, name = _split(path)
        copy = names.copy(Path(name), nowhere, beside[folder], added="", wanted=wanted)
        yield path, f"{folder}{copy.name}"


def _split(path: str) -> tuple[str, str]:
    """A path's folder, which ends with "/" or is empty, and its name."""
    folder, slash, name = path.rpartition("/")
    return folder + slash, name


def _is_done(about: Record, record: Record | None, there: set[str]) -> bool:
    """Whether a record says that a source, as it is now, has its copy, which is still there."""
    if record is None or not record.done or record.pages:
        return False
    return (record.target, record.size) == (about.target, about.size) and about.target in there

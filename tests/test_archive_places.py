"""Archives on file systems of pyarrow, and what is planned of them; without Ray."""

import pytest

pytest.importorskip("pyarrow")

import fsspec  # noqa: E402
from pyarrow import fs  # noqa: E402

from colornet.archive import places, plan  # noqa: E402
from colornet.archive.places import Place  # noqa: E402
from colornet.cli import jobs  # noqa: E402
from colornet.cli.manifest import Record  # noqa: E402


def memory() -> fs.FileSystem:
    """A file system that is neither a disk nor known to be an object store."""
    return fs.PyFileSystem(fs.FSSpecHandler(fsspec.filesystem("memory", skip_instance_cache=True)))


@pytest.fixture(params=["local", "subtree", "memory"])
def place(request, tmp_path):
    local = fs.LocalFileSystem()
    if request.param == "local":
        return Place(local, str(tmp_path))
    if request.param == "subtree":
        return Place(fs.SubTreeFileSystem(str(tmp_path), local), "deep")
    return Place(
        memory(), f"/{tmp_path.parent.name}-{tmp_path.name}"
    )  # no brackets: fsspec expands them


def test_what_is_written_is_listed_and_read_again(place):
    place.write("a/b c é.jpg", b"one")
    place.write("a/b c é.jpg", b"two")
    place.write("z.jpg", b"three")
    assert [place.below(each) for each in place.files()] == ["a/b c é.jpg", "z.jpg"]
    assert place.read("a/b c é.jpg") == b"two"
    assert place.holds("z.jpg") and not place.holds("y.jpg") and not place.holds("a")


@pytest.mark.parametrize("place", ["subtree", "memory"], indirect=True)
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(place, monkeypatch):
    place.write("a.jpg", b"old")

    def fail(*_):
        raise OSError("the network is gone")

    monkeypatch.setattr(Place, "_stream", fail)
    with pytest.raises(OSError, match="network"):
        place.write("a.jpg", b"new")
    assert [place.below(each) for each in place.files()] == ["a.jpg"]
    assert place.read("a.jpg") == b"old"


def test_a_uri_names_the_same_folder_as_a_path(tmp_path):
    (tmp_path / "a b").mkdir()
    by_path = places.named(str(tmp_path / "a b"))
    assert places.named((tmp_path / "a b").as_uri()) == by_path
    assert by_path.system == fs.LocalFileSystem()


def test_a_uri_that_nobody_knows_is_named():
    with pytest.raises(ValueError, match="gopher://photos cannot be used: "):
        places.named("gopher://photos")


@pytest.mark.parametrize("output", ["in", ".", "in/"])
def test_results_never_replace_sources(tmp_path, output):
    source = places.named(str(tmp_path / "in"))
    with pytest.raises(ValueError, match="name an OUTPUT that is not INPUT"):
        places.apart(source, places.named(str(tmp_path / output)))
    places.apart(source, places.named(str(tmp_path / "in" / "out")))
    places.apart(source, places.named(str(tmp_path / "input")))


NAMES = ["a.jpg", "A.png", "b.tif", "b.jpg", "c.heic", "c.jpg", "d.gif", "d.psd", "e-colour.jpg"]
NAMES += ["e.jpg", "deep/a.jpg", "deep/x.gif", "deep/x.png", ".hidden.jpg", "notes.txt"]


def tree(folder, names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")


def planned(tmp_path, known=(), **options):
    ends = [places.named(str(tmp_path / name)) for name in ("in", "out")]
    return plan.make(*ends, {each.path: each for each in known}, **options)


@pytest.mark.parametrize("wanted", [None, "png", "jpeg"])
def test_copies_have_the_names_that_the_command_gives(tmp_path, wanted):
    tree(tmp_path / "in", NAMES)
    output = tmp_path / "out"
    theirs = jobs.find([str(tmp_path / "in")], output=output, suffix="", wanted=wanted)
    targets = {task.path: task.target for task in planned(tmp_path, wanted=wanted).todo}
    assert len(targets) == 12
    assert targets == {
        theirs.below[job.source]: job.target.relative_to(output).as_posix() for job in theirs.jobs
    }


def test_films_are_named_and_not_coloured(tmp_path):
    tree(tmp_path / "in", ["a.jpg", "b.mp4"])
    found = planned(tmp_path)
    assert [each.path for each in found.todo] == ["a.jpg"]
    assert [(each.path, each.status) for each in found.wrong] == [("b.mp4", "skipped")]


def test_results_below_the_input_are_no_input(tmp_path):
    tree(tmp_path, ["a.jpg", "out/a.jpg", "out2/b.jpg"])
    ends = [places.named(str(tmp_path / name)) for name in (".", "out")]
    assert [task.path for task in plan.make(*ends, {}).todo] == ["a.jpg", "out2/b.jpg"]


def test_hints_beside_a_photograph_are_found(tmp_path):
    tree(tmp_path / "in", ["deep/a.jpg", "deep/a.hints.json", "b.jpg"])
    assert {each.path: each.hints for each in planned(tmp_path).todo} == {
        "b.jpg": "",
        "deep/a.jpg": "deep/a.hints.json",
    }


DONE = Record("a.jpg", 1, target="a.jpg", sha256_out="00", status="coloured")


def test_what_is_recorded_and_there_is_done(tmp_path):
    tree(tmp_path, ["in/a.jpg", "out/a.jpg"])
    assert planned(tmp_path, [DONE]).done == 1 and not planned(tmp_path, [DONE]).todo


def test_what_is_there_and_not_recorded_is_recorded(tmp_path):
    tree(tmp_path, ["in/a.jpg", "out/a.jpg"])
    [task] = planned(tmp_path).todo
    assert task.there and not task.again


@pytest.mark.parametrize(
    "record",
    [DONE._replace(size=2), DONE._replace(path="other.jpg")],
    ids=["the source changed", "it is the copy of another source"],
)
def test_a_copy_that_is_not_of_this_source_is_made_again(tmp_path, record):
    tree(tmp_path, ["in/a.jpg", "out/a.jpg"])
    [task] = planned(tmp_path, [record]).todo
    assert task.there and task.again


def test_a_copy_that_was_removed_is_made_again(tmp_path):
    tree(tmp_path, ["in/a.jpg"])
    [task] = planned(tmp_path, [DONE]).todo
    assert not task.there


def test_a_failure_is_tried_again(tmp_path):
    tree(tmp_path, ["in/a.jpg"])
    assert len(planned(tmp_path, [Record("a.jpg", 1, sentence="is no picture")]).todo) == 1

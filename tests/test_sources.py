"""The sources without a download: bundled and folder."""

import os

import pytest
from PIL import Image

from colornet.sources import bundled, folder

COLUMNS = ["file", "photo", "source", "url", "licence", "author"]


def files(root):
    return {f.relative_to(root).as_posix(): f.read_bytes() for f in root.rglob("*") if f.is_file()}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    into = tmp_path_factory.mktemp("bundled")
    return into, list(bundled.fetch(into))


def test_bundled_has_five_crops_of_each_photograph(bundle):
    into, rows = bundle
    assert len(rows) == 5 * len(bundled.PHOTOGRAPHS) == 35
    assert {row["file"] for row in rows} == set(files(into))
    assert len({row["photo"] for row in rows}) == len(bundled.PHOTOGRAPHS)


def test_bundled_names_the_origin_of_each_photograph(bundle):
    for row in bundle[1]:
        assert list(row) == COLUMNS
        assert all(row.values())


def test_bundled_leaves_out_pictures_without_a_licence_and_those_that_are_no_photograph(bundle):
    names = " ".join(row["file"] for row in bundle[1])
    assert "motorcycle" not in names and "color" not in names


def test_bundled_crops_have_a_moderate_size_and_several_shapes(bundle):
    into, rows = bundle
    shapes = set()
    for row in rows:
        with Image.open(into / row["file"]) as image:
            assert max(image.size) <= bundled.LONGEST and min(image.size) >= 128
            assert image.mode == "RGB"
            shapes.add(round(image.width / image.height, 1))
    assert len(shapes) >= 5


def test_bundled_writes_the_same_bytes_each_time(bundle, tmp_path):
    assert list(bundled.fetch(tmp_path)) == bundle[1]
    assert files(tmp_path) == files(bundle[0])


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "mine"
    for name in ("a.jpg", "deep/er/a.JPG", "deep/b b.png", "plain", "broken.jpeg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(f"content of {name.lower()[-5:]}".encode())
    for name in (".hidden.jpg", ".git/x.jpg", "notes.txt", "list.csv", "Thumbs.db", "film.mp4"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"no picture")
    return root


def test_folder_copies_files_with_the_suffix_of_a_picture(tree, tmp_path):
    into = tmp_path / "into"
    into.mkdir()
    rows = list(folder.fetch(into, path=str(tree)))
    assert {row["file"] for row in rows} == set(files(into))
    assert set(files(into)) == {"a.jpg", "deep/er/a.JPG", "deep/b b.png", "plain", "broken.jpeg"}
    assert all(list(row) == COLUMNS for row in rows)
    for name, data in files(into).items():
        assert data == (tree / name).read_bytes()


def test_folder_does_not_change_the_tree(tree, tmp_path):
    before = {file: file.stat().st_mtime_ns for file in tree.rglob("*")}
    (tmp_path / "into").mkdir()
    list(folder.fetch(tmp_path / "into", path=str(tree)))
    (tmp_path / "into/a.jpg").write_bytes(b"changed")
    assert {file: file.stat().st_mtime_ns for file in tree.rglob("*")} == before
    assert (tree / "a.jpg").read_bytes() == b"content of a.jpg"


def test_folder_gives_exact_copies_the_same_photo_whatever_their_names(tree, tmp_path):
    (tree / "copy.png").write_bytes((tree / "a.jpg").read_bytes())
    (tmp_path / "into").mkdir()
    photos = {row["file"]: row["photo"] for row in folder.fetch(tmp_path / "into", path=str(tree))}
    assert photos["copy.png"] == photos["a.jpg"] != photos["plain"]


def test_folder_follows_no_links(tree, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(b"outside")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.jpg").write_bytes(b"outside")
    os.symlink(tmp_path / "secret.jpg", tree / "link.jpg")
    os.symlink(tmp_path / "elsewhere", tree / "linked")
    os.symlink(tree, tree / "loop")
    (tmp_path / "into").mkdir()
    names = {row["file"] for row in folder.fetch(tmp_path / "into", path=str(tree))}
    assert names == {"a.jpg", "deep/er/a.JPG", "deep/b b.png", "plain", "broken.jpeg"}


def test_folder_copies_files_whose_names_are_not_utf_8(tree, tmp_path):
    try:
        (tree / os.fsdecode(b"caf\xe9.jpg")).write_bytes(b"latin")
    except OSError:
        pytest.skip("this file system has no such names")
    (tmp_path / "into").mkdir()
    names = [row["file"] for row in folder.fetch(tmp_path / "into", path=str(tree))]
    assert r"caf\xe9.jpg" in names
    assert all(name.encode() for name in names)


TABLE = """file,licence,url,author,size
a.jpg,CC BY 4.0,https://example.com/a,"Ann, B.",12
deep/b b.png,CC0,,,
"""


def test_folder_takes_licence_author_and_address_from_sources_csv(tree, tmp_path):
    (tree / "sources.csv").write_text(TABLE, "utf-8-sig")
    (tmp_path / "into").mkdir()
    rows = {row["file"]: row for row in folder.fetch(tmp_path / "into", path=str(tree))}
    assert all(list(row) == COLUMNS for row in rows.values())
    named = ("licence", "author", "url")
    told = {name: tuple(row[key] for key in named) for name, row in rows.items()}
    assert told["a.jpg"] == ("CC BY 4.0", "Ann, B.", "https://example.com/a")
    assert told["deep/b b.png"] == ("CC0", "", "")
    assert told["plain"] == ("not stated", "", "")
    assert not (tmp_path / "into/sources.csv").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,author\na.jpg,Ann\n", "has no column `file`"),
        (b"", "has no column `file`"),
        (b"file,author\nb.jpg,Ann\n", "line 2: there is no photograph b.jpg"),
        (b"file,url\na.jpg,https://example.com/a,b\n", "line 2, has more cells than columns"),
        (b"file,author\na.jpg,\xff\n", "cannot be read as a table in UTF-8"),
    ],
)
def test_folder_names_what_is_wrong_in_sources_csv(tree, tmp_path, content, words):
    (tree / "sources.csv").write_bytes(content)
    with pytest.raises(ValueError, match=f"mine/sources.csv.*{words}"):
        list(folder.fetch(tmp_path, path=str(tree)))


def test_folder_missing_or_empty_is_an_error(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="no folder .*nowhere; path must be a folder"):
        list(folder.fetch(tmp_path, path="nowhere"))
    with pytest.raises(ValueError, match="empty holds no file with the suffix of a picture"):
        list(folder.fetch(tmp_path / "into", path=str(tmp_path / "empty")))


def test_folder_refuses_a_tree_that_holds_the_data_folder(tree):
    (tree / "data/raw").mkdir(parents=True)
    with pytest.raises(ValueError, match="holds the data folder itself"):
        list(folder.fetch(tree / "data/raw", path=str(tree)))

"""COCO: the pictures of a split with the licence and the Flickr page of each."""

import hashlib
import json

import pytest

from colornet import fetch as stage
from colornet import params, paths
from colornet.sources import coco
from support import archives
from support.server import Fault

COLUMNS = ["file", "photo", "source", "url", "licence", "author"]
# As COCO's files have them: by-nc-sa is not open, nor is by-nd
LICENCES = [
    {"id": 1, "name": "Attribution-NonCommercial-ShareAlike License", "url": "by-nc-sa/2.0/"},
    {"id": 4, "name": "Attribution License", "url": "by/2.0/"},
    {"id": 5, "name": "Attribution-ShareAlike License", "url": "by-sa/2.0/"},
    {"id": 6, "name": "Attribution-NoDerivs License", "url": "by-nd/2.0/"},
]
for each in LICENCES:
    each["url"] = f"http://creativecommons.org/licenses/{each['url']}"
LICENCES.append(
    {
        "id": 7,
        "name": "No known copyright restrictions",
        "url": "http://flickr.com/commons/usage/",
    }
)
IDS = [1, 4, 5, 6, 7] * 4  # the licence of each picture


def name(number: int) -> str:
    return f"{number:012}.jpg"


def described() -> dict:
    images = [
        {
            "license": licence,
            "file_name": name(n),
            "coco_url": f"http://images.cocodataset.org/val2017/{name(n)}",
            "flickr_url": f"http://farm7.staticflickr.com/6116/62551963{n:02}_da26cf2c9e_z.jpg",
            "id": n,
        }
        for n, licence in enumerate(IDS)
    ]
    return {"info": {}, "licenses": LICENCES, "images": images, "annotations": []}


@pytest.fixture
def host(server, monkeypatch):
    """COCO's host with small archives in the layout of the real ones, and their checksums."""
    pictures = {f"val2017/{name(n)}": archives.jpeg(n) for n in range(len(IDS))}
    content = {
        "zips/val2017.zip": archives.zipped(pictures),
        "annotations/annotations_trainval2017.zip": archives.zipped(
            {"annotations/captions_val2017.json": json.dumps(described()).encode()}
        ),
    }
    monkeypatch.setattr(coco, "HOST", server.url("").rstrip("/"))
    split = coco.SPLITS["val2017"]
    changed = [_stand_in(each, content, server) for each in (split.pictures, split.about)]
    monkeypatch.setitem(coco.SPLITS, "val2017", coco.Split(*changed, split.member))
    return server


def _stand_in(archive, content, server):
    own = content[archive.path]
    server.add(f"/{archive.path}", own)
    return archive._replace(sha256=hashlib.sha256(own).hexdigest(), length=len(own))


def test_the_openly_licensed_pictures_are_taken_unchanged(host, into):
    rows = list(coco.fetch(into))
    wanted = [n for n, licence in enumerate(IDS) if licence in (4, 5, 7)]
    assert [row["file"] for row in rows] == [name(n) for n in wanted]
    found = {file.name: file.read_bytes() for file in into.iterdir()}
    assert found == {name(n): archives.jpeg(n) for n in wanted}


def test_each_row_has_its_licence_and_leads_to_its_page_on_flickr(host, into):
    row = list(coco.fetch(into))[0]
    assert list(row) == COLUMNS
    assert row["url"] == "https://www.flickr.com/photo.gne?id=6255196301"
    assert row["licence"] == "Attribution License (http://creativecommons.org/licenses/by/2.0/)"
    assert row["photo"] == "000000000001" and row["source"] == "COCO"


def test_a_picture_without_a_page_on_flickr_has_its_address_at_coco(host, into, monkeypatch):
    content = described()
    for image in content["images"]:
        del image["flickr_url"]  # as in test2017
    own = archives.zipped({"annotations/captions_val2017.json": json.dumps(content).encode()})
    split = coco.SPLITS["val2017"]
    about = _stand_in(split.about, {split.about.path: own}, host)
    monkeypatch.setitem(coco.SPLITS, "val2017", split._replace(about=about))
    row = list(coco.fetch(into))[0]
    assert row["url"] == "http://images.cocodataset.org/val2017/000000000001.jpg"


def test_all_licences_take_every_picture(host, into):
    rows = list(coco.fetch(into, licences="all"))
    assert len(rows) == len(IDS)
    assert any("NonCommercial" in row["licence"] for row in rows)


def test_pictures_limits_how_many_and_a_smaller_choice_is_part_of_a_larger_one(host, into):
    few = {row["file"] for row in coco.fetch(into, pictures=3)}
    for file in into.iterdir():
        file.unlink()
    more = {row["file"] for row in coco.fetch(into, pictures=6)}
    assert len(few) == 3 and len(more) == 6 and few < more


def test_the_stage_fetches_it_with_the_checksum_of_each_file(host, capsys):
    params.save({"fetch": {"coco": {"source": "coco", "pictures": 5}}}, paths.PARAMS)
    stage.run("coco", **params.section("fetch", "coco"))
    lines = (paths.raw("coco") / "sources.csv").read_text().splitlines()
    assert len(lines) == 6 and lines[0].endswith("author,sha256")


@pytest.mark.parametrize(
    "option, words",
    [({"split": "val2014"}, "split is 'val2014'"), ({"licences": "by"}, "licences is 'by'")],
)
def test_an_unknown_split_or_licence_is_a_sentence_before_any_download(host, option, words):
    with pytest.raises(params.UserError, match=words):
        stage.run("coco", source="coco", **option)
    assert not host.asked


def test_a_copy_of_the_pictures_serves_if_it_has_the_checksum(host, into, tmp_path):
    copy = tmp_path / "copy.zip"
    copy.write_bytes(b"another archive")
    with pytest.raises(ValueError, match="val2017.zip"):
        list(coco.fetch(into, url=str(copy)))
    address = host.url("/mirror.zip")
    host.add("/mirror.zip", archives.zipped({"other": b""}), Fault(404))
    with pytest.raises(ValueError, match="404"):
        list(coco.fetch(into, url=address))


@pytest.mark.parametrize("content", [b"no json", b"[]", b'{"images": [], "licenses": 3}'])
def test_a_description_of_another_form_is_a_sentence(host, into, monkeypatch, content):
    own = archives.zipped({"annotations/captions_val2017.json": content})
    split = coco.SPLITS["val2017"]
    about = _stand_in(split.about, {split.about.path: own}, host)
    monkeypatch.setitem(coco.SPLITS, "val2017", split._replace(about=about))
    with pytest.raises(ValueError, match="does not describe pictures as COCO does"):
        list(coco.fetch(into))


def test_the_published_archives_have_a_checksum_and_a_length_each():
    published = [each for split in coco.SPLITS.values() for each in (split.pictures, split.about)]
    assert all(len(each.sha256) == 64 and each.length > 1_000_000 for each in published)
    assert len({each.sha256 for each in published}) == 5

"""A run is laid out as it ships."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from colornet import colorize, colorizer, evaluate, params, paths, release
from support.pictures import colourful
from support.runs import leave_run, narrow, prepare

pytestmark = pytest.mark.slow


@pytest.fixture
def shipped(released, tmp_path, monkeypatch):
    """pretrained/tiny, released from runs/tiny with two evaluations, and named as the default."""
    shutil.copytree(released, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path / "pretrained")
    return paths.PRETRAINED / "tiny"


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A project whose run is released, made once."""
    folder = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(paths, "PRETRAINED", folder / "pretrained")
        make_released(patch)
    return folder


def make_released(patch):
    prepare()
    narrow(patch)
    folder = leave_run("beta", paths.run("tiny"))
    for name in release.DESCRIPTIONS[1:]:
        (folder / name).write_text("{}")
    (folder / "previews").mkdir()
    shutil.copytree(paths.prepared("tiny"), paths.prepared("open"))
    for evaluation, dataset in {"tiny": "tiny", "tiny-on-open": "open"}.items():
        evaluate.run(evaluation, run="runs/tiny", dataset=dataset)
    other = paths.results("other")
    shutil.copytree(paths.results("tiny"), other)
    summary = json.loads((other / "summary.json").read_text()) | {"run": "runs/other"}
    (other / "summary.json").write_text(json.dumps(summary))
    paths.raw("open").mkdir(parents=True)
    index = pd.read_csv(paths.prepared("open") / "index.csv")
    index[["raw_file"]].set_axis(["file"], axis=1).assign(author="Ann", licence="CC0").to_csv(
        paths.raw("open") / "sources.csv", index=False
    )
    (paths.PRETRAINED / "tiny").mkdir(parents=True)
    (paths.PRETRAINED / "tiny/README.md").write_text("card")
    release.run("tiny", pictures=("tiny-on-open",))
    (paths.PRETRAINED / "default").write_text("tiny\n")


def test_it_is_a_run_with_its_results_and_without_restricted_pictures(shipped, capsys):
    names = {file.name for file in shipped.iterdir()}
    assert names == {"model.keras", *release.DESCRIPTIONS, "results", "README.md"}
    assert {folder.name for folder in (shipped / "results").iterdir()} == {"tiny", "open"}
    assert not (shipped / "results/tiny/pictures").exists()
    assert not (shipped / "results/tiny/features.npz").exists()
    assert (shipped / "results/open/features.npz").exists()
    assert len(list((shipped / "results/open/pictures").iterdir())) == 8
    assert (shipped / "results/tiny/scores.csv").read_bytes() == (
        paths.results("tiny") / "scores.csv"
    ).read_bytes()
    assert (shipped / "README.md").read_text() == "card"


def test_published_pictures_go_with_their_authors_and_licences(shipped):
    published = pd.read_csv(shipped / "results/open/sources.csv")
    scores = pd.read_csv(shipped / "results/open/scores.csv")
    assert list(published["test"]) == list(scores["file"])
    assert set(published["author"]) == {"Ann"}
    assert not (shipped / "results/tiny/sources.csv").exists()
    (paths.raw("open") / "sources.csv").unlink()
    with pytest.raises(params.UserError, match="a picture ships with its author and licence"):
        release.run("tiny", pictures=("tiny-on-open",))


def test_published_pictures_are_smaller_files_and_look_the_same(shipped):
    for file in sorted((paths.results("tiny-on-open") / "pictures").iterdir()):
        small = shipped / "results/open/pictures" / file.name
        with Image.open(file) as before, Image.open(small) as after:
            assert after.size == before.size
            assert after.mode == ("L" if file.stem.endswith("_input") else "RGB")
            off = np.abs(np.asarray(after.convert("RGB"), int) - np.asarray(before))
        assert off.mean() < 4
        if not file.stem.endswith("_strip"):
            assert small.stat().st_size < file.stat().st_size


def test_a_run_that_is_in_pretrained_alone_gets_its_results_and_stays_as_it_is(shipped, capsys):
    shutil.rmtree(paths.run("tiny"))
    for file in paths.results("").glob("tiny*/summary.json"):
        summary = json.loads(file.read_text()) | {"run": "pretrained/tiny"}
        file.write_text(json.dumps(summary))
    shutil.rmtree(paths.results("tiny"))  # evaluated on another machine
    shutil.rmtree(shipped / "results/open")
    before = {file.name: file.read_bytes() for file in shipped.iterdir() if file.is_file()}
    release.run("tiny", pictures=("tiny-on-open",))
    assert {file.name: file.read_bytes() for file in shipped.iterdir() if file.is_file()} == before
    assert len(list((shipped / "results/open/pictures").iterdir())) == 8
    assert (shipped / "results/tiny/scores.csv").is_file()
    assert "precision" not in capsys.readouterr().out.splitlines()[-1]


def test_two_evaluations_on_one_dataset_are_refused(shipped):
    shutil.copytree(paths.results("tiny"), paths.results("tiny-again"))
    with pytest.raises(params.UserError, match="tiny and results/tiny-again are both on tiny"):
        release.run("tiny")


def test_the_network_is_smaller_and_colours_the_same(shipped):
    whole = paths.run("tiny") / "model.keras"
    assert (shipped / "model.keras").stat().st_size < 0.75 * whole.stat().st_size
    picture = np.asarray(colourful(0).convert("L").resize((64, 64)))[None]
    ours, theirs = (colorizer.Colorizer(run).predict(picture) for run in (shipped, whole.parent))
    # Where the processor has bfloat16, colouring itself rounds to half a unit here
    assert 0 < np.abs(ours - theirs).max() <= (release.LIMIT + 0.5) / 128


def test_half_precision_that_changes_colours_is_not_taken(shipped, monkeypatch, capsys):
    monkeypatch.setattr(release, "LIMIT", 1e-9)
    release.run("tiny")
    assert "in full precision, as half would move colours by 0." in capsys.readouterr().out
    picture = np.asarray(colourful(0).convert("L").resize((64, 64)))[None]
    ours, theirs = (
        colorizer.Colorizer(run).predict(picture) for run in (shipped, paths.run("tiny"))
    )
    np.testing.assert_array_equal(ours, theirs)


def test_what_cannot_be_released_gets_a_sentence(shipped):
    with pytest.raises(params.UserError, match="runs/none holds no finished run, model.keras"):
        release.run("none")
    with pytest.raises(
        params.UserError, match="no evaluation x of runs/tiny; it has: tiny, tiny-on-open"
    ):
        release.run("tiny", pictures=("x",))
    shutil.rmtree(paths.prepared("tiny"))
    with pytest.raises(params.UserError, match="validation pictures of runs/tiny are missing"):
        release.run("tiny")


def test_without_a_run_the_shipped_one_colours(shipped, tmp_path):
    colourful(0).convert("L").save(tmp_path / "old.png")
    assert colorizer.default() == shipped
    assert colorize.main([str(tmp_path / "old.png"), "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out/old.png").is_file()


def broken(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    file.write_bytes(content)


@pytest.mark.parametrize(
    "harm, words",
    [
        (lambda run: (run / "model.keras").unlink(), "model.keras is missing"),
        (lambda run: broken(run / "model.keras"), "cannot be loaded: it is broken"),
        (lambda run: (run / "model.keras").write_bytes(b""), "cannot be loaded: it is broken"),
        (lambda run: (run.parent / "default").unlink(), "git checkout pretrained"),
        (
            lambda run: (run.parent / "default").write_text("none"),
            "none holds no trained run: params.yaml is missing there. `git checkout pretrained`",
        ),
    ],
    ids=["no weights", "a flipped byte", "empty", "no default", "another default"],
)
def test_missing_or_broken_weights_are_a_sentence_and_leave_no_picture(
    shipped, tmp_path, capsys, harm, words
):
    harm(shipped)
    colourful(0).convert("L").save(tmp_path / "old.png")
    assert colorize.main([str(tmp_path / "old.png"), "--output", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

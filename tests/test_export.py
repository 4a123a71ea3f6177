"""A run becomes an ONNX file that colours like Keras, with a card that is enough to use it."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from colornet import export, params, paths
from colornet.colour import lab
from colornet.colour.colourfulness import saturate
from colornet.square import Box, letterbox
from support.pictures import opened
from support.runs import SIZE, leave_run

pytestmark = pytest.mark.slow

ALONE = "import sys; sys.modules |= dict.fromkeys(['keras', 'tensorflow', 'colornet', 'skimage'])\n"


@pytest.fixture
def make(tiny_networks, tmp_path, monkeypatch):
    """Leaves runs/tiny, an untrained tiny network of a kind, and returns its folder."""
    monkeypatch.chdir(tmp_path)
    kinds = {
        "final": {"train": {"dataset": "tiny", "class_scores": "zeros"}},
        "lite": {"train": {"dataset": "tiny", "window": SIZE}},
    }
    return lambda model, **settings: leave_run(
        model, paths.run("tiny"), **kinds.get(model, {}), **settings
    )


def keras_colours(run: Path, inputs: dict) -> np.ndarray:
    import keras

    network = keras.models.load_model(run / "model.keras", compile=False)
    return network.predict(inputs if len(inputs) > 1 else inputs["lightness"], verbose=0)


def error_of(*arguments: str) -> str:
    with pytest.raises(SystemExit) as end:
        export.main([*arguments])
    assert isinstance(end.value.code, str), "a sentence, which Python prints, and status 1"
    return end.value.code


@pytest.mark.parametrize("model", ["beta", "final", "lite"])
def test_the_file_says_what_it_is_and_colours_any_number_of_pictures_as_keras_does(model, make):
    import onnxruntime

    run = make(model, saturation=1.25)
    export.main(["--run", str(run)])
    session = onnxruntime.InferenceSession("exported/tiny/model.onnx")
    random, inputs = np.random.default_rng(1), {}
    inputs["lightness"] = random.random((5, SIZE, SIZE, 1), "float32")
    if model == "final":
        inputs["class_scores"] = random.normal(size=(5, 1000)).astype("float32")
    shapes = {each.name: each.shape for each in (*session.get_inputs(), *session.get_outputs())}
    expected = {name: ["N", *each.shape[1:]] for name, each in inputs.items()}
    if model == "lite":
        shapes_of = {"lightness": ["N", "H", "W", 1], "ab": ["N", "h", "w", 2]}
    else:
        shapes_of = expected | {"ab": ["N", SIZE, SIZE, 2]}
    assert shapes == shapes_of
    assert session.get_modelmeta().custom_metadata_map == {
        "run": "tiny",
        "model": model,
        "size": str(SIZE),
        "saturation": "1.25",
        "padded": str(model != "lite"),
        "licence": "not stated",
    }
    ours, theirs = session.run(["ab"], inputs)[0], keras_colours(run, inputs)
    assert np.ptp(theirs) > 1e-3
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_run_without_a_card_gets_one_from_its_files_and_stays_as_it_was(make, capsys):
    run = make("final")
    (run / "history.csv").write_text("epoch,loss,val_loss\n1,0.5,0.25\n2,0.125,0.0625\n")
    before = {file: file.read_bytes() for file in run.iterdir()}
    export.main(["--run", f"{run}/"])
    assert {file: file.read_bytes() for file in run.iterdir()} == before
    left = {file.name for file in Path("exported/tiny").iterdir()}
    assert left == {"model.onnx", "README.md", "lab.py"}
    card = Path("exported/tiny/README.md").read_text()
    off = re.search(r"the largest difference is (0\.\d+) units of ab", card)[1]
    assert f"at most {off} units of ab from Keras" in capsys.readouterr().out
    for words in (
        "# tiny\n\nThe network *final*, ",
        "epoch 2, loss 0.125, val_loss 0.0625.",
        (run / "params.yaml").read_text().strip(),
        "Weights: not stated. It follows from the photographs of the dataset `tiny`",
        "`lightness`: (N, 32, 32, 1) float32",
        "`class_scores`: (N, 1000) float32, zeros of InceptionResNetV2",
        "`ab`: (N, 32, 32, 2) float32",
        "saturation, 1, is not part",
        "mirrored, with random class scores: ",
        "ONNX opset ",
        "keras 3.",
    ):
        assert words in card
    assert not re.search(r"\b(SIZE|SCORES|FEED|KIND|CLASSES|NAME|SCALE|VERSIONS)\b", card)


@pytest.mark.parametrize("model, saturation", [("beta", 1.7), ("final", 0.7), ("lite", 1.2)])
def test_the_example_of_the_card_colours_a_photograph_as_colornet_does(model, saturation, make):
    run = make(model, saturation=saturation)
    export.main(["--run", str(run), "--output", "out"])
    picture = Image.fromarray(data.coffee()).crop((0, 0, 301, 200))
    picture.save("out/photograph.jpg")
    picture = opened("out/photograph.jpg")
    example = re.search(r"```python\n(.+?)```", Path("out/README.md").read_text(), re.DOTALL)[1]
    done = subprocess.run(
        [sys.executable, "-c", ALONE + example], cwd="out", capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")

    grey = picture.convert("L")
    if model == "lite":
        small, box = grey.resize((SIZE, SIZE), Image.Resampling.LANCZOS), Box(0, 0, SIZE, SIZE)
    else:
        small, box = letterbox(grey, size=SIZE)
    inputs = {"lightness": lab.lightness(np.asarray(small))[None, ..., None]}
    if model == "final":
        inputs["class_scores"] = np.zeros((1, 1000), "float32")
    ab = keras_colours(run, inputs)[0]
    planes = [
        Image.fromarray(np.ascontiguousarray(plane)) for plane in box.cut(ab).transpose(2, 0, 1)
    ]
    ab = np.stack(
        [plane.resize((301, 200), Image.Resampling.BILINEAR) for plane in planes], axis=-1
    )
    ab = saturate(ab, saturation)
    lightness = lab.lightness(np.asarray(grey))[..., None]
    fitted = lab.fit(lightness, ab)
    assert (fitted != ab).any(), "some are colours that sRGB cannot show"
    theirs = lab.rgb(lightness, fitted).astype(int)
    ours = np.asarray(opened("out/coloured.png")).astype(int)
    assert ours.shape == theirs.shape
    off = np.abs(ours - theirs)
    # A colour at the edge of sRGB may keep 1/256 of its chroma more or less.
    assert off.max() <= 2 and (off == 0).mean() > 0.99


def test_the_default_network_is_exported_in_silence_with_its_own_card_and_licence(tmp_path):
    command = [sys.executable, "-W", "default", "-m", "colornet.export"]
    command += ["--run", str(paths.PRETRAINED / "lite-photos"), "--output", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    said = r"\S+: model.onnx, 28 MB, .* on ten pictures at most (0\.\d+) units of ab from Keras\n"
    assert float(re.fullmatch(said, done.stdout)[1]) < 0.01
    card = (tmp_path / "out/README.md").read_text()
    own = (paths.PRETRAINED / "lite-photos/README.md").read_text()
    assert card.startswith(own.replace("../LICENSE", "LICENSE"))
    assert "saturation = 256, 1.13\n" in card
    assert (tmp_path / "out/LICENSE").read_bytes() == (paths.PRETRAINED / "LICENSE").read_bytes()
    import onnx

    model = onnx.load(tmp_path / "out/model.onnx")
    assert {each.key: each.value for each in model.metadata_props}["licence"] == "CC BY-SA 4.0"


@pytest.mark.parametrize("harm", [0.01, float("nan")])
def test_colours_that_are_not_those_of_keras_leave_only_the_former_export(harm, make, monkeypatch):
    run = make("beta")
    converted = export._convert

    def other(folder, network, size, *, padded):
        model = converted(folder, network, size, padded=padded)
        network.get_layer("decoder_ab").bias.assign_add([harm, 0])
        return model

    monkeypatch.setattr(export, "_convert", other)
    assert "more than 0.1: nothing is written" in error_of("--run", str(run))
    assert not Path("exported").exists()
    Path("exported/tiny").mkdir(parents=True)
    Path("exported/tiny/model.onnx").write_bytes(b"former")
    error_of("--run", str(run))
    assert [file.name for file in Path("exported").rglob("*")] == ["tiny", "model.onnx"]
    assert Path("exported/tiny/model.onnx").read_bytes() == b"former"


def test_a_difference_below_the_limit_is_said_and_a_former_export_replaced(
    make, monkeypatch, capsys
):
    run = make("beta")
    Path("out").mkdir()
    Path("out/LICENSE").write_text("former")
    monkeypatch.setattr(export, "_difference", lambda *given: 0.0625)
    export.main(["--run", str(run), "--output", "out"])
    assert {file.name for file in Path("out").iterdir()} == {"model.onnx", "README.md", "lab.py"}
    assert "0.06250 units of ab" in Path("out/README.md").read_text()
    assert re.match(r"out: model.onnx, 0.\d+ MB, .* 0.06250 units", capsys.readouterr().out)


def foreign(run):
    import keras

    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.save(run / "model.keras")


@pytest.mark.parametrize(
    "harm, words",
    [
        (lambda run: (run / "model.keras").unlink(), "no trained run: model.keras is missing"),
        (lambda run: (run / "params.yaml").unlink(), "no trained run: params.yaml is missing"),
        (lambda run: (run / "model.keras").write_bytes(b"PK"), "cannot be loaded: it is broken"),
        (foreign, "none of colornet's networks"),
        (lambda run: (run / "params.yaml").write_text("a: ["), "cannot be read as YAML"),
        (lambda run: params.save({"a": 1}, run / "params.yaml"), "not what training leaves"),
    ],
    ids=["no network", "no params", "broken", "foreign", "no yaml", "other params"],
)
def test_a_run_that_cannot_be_read_is_a_sentence(harm, words, make):
    run = make("beta")
    harm(run)
    sentence = error_of("--run", str(run))
    assert words in sentence and "\n" not in sentence
    assert not Path("exported").exists()


def test_other_mistakes_are_sentences_too(make, monkeypatch):
    assert "runs/none holds no trained run" in error_of("--run", "runs/none")
    run = make("beta")
    for output in (".", str(run), str(run / "params.yaml")):
        sentence = error_of("--run", str(run), "--output", output)
        assert sentence == f"error: {output} is there and is no export: name another --output."
    assert {file.name for file in run.iterdir()} == {"model.keras", "params.yaml"}
    assert "Not a directory" in error_of("--run", str(run), "--output", f"{run}/params.yaml/out")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert re.search(
        r"Export needs onnxruntime .*`pip install -r requirements-dev.txt`, or "
        r"`pip install tensorflow scikit-image tf2onnx onnx onnxruntime`",
        error_of("--run", str(run)),
    )


def test_wrong_usage_ends_with_2(capsys):
    for arguments in (["runs/tiny"], ["--run"], ["--onnxruntime", "package.tgz"]):
        with pytest.raises(SystemExit) as end:
            export.main(arguments)
        assert end.value.code == 2
    assert "--run" in capsys.readouterr().err

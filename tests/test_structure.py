"""structure.json -> layers, parts and boxes."""

import json
import re
from pathlib import Path

import pytest

from dashboard.pipeline import structure

SHIPPED = sorted(Path(__file__).parents[1].glob("pretrained/*/structure.json"))


def layer(name: str, *inputs: str, kind: str = "Conv2D", parameters: int = 10) -> dict:
    shape = [None, None, None, 8]
    return dict(name=name, type=kind, shape=shape, parameters=parameters, inputs=list(inputs))


def read(*entries: dict) -> list[structure.Layer]:
    return structure.layers({"layers": list(entries)}, file="structure.json")


def test_every_part_has_its_layers_and_their_parameters():
    found = read(
        layer("lightness", kind="InputLayer", parameters=0),
        layer("class_scores", kind="InputLayer", parameters=0),
        layer("encoder_conv1", "lightness"),
        layer("fusion_conv", "encoder_conv1", "class_scores", parameters=3),
        layer("decoder4_up", "fusion_conv", parameters=0),
        layer("decoder_ab", "decoder4_up", parameters=5),
        layer("foreign", "decoder_ab", parameters=1),
    )
    assert structure.parts(found) == {
        "input": (1, 0),
        "encoder": (1, 10),
        "classifier": (1, 0),
        "fusion": (1, 3),
        "decoder": (2, 5),
        "other": (1, 1),
    }


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.parent.name)
def test_the_boxes_of_a_shipped_network_hold_all_its_parameters(file):
    content = json.loads(file.read_text())
    found = structure.layers(content, file=file)
    boxes = structure.boxes(found)
    numbers = [
        int(box.lines[1].split(" · ")[1].replace(",", "")) for box in boxes if "·" in str(box)
    ]
    assert sum(numbers) == content["parameters"]
    assert sum(weight for _, weight in structure.parts(found).values()) == content["parameters"]
    assert set(structure.parts(found)) <= {"input", "encoder", "context", "decoder"}
    assert len(boxes) <= 36


def test_normalization_and_activation_are_drawn_with_the_layer_that_they_follow():
    found = read(
        layer("a"),
        layer("a_norm", "a", kind="BatchNormalization", parameters=2),
        layer("a_relu", "a_norm", kind="Activation", parameters=0),
        layer("b", "a_relu"),
        layer("add", "a_relu", "b", kind="Add", parameters=0),
    )
    boxes = structure.boxes(found)
    assert [(box.name, box.inputs) for box in boxes] == [
        ("a", ()),
        ("b", ("a",)),
        ("add", ("a", "b")),
    ]
    assert boxes[0].lines == ("a: Conv2D", "h × w × 8 · 12")


def test_an_activation_has_its_own_box_if_its_input_has_other_users():
    found = read(layer("a"), layer("relu", "a", kind="Activation"), layer("b", "a", "relu"))
    assert [box.name for box in structure.boxes(found)] == ["a", "relu", "b"]


def test_a_residual_block_is_one_box():
    found = read(
        layer("encoder_conv1"),
        layer("encoder_block1_conv1", "encoder_conv1"),
        layer("encoder_block1_conv2", "encoder_block1_conv1"),
        layer("encoder_block1_add", "encoder_block1_conv2", "encoder_conv1", kind="Add"),
        layer("decoder_conv1", "encoder_block1_add"),
    )
    boxes = structure.boxes(found)
    assert [box.name for box in boxes] == ["encoder_conv1", "encoder_block1", "decoder_conv1"]
    assert boxes[1].lines[0] == "block1: 2 Conv2D, Add"
    assert boxes[2].inputs == ("encoder_block1",)


def test_a_block_with_a_short_name_and_a_step_of_the_decoder_are_one_box_each():
    found = read(
        layer("stem"),
        layer("block0_depth", "stem", kind="DepthwiseConv2D"),
        layer("block0_depth_norm", "block0_depth", kind="BatchNormalization"),
        layer("block0_project", "block0_depth_norm"),
        layer("block0_add", "block0_project", "stem", kind="Add"),
        layer("up2", "block0_add", kind="UpSampling2D", parameters=0),
        layer("up2_skip", "up2", "stem", kind="Concatenate", parameters=0),
        layer("up2_conv1", "up2_skip"),
        layer("answer", "up2_conv1"),
    )
    boxes = structure.boxes(found)
    assert [box.lines[0] for box in boxes] == [
        "stem: Conv2D",
        "block0: DepthwiseConv2D, Conv2D, Add",
        "up2: UpSampling2D, Concatenate, Conv2D",
        "answer: Conv2D",
    ]
    assert boxes[2].inputs == ("block0", "stem")
    assert set(structure.parts(found)) == {"encoder", "decoder"}


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ([None, None, None, 64], "h × w × 64"),
        ([None, 1, 1, 288], "1 × 1 × 288"),
        ([None, 1000], "1,000"),
        ([None, None], "?"),
        ([None, {"odd": 1}], "{'odd': 1}"),
        ([], ""),
    ],
)
def test_a_shape_is_shown_without_the_batch(shape, words):
    assert read(layer("a") | {"shape": shape})[0].shape == words


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({}, "structure.json has no list of layers."),
        ({"layers": []}, "structure.json has no list of layers."),
        ({"layers": [5]}, "structure.json has a layer without name or type."),
        ({"layers": [{"name": "a"}]}, "structure.json has a layer without name or type."),
        ({"layers": [{"name": "a", "type": "b"}]}, "without shape, inputs or parameters: a."),
    ],
)
def test_a_file_of_another_form_gets_a_sentence(content, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        structure.layers(content, file="structure.json")

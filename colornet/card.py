"""What is known of a run -> the card of its ONNX file, with an example that colours a picture."""

import csv
import re
from importlib import metadata
from pathlib import Path

from colornet.colour.lab import AB_SCALE

# The line of a card that states the licence of the weights
WEIGHTS = r"(?m)^Weights: ([^.(\n]+(?:\.\d[^.(\n]*)*)"

SECTION = """
## model.onnx

Made by `python -m colornet.export` of the run NAME, which the rest of this page describes. For any
number N of pictures:

GIVEN
SCORES- output `ab`: PREDICTED, a\\* and b\\* over SCALE (CIE Lab, D65).

The run's saturation, SATURATION, is not part of the network. The example below does what
`python -m colornet.colorize` does, but interpolates the colours without regard to edges. It needs
onnxruntime, Pillow, numpy, and the file lab.py beside this page:

```python
import lab
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

size, saturation = SIZE, SATURATION
picture = ImageOps.exif_transpose(Image.open("photograph.jpg")).convert("L")
PREPARED
inputs = {"lightness": lab.lightness(np.asarray(small))[None, ..., None]}FEED
ab = onnxruntime.InferenceSession("model.onnx").run(["ab"], inputs)[0][0]
ab = np.moveaxis(CUT, 2, 0).copy()
ab = [Image.fromarray(each).resize(picture.size, Image.Resampling.BILINEAR) for each in ab]
ab = np.stack([np.asarray(each) for each in ab], axis=2)
mean = ab.mean(axis=(0, 1))
ab = np.clip(min(saturation, 1) * mean + saturation * (ab - mean), -1, 1)

lightness = lab.lightness(np.asarray(picture))[..., None]
Image.fromarray(lab.rgb(lightness, lab.fit(lightness, ab))).save("coloured.png")
```

Checked against Keras in float32 on ten pictures, scikit-image's seven photographs and three of them
mirroredRANDOM: the largest difference is DIFFERENCE units of ab.
VERSIONS.
"""
# What a network is given that sees padded squares, and one that sees pictures alone
GIVEN = {
    True: """- input `lightness`: (N, SIZE, SIZE, 1) float32 in [0, 1], L\\*/100 of the 8-bit grey
  (BT.601); the picture, its longer side SIZE pixels, lies centred in the square, with black around
  it;""",
    False: """- input `lightness`: (N, H, W, 1) float32 in [0, 1], L\\*/100 of the 8-bit grey
  (BT.601) of the picture alone; its longer side is about SIZE pixels, and H and W are multiples of
  32;""",
}
PREDICTED = {
    True: "(N, SIZE, SIZE, 2) float32 in [-1, 1]",
    False: "(N, H/2, W/2, 2) float32",
}
PREPARED = {
    True: """scale = size / max(picture.size)
width, height = (max(1, round(side * scale)) for side in picture.size)
left, top = (size - width) // 2, (size - height) // 2
small = Image.new("L", (size, size))
small.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (left, top))
""",
    False: """scale = size / max(picture.size)
width, height = (max(32, round(side * scale / 32) * 32) for side in picture.size)
small = picture.resize((width, height), Image.Resampling.LANCZOS)
""",
}
CUT = {True: "ab[top : top + height, left : left + width]", False: "ab"}
SCORES = """- input `class_scores`: (N, CLASSES) float32, KIND of NETWORK, as
  `colornet/inference/classifier.py` computes them; zeros, as in the example, tell the network
  nothing;
"""
FEED = '\ninputs["class_scores"] = np.zeros((1, CLASSES), "float32")'


def page(folder: Path, settings: dict, network) -> str:
    """The run's own card, or one made from its files; it has a line "Weights: <licence>"."""
    if (folder / "README.md").is_file():
        text = (folder / "README.md").read_text("utf-8")
        return text if re.search(WEIGHTS, text) else f"{text}\nWeights: see this page.\n"
    history = folder / "history.csv"
    lines = history.read_text("utf-8").splitlines() if history.is_file() else []
    rows = list(csv.DictReader(lines))
    last = ", ".join(f"{key} {value}" for key, value in rows[-1].items()) if rows else "unknown"
    dataset = settings["train"]["dataset"]
    return f"""# {folder.resolve().name}

The network *{network.name}*, {network.count_params():,} parameters, trained with colornet.
The last line of its history: {last}.

## Data and licence

Weights: not stated. It follows from the photographs of the dataset `{dataset}`:
colornet's data/README.md names the terms of each source.

```yaml
{(folder / "params.yaml").read_text("utf-8").strip()}
```
"""


def licence(page: str) -> str:
    """The licence of the weights, as a card states it."""
    return re.search(WEIGHTS, page)[1].strip()


def section(facts: dict, settings: dict, network, *, needs: tuple, off: float, opset: int) -> str:
    """The part of the card about the ONNX file.

    facts: name, size, saturation and `padded` of the run; needs: packages whose versions are named;
    off: the largest difference between ONNX Runtime and Keras, in units of ab.
    """
    padded, two = facts["padded"], "class_scores" in [each.name for each in network.inputs]
    weights = settings.get("classify", {}).get("weights")
    versions = [f"{name} {metadata.version(name)}" for name in ("keras", "tensorflow", *needs)]
    values = {
        "RANDOM": ", with random class scores" * two,
        "CLASSES": network.inputs[-1].shape[1],
        "KIND": settings["train"].get("class_scores"),
        "NETWORK": "EfficientNet-Lite2" if weights == "efficientnet-lite2" else "InceptionResNetV2",
        "NAME": facts["run"],
        "SIZE": facts["size"],
        "SCALE": f"{AB_SCALE:g}",
        "SATURATION": facts["saturation"],
        "DIFFERENCE": f"{off:.5f}",
        "VERSIONS": f"ONNX opset {opset}; " + ", ".join(versions),
    }
    text = SECTION.replace("SCORES", SCORES * two).replace("FEED", FEED * two)
    for name, texts in (("GIVEN", GIVEN), ("PREDICTED", PREDICTED), ("PREPARED", PREPARED)):
        text = text.replace(name, texts[padded])
    text = text.replace("CUT", CUT[padded])
    # All at once, so that a value is never replaced itself
    return re.sub("|".join(values), lambda found: str(values[found[0]]), text)

"""A run's papers -> the card that goes with its ONNX file, with an example that colours."""

import csv
import re
from importlib import metadata
from pathlib import Path

from colornet.colour import lab

WEIGHTS = r"(?m)^Weights: ([^.(\n]+(?:\.\d[^.(\n]*)*)"  # of a card: their licence

SECTION = """
## model.onnx

Made by `python -m colornet.export` of the run NAME, which the rest of this page describes. For any
number N of pictures:

- input `lightness`: (N, SIZE, SIZE, 1) float32 in [0, 1], L\\*/100 of the 8-bit grey (BT.601);
  the picture, its longer side SIZE pixels, lies centred in the square, with black around it;
SCORES- output `ab`: (N, SIZE, SIZE, 2) float32 in [-1, 1], a\\* and b\\* over 128 (CIE Lab, D65).

To the output the run's saturation, SATURATION, is still to be applied. What
`python -m colornet.colorize` does, with onnxruntime, Pillow and numpy alone:

```python
import numpy as np
import onnxruntime
from PIL import Image, ImageOps

size, saturation = SIZE, SATURATION
picture = ImageOps.exif_transpose(Image.open("photograph.jpg")).convert("L")
width, height = (max(1, round(side * (size / max(picture.size)))) for side in picture.size)
left, top = (size - width) // 2, (size - height) // 2
square = Image.new("L", (size, size))
square.paste(picture.resize((width, height), Image.Resampling.LANCZOS), (left, top))

def lightness(grey):  # -> (H, W, 1), L*/100
    v = np.asarray(grey)[..., None] / 255
    y = np.where(v > 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92)
    return np.where(y > (6 / 29) ** 3, 1.16 * np.cbrt(y) - 0.16, 9.033 * y)

def linear(ab):  # -> (H, W, 3), linear sRGB, outside [0, 1] for colours that it cannot show
    y = (lightness(picture) + 0.16) / 1.16
    f = np.concatenate([y + 0.256 * ab[..., :1], y, y - 0.64 * ab[..., 1:]], axis=2)
    rgb_of_xyz = MATRIX
    return np.where(f > 6 / 29, f**3, (f - 16 / 116) / 7.787) @ np.array(rgb_of_xyz)

inputs = {"lightness": lightness(square)[None].astype("float32")}FEED
ab = onnxruntime.InferenceSession("model.onnx").run(["ab"], inputs)[0][0]
ab = np.moveaxis(ab[top : top + height, left : left + width], 2, 0).copy()
ab = [Image.fromarray(each).resize(picture.size, Image.Resampling.BILINEAR) for each in ab]
ab = np.stack([np.asarray(each) for each in ab], axis=2)
mean = ab.mean(axis=(0, 1))
ab = np.clip(min(saturation, 1) * mean + saturation * (ab - mean), -1, 1)
share = 0.0  # of its chroma that a colour keeps: the largest that sRGB can show
for step in 0.5 ** np.arange(9):
    more = np.minimum(share + step, 1)
    fits = (abs(linear(ab * more) - 0.5) < 0.5001).all(axis=2, keepdims=True)
    share = np.where(fits, more, share)
rgb = linear(ab * share).clip(0, 1)
rgb = np.where(rgb > 0.0031308, 1.055 * rgb ** (1 / 2.4) - 0.055, 12.92 * rgb)
Image.fromarray((255 * rgb).round().astype("uint8")).save("coloured.png")
```

Checked against Keras in float32 on ten pictures, scikit-image's seven photographs and three of them
mirroredRANDOM: the largest difference is DIFFERENCE units of ab.
VERSIONS.
"""
SCORES = """- input `class_scores`: (N, CLASSES) float32, KIND of InceptionResNetV2, as
  `colornet/inference/classifier.py` computes them; zeros, as in the example, tell the network
  nothing;
"""
FEED = '\ninputs["class_scores"] = np.zeros((1, CLASSES), "float32")'


def page(folder: Path, papers: dict, network) -> str:
    """The run's own card, or else one made of its papers; it has a line "Weights: <licence>"."""
    if (folder / "README.md").is_file():
        text = (folder / "README.md").read_text("utf-8")
        return text if re.search(WEIGHTS, text) else f"{text}\nWeights: see this page.\n"
    history = folder / "history.csv"
    lines = history.read_text("utf-8").splitlines() if history.is_file() else []
    rows = list(csv.DictReader(lines))
    last = ", ".join(f"{key} {value}" for key, value in rows[-1].items()) if rows else "unknown"
    return f"""# {folder.resolve().name}

The network *{network.name}*, {network.count_params():,} parameters, trained with colornet.
The last line of its history: {last}.

## Data and licence

Weights: not stated. It follows from the photographs of the data set `{papers["train"]["dataset"]}`:
colornet's data/README.md names the terms of each source.

```yaml
{(folder / "params.yaml").read_text("utf-8").strip()}
```
"""


def licence(page: str) -> str:
    """The licence that a card states."""
    return re.search(WEIGHTS, page)[1].strip()


def section(facts: dict, papers: dict, network, *, needs: tuple, off: float, opset: int) -> str:
    """What the card says of the ONNX file.

    facts: name, size and saturation of the run; needs: packages whose versions count; off: the
    most, in units of ab, by which ONNX Runtime and Keras differ.
    """
    two = len(network.inputs) > 1
    versions = [f"{name} {metadata.version(name)}" for name in ("keras", "tensorflow", *needs)]
    values = {
        "RANDOM": ", with random class scores" * two,
        "CLASSES": network.inputs[-1].shape[1],
        "KIND": papers["train"].get("class_scores"),
        "NAME": facts["run"],
        "SIZE": facts["size"],
        "SATURATION": facts["saturation"],
        "MATRIX": [[round(float(each), 6) for each in row] for row in lab.RGB_OF_FXYZ],
        "DIFFERENCE": f"{off:.5f}",
        "VERSIONS": f"ONNX opset {opset}; " + ", ".join(versions),
    }
    text = SECTION.replace("SCORES", SCORES * two).replace("FEED", FEED * two)
    # All at once, so that no value is taken for a name.
    return re.sub("|".join(values), lambda found: str(values[found[0]]), text)

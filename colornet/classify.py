"""Stage 3: prepared squares -> data/classes/<dataset>/scores.npz, the class scores of each."""

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from colornet import params, paths
from colornet.images import photo
from colornet.inference import classifier
from colornet.system import quiet, whole

BATCH = 16


def run(dataset: str, *, weights: str = "imagenet", seed: int = 0) -> None:
    """Writes `files` (N,) str, and `logits`, `softmax`, `published`, `zeros` (N, 1000) float32.

    weights: see `classifier.load`. Raises UserError if the dataset is not prepared or the weights
    are not available.
    """
    source, target = paths.prepared(dataset), paths.classes(dataset)
    if not (source / "index.csv").is_file():
        raise params.UserError(
            f"{source} is missing: python -m colornet.preprocess {dataset} makes it."
        )
    quiet.import_tensorflow()
    try:
        model = classifier.load(weights, seed=seed)
    except ValueError as error:
        raise params.UserError(f"classify.{dataset}: {error}.") from error
    files = sorted(pd.read_csv(source / "index.csv")["file"])
    batches = []
    for start in tqdm(range(0, len(files), BATCH), desc=f"classify {dataset}", unit="batch"):
        pictures = [Image.open(source / file) for file in files[start : start + BATCH]]
        grey = np.stack([photo.grey(picture) for picture in pictures])
        batches.append(classifier.scores(model, grey))
    scores = {kind: np.concatenate([b[kind] for b in batches]) for kind in classifier.KINDS}

    with whole.folder(target) as part:
        np.savez(part / "scores.npz", files=np.array(files), **scores)
        params.save({"weights": weights, "seed": seed}, part / "params.yaml")
    print(f"classify {dataset}: {len(files)} pictures, weights {weights}")


if __name__ == "__main__":
    params.command("classify", run)

"""Peak memory of training beta at 256x256 on few and on many pictures.

Each training is a process of its own, of two epochs of ten steps; the many pictures are the few
under other names (hard links), decoded anew each time that a step asks for them. Pictures are held
in memory where they fit into `dataset.HELD` of what is free; a third training holds none.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from colornet import fetch, params, paths, preprocess
from colornet.system import quiet
from colornet.training import dataset

FEW, MANY = 200, 20_000
HERE = 20  # squares of which all others are links


def prepare(name: str, count: int) -> None:
    """data/prepared/<name> with `count` training pictures, links to those of "bench"."""
    source, target = paths.prepared("bench"), paths.prepared(name)
    table = pd.read_csv(source / "index.csv")
    few = table.query("split == 'train'")
    (target / "train").mkdir(parents=True)
    (target / "validation").mkdir()
    rows = []
    for n in range(count):
        row = few.iloc[n % len(few)].to_dict()
        file = f"train/p{n:05}.png"
        os.link(source / row["file"], target / file)
        rows.append(row | {"file": file})
    for row in table.query("split == 'validation'").to_dict("records"):
        os.link(source / row["file"], target / row["file"])
        rows.append(row)
    pd.DataFrame(rows).to_csv(target / "index.csv", index=False)
    section = params.load(source / "params.yaml")
    params.save(section | {"train": count}, target / "params.yaml")


def train(name: str, held: float) -> dict[str, float]:
    """Trains for two epochs; MB at the peak, and pictures/s of the second epoch."""
    quiet.import_tensorflow()
    from colornet import train

    dataset.HELD = held
    train.run(
        name, "beta", dataset=name, epochs=2, batch_size=20, steps_per_epoch=10, optimizer="rmsprop"
    )
    times = pd.read_csv(paths.run(name) / "times.csv")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak_mb": round(peak), "pictures_per_s": float(times["pictures_per_s"].iloc[-1])}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(train(options.one[0], float(options.one[1]))))
        return
    figures, root = {}, Path(__file__).parents[1]
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        fetch.run("bench", source="bundled")
        preprocess.run("bench", size=256, train=HERE, validation=4, test=4)
        for count in (FEW, MANY):
            prepare(f"of{count}", count)
        for key, count, held in (
            (f"{FEW}", FEW, dataset.HELD),
            (f"{FEW}_streamed", FEW, 0.0),
            (f"{MANY}", MANY, dataset.HELD),
        ):
            command = [sys.executable, "-m", "benchmarks.memory", "--one", f"of{count}", str(held)]
            began = time.perf_counter()
            done = subprocess.run(
                command,
                env=os.environ | {"PYTHONPATH": str(root)},
                stdout=subprocess.PIPE,
                check=True,
            )
            found = json.loads(done.stdout.splitlines()[-1])
            seconds = round(time.perf_counter() - began)
            print(f"{key:14} {found['peak_mb']} MB, {found['pictures_per_s']} /s, {seconds} s")
            figures |= {f"{name}_{key}": value for name, value in found.items()}
        os.chdir(before)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

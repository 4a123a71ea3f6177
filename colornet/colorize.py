"""The command line: files and folders in, coloured files out, each at its own size."""

import argparse
import sys
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from colornet import photo
from colornet.colorizer import Colorizer


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 when a picture could not be coloured; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m colornet.colorize", description=__doc__)
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="pictures, folders")
    parser.add_argument("--run", required=True, help="a trained run, as runs/beta-siamese")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    options = parser.parse_args(argv)

    wrong, jobs = _jobs(options.inputs, options.output)
    try:
        colorizer = Colorizer(options.run) if jobs else None
        options.output.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError) as error:
        return _say(f"error: {error}") or 1
    if colorizer and colorizer.classifier == "none":
        _say(f"note: the classifier of {colorizer.name} is untrained")
    done = kept = 0
    for source, target in tqdm(jobs, unit="picture", disable=len(jobs) < 2):
        if target.exists() and not options.overwrite:
            kept += 1
            _say(f"{source}: {target} is there already; --overwrite replaces it")
            continue
        try:
            _colour(colorizer, source, target)
            done += 1
        except photo.PhotoError as error:
            wrong.append(f"{source} {error}")
        except OSError as error:
            wrong.append(f"{error.filename or source}: {error.strerror or error}")
    for sentence in wrong:
        _say(f"skipped: {sentence}")
    _say(f"{done} coloured, {kept} left as they were, {len(wrong)} skipped")
    return 1 if wrong else 0


def _jobs(inputs: list[Path], output: Path) -> tuple[list[str], list[tuple[Path, Path]]]:
    """What cannot be done, and (source, target) of the rest; a folder's tree is kept below output.

    JPEG stays JPEG, everything else becomes PNG. In folders only files named like pictures count.
    """
    wrong, jobs = [], {}
    endings = Image.registered_extensions()
    for given in inputs:
        if given.is_dir():
            # A folder that holds the output must not be fed its own results.
            found = [
                file
                for file in sorted(given.rglob("*"))
                if file.suffix.lower() in endings and output.resolve() not in file.resolve().parents
            ]
            if not found:
                wrong.append(f"{given} holds no pictures")
            sources = [(file, file.relative_to(given)) for file in found]
        elif given.exists():
            sources = [(given, Path(given.name))]
        else:
            wrong.append(f"{given} does not exist")
            continue
        for source, relative in sources:
            suffix = source.suffix if source.suffix.lower() in (".jpg", ".jpeg") else ".png"
            target = output / relative.with_suffix(suffix)
            if target in jobs:
                wrong.append(f"{source} would be written over {jobs[target]}'s result, {target}")
            else:
                jobs[target] = source
    return wrong, [(source, target) for target, source in jobs.items()]


def _colour(colorizer: Colorizer, source: Path, target: Path) -> None:
    picture = colorizer(photo.read(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    if target.suffix == ".png":
        picture.save(part, format="PNG")
    else:
        picture.save(part, format="JPEG", quality=95, subsampling=0)
    part.replace(target)


def _say(sentence: str) -> None:
    tqdm.write(sentence, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())

"""The command line: files and folders in, coloured files out, each at its own size."""

import argparse
import os
import sys
from pathlib import Path

from tqdm import tqdm

from colornet import params, photo
from colornet.colorizer import Colorizer, default


def main(argv: list[str] | None = None) -> int:
    """Returns the exit status: 0, or 1 when a picture could not be coloured; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="python -m colornet.colorize", description=__doc__)
    parser.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="pictures, folders")
    parser.add_argument("--run", help="a trained run, as runs/beta-siamese; else pretrained's")
    parser.add_argument("--output", required=True, type=Path, metavar="DIR", help="where to write")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    options = parser.parse_args(argv)

    wrong, jobs = _jobs(options.inputs, options.output)
    if options.output.exists() and not options.output.is_dir():
        wrong, jobs = [f"{options.output} is a file: --output must name a folder"], []
    try:
        colorizer = Colorizer(options.run or default()) if jobs else None
    except (ValueError, OSError) as error:
        _say(f"error: {error}")
        return 1
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
            wrong.append(f"{error.filename or target}: {error.strerror or error}")
    for sentence in wrong:
        _say(f"skipped: {sentence}")
    _say(f"{done} coloured, {kept} left as they were, {len(wrong)} skipped")
    return 1 if wrong else 0


def _jobs(inputs: list[Path], output: Path) -> tuple[list[str], list[tuple[Path, Path]]]:
    """What cannot be done, and (source, target) of the rest; a folder's tree is kept below output.

    JPEG stays JPEG, everything else becomes PNG. In folders only files named like pictures count.
    """
    wrong, sources = [], {}
    for given in inputs:
        if given.is_dir():
            found = [file for file in sorted(given.rglob("*")) if _is_picture(file)]
            # A folder that holds the output is not fed its own results.
            below = output.resolve() if output.resolve() != given.resolve() else None
            found = [file for file in found if below not in file.resolve().parents]
            if not found:
                wrong.append(f"{given} holds no pictures")
            sources |= {file: file.relative_to(given) for file in found}
        elif given.exists():
            sources[given] = Path(given.name)
        else:
            wrong.append(f"{given} does not exist")
    originals = {source.resolve() for source in sources}
    jobs: dict[Path, Path] = {}
    for source, relative in sources.items():
        suffix = source.suffix if source.suffix.lower() in (".jpg", ".jpeg") else ".png"
        target = output / relative.with_suffix(suffix)
        if target.resolve() in originals:
            wrong.append(f"{source} would be written over {target}: name another --output")
        elif jobs.get(target, source).resolve() != source.resolve():
            wrong.append(f"{source} would be written over {jobs[target]}'s result, {target}")
        else:
            jobs[target] = source
    return wrong, [(source, target) for target, source in jobs.items()]


def _is_picture(file: Path) -> bool:
    return file.is_file() and file.suffix.lower() in photo.SUFFIXES and file.name[0] != "."


def _colour(colorizer: Colorizer, source: Path, target: Path) -> None:
    picture = colorizer(photo.read(source))
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        if target.suffix == ".png":
            picture.save(part, format="PNG")
        else:
            picture.save(part, format="JPEG", quality=95, subsampling=0)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _say(sentence: str) -> None:
    tqdm.write(sentence, file=sys.stderr)


if __name__ == "__main__":
    with params.sentences():
        sys.exit(main())

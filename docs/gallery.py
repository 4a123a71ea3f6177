"""Draws docs/gallery.jpg: eight photographs of the gallery, grey, coloured and as they were.

By their gain over grey they are the best, the worst and six between, so that the figure does not
flatter. `python -m docs.gallery` draws it again from pretrained/, and prints the credits.
"""

from pathlib import Path

import pandas as pd
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "pretrained/lite-photos/results/gallery"
CHOSEN = (62, 36, 55, 42, 74, 71, 12, 21)  # numbers of gallery photographs
HEIGHT, GAP = 150, 4  # pixels of a picture, and between pictures


def chosen() -> pd.DataFrame:
    """The rows of scores.csv that are drawn, the best first, with their credits."""
    table = pd.read_csv(RESULTS / "scores.csv")
    table["gain"] = table["psnr"] - table["psnr_grey"]
    drawn = table[table["file"].isin([f"test/gallery_{number:02}.png" for number in CHOSEN])]
    sources = pd.read_csv(RESULTS / "sources.csv", keep_default_na=False)
    sources = sources.drop(columns="file").rename(columns={"test": "file"})
    return drawn.sort_values("gain", ascending=False).merge(sources, on="file")


def column(stem: str, width: int) -> Image.Image:
    """Input, output and truth of one photograph, one above the other, cut to one shape."""
    drawn = Image.new("RGB", (width, 3 * HEIGHT + 2 * GAP), "white")
    for place, kind in enumerate(("input", "output", "truth")):
        picture = Image.open(RESULTS / "pictures" / f"{stem}_{kind}.jpg").convert("RGB")
        scale = max(width / picture.width, HEIGHT / picture.height)
        larger = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS
        )
        left, top = (larger.width - width) // 2, (larger.height - HEIGHT) // 2
        drawn.paste(
            larger.crop((left, top, left + width, top + HEIGHT)), (0, place * (HEIGHT + GAP))
        )
    return drawn


def main() -> None:
    """Writes the figure."""
    rows = chosen()
    columns = [column(Path(file).stem, HEIGHT) for file in rows["file"]]
    width = len(columns) * (HEIGHT + GAP) - GAP
    figure = Image.new("RGB", (width, columns[0].height), "white")
    for place, drawn in enumerate(columns):
        figure.paste(drawn, (place * (HEIGHT + GAP), 0))
    figure.save(ROOT / "docs/gallery.jpg", quality=88, subsampling=0)
    for row in rows.itertuples():
        print(f"{row.gain:+.1f} dB  {row.file}  {row.licence}  {row.author}  {row.url}")


if __name__ == "__main__":
    main()

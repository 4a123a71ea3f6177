"""results/ -> a table of scores on the terminal, and a hint where to see more."""

import json

import pandas as pd

from colornet import params, paths

COLUMNS = {
    "psnr": "PSNR dB",
    "psnr_grey": "(grey)",
    "ssim": "SSIM",
    "ssim_grey": "(grey)",
    "colourfulness": "colourful",
    "colourfulness_truth": "(truth)",
}


def table() -> str:
    """The mean scores of every evaluation, and of grey. Raises UserError if there is none."""
    found = sorted(paths.results("").glob("*/summary.json"))
    if not found:
        raise params.UserError("results/ has no evaluation yet: `make demo` makes three.")
    summaries = [json.loads(file.read_text()) for file in found]
    rows = pd.DataFrame([summary["means"] for summary in summaries])[list(COLUMNS)]
    rows.columns = list(COLUMNS.values())
    rows.insert(0, "pictures", [summary["n"] for summary in summaries])
    rows.insert(0, "evaluation", [_name(summary) for summary in summaries])
    return rows.to_string(index=False, float_format="%.2f")


def _name(summary: dict) -> str:
    untrained = " (classifier untrained)" if summary["classifier"] == "none" else ""
    return summary["evaluation"] + untrained


if __name__ == "__main__":
    with params.sentences():
        print(f"\n{table()}\n")
        print("Means over the test pictures; (grey) is the score of the same pictures in grey.")
        print("`make dashboard` shows the curves and the pictures, and colours your own. So does")
        print("`.venv/bin/python -m colornet.colorize PHOTOS --output coloured/`; without --run it")
        print("uses the network in pretrained/.")

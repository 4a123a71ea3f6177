"""Tables of scores of several evaluations -> what they say of the pictures that all of them have.

Knows no files and no Streamlit.
"""

from dataclasses import dataclass

import pandas as pd

NBSP = "\N{NO-BREAK SPACE}"  # keeps a value and its unit on one line
SAME = 0.05  # dB; PSNR of grey tells photographs apart, and rounding moves it by far less


@dataclass(frozen=True)
class Score:
    """A score of a picture: a column, or its distance to the photograph's own column.

    grey: the column that holds the score of the picture left grey; shape: of a value alone; words:
    of a value beside a picture.
    """

    column: str
    grey: str
    shape: str
    words: str
    highest_is_best: bool = True
    truth: str | None = None


SCORES = {
    "PSNR": Score("psnr", "psnr_grey", "%.2f dB", f"PSNR{NBSP}%.2f{NBSP}dB"),
    "SSIM": Score("ssim", "ssim_grey", "%.3f", f"SSIM{NBSP}%.3f"),
    "ab error": Score(
        "mse_ab", "mse_ab_grey", "%.5f", f"ab error{NBSP}%.5f", highest_is_best=False
    ),
    "AuC": Score("auc", "auc_grey", "%.3f", f"AuC{NBSP}%.3f"),
    "AuC, rebalanced": Score(
        "auc_rebalanced", "auc_rebalanced_grey", "%.3f", f"rebalanced AuC{NBSP}%.3f"
    ),
    # The colourfulness of grey is 0, so its distance to the photograph's is the photograph's
    "Colourfulness off the photograph's": Score(
        "colourfulness",
        "colourfulness_truth",
        "%.1f",
        f"colourfulness{NBSP}%.1f{NBSP}off",
        highest_is_best=False,
        truth="colourfulness_truth",
    ),
}


def by_file(scores: pd.DataFrame) -> pd.DataFrame:
    """A scores.csv with its files as the index, each once."""
    named = scores.assign(file=scores["file"].astype(str))
    return named.drop_duplicates("file").set_index("file")


def values(table: pd.DataFrame, score: Score) -> pd.Series:
    """The score of each picture of `by_file`; NaN where the table has none."""
    if score.truth is None:
        return _column(table, score.column)
    return (_column(table, score.column) - _column(table, score.truth)).abs()


def greys(table: pd.DataFrame, score: Score) -> pd.Series:
    """The score of each picture of `by_file` when it is left grey."""
    return _column(table, score.grey)


def together(tables: dict[str, pd.DataFrame], score: Score) -> pd.DataFrame:
    """A row for each picture that all tables have, a column with the score for each table."""
    columns = {name: values(table, score) for name, table in tables.items()}
    return pd.concat(columns, axis=1, join="inner")


def spread(scores: pd.DataFrame) -> pd.Series:
    """How far the best and the worst of `together` are apart; NaN where one is missing."""
    return scores.max(axis=1, skipna=False) - scores.min(axis=1, skipna=False)


def best(scores: pd.DataFrame, score: Score) -> pd.DataFrame:
    """Where each of `together` is the best or one of the best; nowhere where all are equal."""
    top = scores.max(axis=1) if score.highest_is_best else scores.min(axis=1)
    differ = scores.max(axis=1) > scores.min(axis=1)
    return scores.eq(top, axis=0).mul(differ, axis=0)


def ordered(key: pd.Series, *, highest_first: bool) -> list[str]:
    """Files by a key; equal ones by name, those without a value at the end."""
    return list(key.sort_index().sort_values(ascending=not highest_first, kind="stable").index)


def means(tables: dict[str, pd.DataFrame], files: pd.Index) -> pd.DataFrame:
    """A row of mean scores for each table over some files, and last one for leaving them grey."""
    chosen = {name: table.loc[files] for name, table in tables.items()}
    rows = {
        name: {title: values(table, score).mean() for title, score in SCORES.items()}
        for name, table in chosen.items()
    }
    first = next(iter(chosen.values()))
    rows["left grey"] = {title: greys(first, score).mean() for title, score in SCORES.items()}
    return pd.DataFrame.from_dict(rows, orient="index").dropna(axis=1, how="all")


def other_photographs(tables: dict[str, pd.DataFrame]) -> list[str]:
    """The tables whose photographs are not those of the first under the same names.

    The PSNR of grey depends on the photograph alone.
    """
    grey = pd.concat(
        {name: _column(table, "psnr_grey") for name, table in tables.items()}, axis=1, join="inner"
    )
    off = grey.sub(grey.iloc[:, 0], axis=0).abs().max()
    return list(off.index[off > SAME])


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table else pd.Series(float("nan"), index=table.index)

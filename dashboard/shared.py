"""The scores of a picture, and tables of scores of the pictures that several evaluations share.

Knows no files and no Streamlit.
"""

from dataclasses import dataclass

import pandas as pd

NBSP = "\N{NO-BREAK SPACE}"  # keeps a value and its unit on one line
OFF = " off the photograph's"  # in the name of a score that is a distance
SAME = 0.05  # dB; the PSNR of grey differs by more between photographs, by less through rounding


@dataclass(frozen=True)
class Score:
    """A score of a picture: a column of scores.csv, or its distance to that of the photograph.

    grey: the column with the score of the picture left grey; shape: the format of a value alone;
    words: the format beside a picture; truth: the column with the value of the photograph.
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
    # Grey has colourfulness 0: its distance to the photograph is the photograph's colourfulness
    f"Colourfulness{OFF}": Score(
        "colourfulness",
        "colourfulness_truth",
        "%.1f",
        f"colourfulness{NBSP}%.1f{NBSP}off",
        highest_is_best=False,
        truth="colourfulness_truth",
    ),
}


def by_file(scores: pd.DataFrame) -> pd.DataFrame:
    """scores.csv with the files as its index, each file once."""
    named = scores.assign(file=scores["file"].astype(str))
    return named.drop_duplicates("file").set_index("file")


def values(table: pd.DataFrame, score: Score) -> pd.Series:
    """The score of each picture in a table of `by_file`; NaN where it has none."""
    if score.truth is None:
        return _column(table, score.column)
    return (_column(table, score.column) - _column(table, score.truth)).abs()


def greys(table: pd.DataFrame, score: Score) -> pd.Series:
    """The score of each picture in a table of `by_file` when it is left grey."""
    return _column(table, score.grey)


def together(tables: dict[str, pd.DataFrame], score: Score) -> pd.DataFrame:
    """A row for each picture that all tables have, a column of scores for each table."""
    columns = {name: values(table, score) for name, table in tables.items()}
    return pd.concat(columns, axis=1, join="inner")


def spread(scores: pd.DataFrame) -> pd.Series:
    """The highest less the lowest score in each row of `together`; NaN where one is missing."""
    return scores.max(axis=1, skipna=False) - scores.min(axis=1, skipna=False)


def best(scores: pd.DataFrame, score: Score) -> pd.DataFrame:
    """Where a score of `together` is the best of its row; nowhere in rows of equal scores."""
    top = scores.max(axis=1) if score.highest_is_best else scores.min(axis=1)
    differ = scores.max(axis=1) > scores.min(axis=1)
    return scores.eq(top, axis=0).mul(differ, axis=0)


def ordered(key: pd.Series, *, highest_first: bool) -> list[str]:
    """The files by `key`: equal ones by name, those without a key last."""
    return list(key.sort_index().sort_values(ascending=not highest_first, kind="stable").index)


def means(tables: dict[str, pd.DataFrame], files: pd.Index) -> pd.DataFrame:
    """The mean scores over some files: a row for each table, and a last one for grey."""
    chosen = {name: table.loc[files] for name, table in tables.items()}
    rows = {
        name: {title: values(table, score).mean() for title, score in SCORES.items()}
        for name, table in chosen.items()
    }
    first = next(iter(chosen.values()))
    rows["left grey"] = {title: greys(first, score).mean() for title, score in SCORES.items()}
    return pd.DataFrame.from_dict(rows, orient="index").dropna(axis=1, how="all")


def other_photographs(tables: dict[str, pd.DataFrame]) -> list[str]:
    """The tables in which a file's photograph differs from that of the first table.

    The PSNR of grey shows it, as it depends on the photograph alone.
    """
    grey = pd.concat(
        {name: _column(table, "psnr_grey") for name, table in tables.items()}, axis=1, join="inner"
    )
    off = grey.sub(grey.iloc[:, 0], axis=0).abs().max()
    return list(off.index[off > SAME])


def _column(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name] if name in table else pd.Series(float("nan"), index=table.index)

"""Evaluations of one dataset -> their scores of the same pictures, their means and an order.

Knows no files and no Streamlit.
"""

from dataclasses import dataclass

import pandas as pd

from dashboard import shared
from dashboard.readers import Evaluation

DIFFER = "where they differ most"


@dataclass(frozen=True)
class Comparison:
    """Evaluations that are compared in one score.

    tables: name -> scores.csv by file; title: of the score, in `shared.SCORES`; illustrated: the
    names of the evaluations with pictures; fair: whether the scores are comparable; scores: a row
    for each picture that all have, a column for each evaluation; best: where a score is the best.
    """

    chosen: list[Evaluation]
    tables: dict[str, pd.DataFrame]
    illustrated: set[str]
    fair: bool
    title: str
    scores: pd.DataFrame
    best: pd.DataFrame

    @property
    def score(self) -> shared.Score:
        return shared.SCORES[self.title]

    @property
    def greys(self) -> pd.Series:
        """The score of each picture left grey."""
        return shared.greys(self.tables[self.chosen[0].name], self.score)


def compared(
    chosen: list[Evaluation],
    tables: dict[str, pd.DataFrame],
    *,
    title: str,
    illustrated: set[str],
    fair: bool,
) -> Comparison:
    """The comparison of evaluations in the score `title`."""
    score = shared.SCORES[title]
    scores = shared.together(tables, score)
    best = shared.best(scores, score)
    return Comparison(chosen, tables, illustrated, fair, title, scores, best)


def titles(tables: dict[str, pd.DataFrame]) -> list[str]:
    """The scores that at least one table has."""
    found = [
        title
        for title, score in shared.SCORES.items()
        if any(shared.values(table, score).notna().any() for table in tables.values())
    ]
    return found or ["PSNR"]


def unlike(chosen: list[Evaluation], tables: dict[str, pd.DataFrame]) -> str | None:
    """Why the scores are not of the same pictures; None if they are."""
    sizes = [str(one.summary.get("size")) for one in chosen]
    if len(set(sizes)) > 1:
        each = (f"{one.label} at {size}" for one, size in zip(chosen, sizes, strict=True))
        return f"the pictures were prepared at different sizes ({', '.join(each)} pixels)"
    if others := shared.other_photographs(tables):
        labels = ", ".join(one.label for one in chosen if one.name in others)
        return f"under the same names {labels} has other photographs than {chosen[0].label}"
    return None


def means(comparison: Comparison) -> pd.DataFrame:
    """A row of means for each evaluation and one for grey, over the pictures that all have."""
    best = comparison.best
    table = shared.means(comparison.tables, best.index)
    labels = {one.name: one.label for one in comparison.chosen}
    table.insert(0, "Evaluation", [labels.get(name, name) for name in table.index])
    if comparison.fair and len(labels) > 1:
        counts = best.sum().astype(int)
        table["Best of them"] = counts.map(lambda count: f"{count} of {len(best)}")
        table["Best of them"] = table["Best of them"].fillna("–")
    return table


def ordered(comparison: Comparison, *, by: str, best_first: bool) -> list[str]:
    """The files by the score of the evaluation `by`, or by the spread of the scores for DIFFER."""
    scores = comparison.scores
    if by == DIFFER:
        return shared.ordered(shared.spread(scores), highest_first=True)
    highest_first = comparison.score.highest_is_best == best_first
    return shared.ordered(scores[by], highest_first=highest_first)

"""Controls that several pages have: for one or several runs or evaluations, and for the order."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

BEST = "best first"


def one(
    label: str, offered: Iterable, *, key: str, first: str | None = None, **options: Any
) -> Any:
    """Shows a select box of at least one run or evaluation; returns the chosen one.

    first: the name of the one that is chosen at first, if it is offered; options: of the select
    box. The choice is kept in the address bar unless `options` has another `bind`.
    """
    by_name = {each.name: each for each in offered}
    name = st.selectbox(
        label,
        list(by_name),
        index=list(by_name).index(first) if first in by_name else 0,
        format_func=lambda name: by_name[name].label,
        key=key,
        **{"bind": "query-params"} | options,
    )
    return by_name[name]


def several(label: str, offered: Iterable, *, key: str, **options: Any) -> list:
    """Shows a multiple choice of runs or evaluations, kept in the address bar.

    options: of the multiple choice; `default` are names. Returns the chosen ones.
    """
    by_name = {each.name: each for each in offered}
    names = st.multiselect(
        label,
        list(by_name),
        format_func=lambda name: by_name[name].label,
        key=key,
        bind="query-params",
        **options,
    )
    return [by_name[name] for name in names]


def best_first(label: str, *, disabled: bool = False) -> bool:
    """Shows the choice between the best and the worst pictures first, kept in the address bar."""
    order = st.segmented_control(
        label,
        [BEST, "worst first"],
        default=BEST,
        required=True,
        disabled=disabled,
        key="order",
        bind="query-params",
    )
    return order == BEST

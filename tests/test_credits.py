"""Whose a photograph is, as Markdown."""

import pytest

from dashboard import credits


def words(author="Ann", licence="CC0", url="https://example.com/a"):
    return credits.words({"author": author, "licence": licence, "url": url})


def test_author_licence_and_page_are_named_with_their_links():
    by = "CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/)"
    assert words(licence=by) == (
        "Ann, [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), "
        "[example.com](https://example.com/a)"
    )


def test_what_is_not_known_is_left_out():
    assert words(author="", url="") == "CC0"
    assert words(author="", licence="not stated", url="") == ""
    assert words(licence="", url="") == "Ann"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/a.jpg", "mailto:a@example.com"])
def test_only_web_addresses_become_links(url):
    assert "](" not in words(url=url)


def test_nothing_in_a_table_acts_as_markdown():
    shown = words(author="*A* [b](https://x.org) :red[c]", licence="<b> (d)")
    assert r"\*A\* \[b\]\(https\://x.org\) \:red\[c\]" in shown
    assert r"\<b\> \(d\)" in shown
    page = "https://commons.wikimedia.org/wiki/File:A_(b)_c.jpg"
    assert "(https://commons.wikimedia.org/wiki/File:A_%28b%29_c.jpg)" in words(url=page)

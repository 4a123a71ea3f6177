"""Boxes -> DOT."""

import pytest

from dashboard.pipeline import boxes, flow


def test_names_cannot_break_out_of_the_graph():
    drawn = [boxes.Box('a"]; x [label="\\', ('"quoted"\n\\',), ("nowhere",))]
    assert '[label="\\"quoted\\" \\\\" ' in boxes.dot(drawn, dark=False)
    assert "->" not in boxes.dot(drawn, dark=False)


def luminance(colour: str) -> float:
    """Of a colour as #RRGGBB, after WCAG 2.1."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(c * share for c, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_reads_on_every_box_and_panel(dark):
    grounds = [colours[dark] for _, colours in flow.STATES.values()]
    for ground in [*grounds, boxes.PANEL[dark], boxes.PLAIN[dark]]:
        bright, dim = sorted(map(luminance, (ground, boxes.INK[dark])), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 7

"""Which pictures are so long or so wide that a page lets them scroll."""

from typing import Literal

FROM = 5  # times as long as wide, or as wide as long
ACROSS = 160  # pixels of the shorter side on the page


def direction(width: int, height: int) -> Literal["", "wide", "long"]:
    """Along which side a picture of this size scrolls: "wide", "long", or "" if it does not."""
    if width > FROM * height:
        return "wide"
    return "long" if height > FROM * width else ""

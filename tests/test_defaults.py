"""The defaults of a stage's parameters, read from its code without importing it."""

from pathlib import Path

import pytest

from dashboard.pipeline.defaults import defaults

RUN = """
import nowhere
def run(name, *, size: int, share: float = 0.5, seed=-1, weights=None, other=CONSTANT):
    ...
"""
PARAMETERS = '''
import nowhere
@dataclass(frozen=True)
class Parameters:
    """Sentences."""
    dataset: Annotated[str, field("The dataset.")]
    rotation: Annotated[float, field("An angle.", ge=0)] = 0.0
    keep: Literal["last", "best"] = "last"
    pictures: int | None = None
    other: int = CONSTANT
'''


def test_they_are_those_of_the_keyword_arguments_of_run(tmp_path):
    (tmp_path / "preprocess.py").write_text(RUN)
    assert defaults(tmp_path, "preprocess") == {"share": 0.5, "seed": -1, "weights": None}


def test_those_of_a_training_are_the_fields_of_its_parameters(tmp_path):
    (tmp_path / "train.py").write_text("def run(name, **section):\n    ...\n")
    (tmp_path / "training").mkdir()
    (tmp_path / "training/parameters.py").write_text(PARAMETERS)
    assert defaults(tmp_path, "train") == {"rotation": 0.0, "keep": "last", "pictures": None}
    assert defaults(tmp_path, "preprocess") == {}


@pytest.mark.parametrize("content", [None, "def run(", "x = 1\n", "\0"])
def test_a_missing_or_broken_file_has_none(tmp_path, content):
    if content is not None:
        (tmp_path / "train.py").write_text(content)
    assert defaults(tmp_path, "train") == {}


def test_every_stage_of_this_project_has_some():
    code = Path(__file__).parents[1] / "colornet"
    for stage in ("preprocess", "classify", "train"):
        assert "seed" in defaults(code, stage)

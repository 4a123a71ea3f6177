"""Stages -> what one needs, and boxes of their states."""

from dashboard.pipeline import flow, stages

STAGES = [
    stages.Stage("fetch@a", stages.UP_TO_DATE, ""),
    stages.Stage("fetch@b", stages.NEVER_RUN, ""),
    stages.Stage("train@a", stages.CHANGED, "", needs=("fetch@a",)),
    stages.Stage("evaluate@a", stages.UPSTREAM_CHANGED, "", needs=("fetch@a", "train@a")),
]


def test_a_stage_needs_what_its_needs_need():
    assert [stage.name for stage in flow.needed(STAGES, "train@a")] == ["fetch@a", "train@a"]
    assert flow.needed(STAGES, "evaluate@a") == [STAGES[0], *STAGES[2:]]
    assert flow.ends(STAGES) == ["fetch@b", "evaluate@a"]


def test_a_box_of_a_stage_says_its_state_in_sign_and_word():
    boxes = flow.each(STAGES)
    assert boxes[0].lines == ("fetch", "a", "✓ up to date")
    assert [box.dashed for box in boxes] == [False, True, False, False]


def test_the_stages_of_a_kind_are_one_box_that_counts_their_states():
    boxes = flow.kinds(STAGES)
    assert [box.name for box in boxes] == ["fetch", "train", "evaluate"]
    assert boxes[0].lines == ("fetch", "✓ 1 up to date", "– 1 never run")
    assert boxes[2].inputs == ("fetch", "train")
    assert boxes[1].colours == flow.STATES[stages.CHANGED][1]

from pathlib import Path

import pytest

from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from leaderboards.runs.trainings import checkpoint_of, find_trainings, without_earlier_checkpoints
from leaderboards.site.learning import learning_curves
from leaderboards.site.plots import plots
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.strangers import set_config

LONG = "hf:out/deepseek-coder-6.7b-base-codeocean-{}-full-finetune-lr2e-5/checkpoint-{}"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trainings of three checkpoints, and a model that is none."""
    folder = tmp_path_factory.mktemp("trainings")
    for kind in ("raw", "selected"):
        for number, step in enumerate((100, 200, 1000)):
            write_run(folder / f"{kind}-{step}", MadeRun(LONG.format(kind, step), skill=0.2 + 0.2 * number, limit=12))
    write_run(folder / "other", MadeRun("hf:org/other-7b", limit=12, skill=0.9))
    return folder


def test_checkpoints_are_found_by_the_names_that_trainers_give():
    assert checkpoint_of("hf:out/lora/checkpoint-200") == ("hf:out/lora", 200)
    assert checkpoint_of("allenai/OLMo-7B revision step1000") == ("allenai/OLMo-7B revision", 1000)
    assert checkpoint_of("out/global_step_40/hf") == ("out", 40)
    assert checkpoint_of("out/run.epoch3") == ("out/run", 3)
    assert checkpoint_of("hf:out/final") is None
    assert checkpoint_of("stepfun/step-model") is None


def test_a_training_is_one_line_led_by_its_last_checkpoint(runs: Path):
    board = make_leaderboard([read_record(path) for path in find_runs([runs])])
    trainings = find_trainings(board)
    assert sorted(list(each.checkpoints) for each in trainings) == [[100, 200, 1000]] * 2
    assert {each.last.model for each in trainings} == {LONG.format(kind, 1000) for kind in ("raw", "selected")}
    assert len(without_earlier_checkpoints(board)) == 3
    for curve in learning_curves(board):
        assert [step for step, _ in curve.points] == [100, 200, 1000]
        assert curve.places[0][0] == 0
        assert curve.places[-1][0] == 100
    drawn = next(plot for plot in plots(board) if plot.title == "Checkpoints")
    assert "raw" in drawn.svg
    assert "selected" in drawn.svg


def test_adapters_of_one_base_are_told_apart_by_their_names(tmp_path: Path):
    for number, step in enumerate((100, 200)):
        path = write_run(
            tmp_path / str(step), MadeRun("hf:org/base", limit=5, skill=0.3 + 0.3 * number, weights=f"w{step}")
        )
        set_config(path, adapter=f"out/lora/checkpoint-{step}")
    board = make_leaderboard([read_record(path) for path in find_runs([tmp_path])])
    assert {entry.name for entry in board.entries} == {
        f"hf:org/base [adapter lora/checkpoint-{step}]" for step in (100, 200)
    }
    (training,) = find_trainings(board)
    assert list(training.checkpoints) == [100, 200]

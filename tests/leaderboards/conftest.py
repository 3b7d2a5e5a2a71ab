from pathlib import Path

import pytest

from tests.leaderboards.made_runs import MadeRun, write_run

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def generations() -> Path:
    """Real model outputs with published verdicts."""
    folder = REPOSITORY.parent / "shared" / "data" / "generations"
    if not folder.exists():
        pytest.skip(f"needs published generations, which are not at {folder}")
    return folder


@pytest.fixture(scope="session")
def several_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models on two tasks, ten samples each, one of them with a hostile name."""
    folder = tmp_path_factory.mktemp("runs")
    for number, (model, skill) in enumerate(
        [("hf:org/large-33b", 0.8), ("hf:org/small-1.3b", 0.3), ("hf:out/<b>evil</b>/checkpoint-100", 0.31)]
    ):
        for task, ids in (("humaneval", ()), ("other", [f"Other/{each}" for each in range(40)])):
            made = MadeRun(model, task, samples=10, temperature=0.8, skill=skill, task_ids=ids, limit=40)
            write_run(folder / f"model-{number}" / task, made)
    return folder

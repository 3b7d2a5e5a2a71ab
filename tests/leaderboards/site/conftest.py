from collections.abc import Iterator
from pathlib import Path

import pytest

from leaderboards.runs.leaderboard import make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from leaderboards.site.build import build_site
from tasks.verdict import Verdict
from tests.browser import Browser, open_browser
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.site.made_site import CARDS, HOSTILE


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory, several_runs: Path) -> Path:
    """Three models, and one whose answers attack the page."""
    folder = tmp_path_factory.mktemp("with-hostile")
    (folder / "others").symlink_to(several_runs)
    made = MadeRun(
        "hostile </script><b>&",
        samples=4,
        temperature=0.8,
        limit=3,
        answer=lambda task_id, sample: HOSTILE[sample],  # noqa: ARG005
        verdict=lambda task_id, sample: [Verdict.WRONG, Verdict.FORGED, Verdict.NO_CODE, Verdict.NOT_JUDGED][sample],  # noqa: ARG005
    )
    write_run(folder / "hostile", made)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, runs: Path, several_runs: Path) -> Path:
    out = tmp_path_factory.mktemp("site") / "site"
    folders = [*find_runs([several_runs]), runs / "hostile"]
    build_site(make_leaderboard([read_record(path) for path in folders]), out, title="Board & <more>", workers=1)
    return out


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def carded(tmp_path_factory: pytest.TempPathFactory, several_runs: Path) -> Path:
    """A site with model cards, where the first two models share no task."""
    folder = tmp_path_factory.mktemp("carded")
    write_run(folder / "other", MadeRun("alone", "elsewhere", task_ids=["Else/1", "Else/2"], skill=1.0))
    board = make_leaderboard([read_record(path) for path in (*find_runs([several_runs]), folder / "other")])
    build_site(board, folder / "site", title="Cards", workers=1, cards=CARDS, contact="https://example.org/send")
    return folder / "site"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training of three checkpoints beside a model that others have measured too."""
    folder = tmp_path_factory.mktemp("trained")
    for number, step in enumerate((100, 200, 300)):
        made = MadeRun(f"hf:out/run/checkpoint-{step}", limit=12, skill=0.2 + 0.2 * number, samples=5, temperature=0.8)
        write_run(folder / str(step), made)
    made = MadeRun("hf:deepseek-ai/deepseek-coder-6.7b-instruct", limit=12, skill=0.8, samples=5, temperature=0.8)
    write_run(folder / "known", made)
    board = make_leaderboard([read_record(path) for path in find_runs([folder])])
    build_site(board, folder / "site", title="Trainings", workers=1)
    return folder / "site"

"""The installed command, from another folder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.leaderboards.made_runs import MadeRun, write_run

WAVEBENCH = Path(sys.executable).parent / "wavebench"


def wavebench(*words: object, cwd: Path, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [WAVEBENCH, *map(str, words)], cwd=cwd, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    write_run(folder / "a", MadeRun("one", limit=30, skill=0.3))
    write_run(folder / "b", MadeRun("two", limit=30, skill=0.8))
    return folder


def test_compare(runs: Path):
    assert "The second is better by" in wavebench("compare", "a", "b", cwd=runs).stdout
    (document,) = json.loads(wavebench("compare", "a", "b", "--format", "json", cwd=runs).stdout)
    assert document["differs"] is True
    assert document["second"]["model"] == "two"
    assert "holds no run folder" in wavebench("compare", "a", "nowhere", cwd=runs, code=1).stderr


def test_leaderboard_in_every_form(runs: Path, tmp_path: Path):
    assert "| 1" in wavebench("leaderboard", "table", runs, "--format", "md", cwd=tmp_path).stdout
    wavebench("leaderboard", "table", runs, "--format", "csv", "--out", "board.csv", cwd=tmp_path)
    assert (tmp_path / "board.csv").read_text().startswith("name,model,task")
    wavebench("leaderboard", "build", runs, "--out", "site", cwd=tmp_path)
    assert (tmp_path / "site" / "index.html").stat().st_size < 1_000_000
    wavebench("leaderboard", "hub", runs, "--out", "hub", cwd=tmp_path)
    assert len(list((tmp_path / "hub").glob("*.yaml"))) == 2
    wavebench("leaderboard", "eval-ever", runs, "--organization", "us", "--out", "eee", cwd=tmp_path)
    assert len(list((tmp_path / "eee").glob("*.json"))) == 2
    assert "OctoPack" in wavebench("leaderboard", "published", "humanevalpack-fix-go", cwd=tmp_path).stdout


def test_submit_and_verify_say_what_is_wrong_in_one_sentence(runs: Path, tmp_path: Path):
    refused = wavebench("submit", runs / "a", "--out", "s.zip", cwd=tmp_path, code=1)
    assert "holds only the first 30 problems" in refused.stderr
    (tmp_path / "s.zip").write_text("no zip")
    assert "no zip file" in wavebench("verify", "s.zip", cwd=tmp_path, code=1).stderr

"""The installed command, from another folder."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.registry import load
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.strangers import bundle, pack_all, rewrite, set_config, write

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


def test_results_come_as_json_too(runs: Path, tmp_path: Path):
    def document(*words: object, code: int = 0) -> Any:
        return json.loads(wavebench(*words, "--json", cwd=runs, code=code).stdout)

    assert document("compare", "a", "b") == json.loads(
        wavebench("compare", "a", "b", "--format", "json", cwd=runs).stdout
    )
    assert document("leaderboard", "table", "a") == json.loads(
        wavebench("leaderboard", "table", "a", "--format", "json", cwd=runs).stdout
    )
    built = document("leaderboard", "build", "a", "b", "--out", tmp_path / "site")
    assert (built["runs"], built["models"], built["site"]) == (2, 2, str(tmp_path / "site" / "index.html"))
    assert any("OctoPack" in each["source"] for each in document("leaderboard", "published", "humanevalpack-fix-go"))


def test_a_different_setting_is_allowed_under_both_names(runs: Path, tmp_path: Path):
    write_run(tmp_path / "hot", MadeRun("two", limit=30, skill=0.8, temperature=0.8))
    refused = wavebench("compare", runs / "a", tmp_path / "hot", cwd=tmp_path, code=1).stderr
    assert "differ in sampling" in refused
    for option in ("--allow-different", "--despite"):
        (compared,) = json.loads(
            wavebench("compare", runs / "a", tmp_path / "hot", option, "sampling", "--json", cwd=tmp_path).stdout
        )
        assert [each["term"] for each in compared["different_terms"]] == ["sampling"]


def test_leaderboard_in_every_form(runs: Path, tmp_path: Path):
    assert "| 1" in wavebench("leaderboard", "table", runs, "--format", "md", cwd=tmp_path).stdout
    wavebench("leaderboard", "table", runs, "--format", "csv", "--out", "board.csv", cwd=tmp_path)
    assert (tmp_path / "board.csv").read_text().startswith("name,model,task")
    wavebench("leaderboard", "build", runs, "--out", "site", cwd=tmp_path)
    assert (tmp_path / "site" / "index.html").stat().st_size < 1_000_000
    for words in (("hub",), ("eval-ever", "--organization", "us")):
        refused = wavebench("leaderboard", *words, runs, "--out", "out", cwd=tmp_path, code=1)
        assert "cannot be published, it holds only the first 30 problems" in refused.stderr
        assert not (tmp_path / "out").exists()
    assert "OctoPack" in wavebench("leaderboard", "published", "humanevalpack-fix-go", cwd=tmp_path).stdout


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run of HumanEval: its references, made elsewhere."""
    folder = tmp_path_factory.mktemp("whole")
    problems = load("humaneval").problems
    answers = [{"task_id": each.task_id, "completion": each.canonical_solution} for each in problems]
    write(folder / "samples.jsonl", answers)
    wavebench("judge", "samples.jsonl", "--task", "humaneval", "--model", "org/m", "--out", "runs/a", cwd=folder)
    return folder


def test_exports(whole: Path, tmp_path: Path):
    wavebench("leaderboard", "hub", whole / "runs", "--out", "hub", cwd=tmp_path)
    (file,) = (tmp_path / "hub").glob("*.yaml")
    assert file.name.startswith("org-m-")
    wavebench("leaderboard", "eval-ever", whole / "runs", "--organization", "us", "--out", "eee", cwd=tmp_path)
    (record,) = (tmp_path / "eee").glob("data/wavebench/org/org-m-*/*.json")
    assert record.with_name(f"{record.stem}_samples.jsonl").exists()
    wavebench("leaderboard", "eval-arena", whole / "runs", "--out", "arena.jsonl", cwd=tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "arena.jsonl").read_text().splitlines()]
    assert len(lines) == 164
    assert lines[3] == {
        "benchmark_id": "humaneval",
        "model": "org/m",
        "example_id": "HumanEval/3",
        "pass1": 1.0,
        "correct": 1,
        "count": 1,
    }


def test_a_comparison_fails_a_build_on_a_significant_loss_alone(tmp_path: Path):
    for name, skill in (("old", 0.6), ("worse", 0.2), ("close", 0.59)):
        write_run(tmp_path / name, MadeRun(name, samples=4, temperature=0.8, skill=skill))
    lost = wavebench("compare", "old", "worse", "--fail-if-worse", "2pp", cwd=tmp_path, code=1)
    assert "FAILED: worse is worse than old by " in lost.stderr
    assert "The second is worse by" in lost.stdout
    wavebench("compare", "old", "close", "--fail-if-worse", "0", cwd=tmp_path)
    wavebench("compare", "old", "worse", "--fail-if-worse", "99", cwd=tmp_path)
    wavebench("compare", "worse", "old", "--fail-if-worse", "0", "--json", cwd=tmp_path)
    for words in ("much", "-1", "101", ""):
        refused = wavebench("compare", "old", "worse", f"--fail-if-worse={words}", cwd=tmp_path, code=1)
        assert "write it as 2pp or 0.5" in refused.stderr


def test_a_verdict_says_what_was_drawn_and_what_the_draw_can_miss(whole: Path, tmp_path: Path):
    packed = json.loads(wavebench("submit", whole / "runs", "--out", "s.zip", "--json", cwd=tmp_path).stdout)
    assert (packed["submission"], packed["runs"][0]["model"]) == ("s.zip", "org/m")
    said = wavebench("verify", "s.zip", "--seed", 5, "--keep", "kept", cwd=tmp_path).stdout.splitlines()
    assert said[0] == (
        "CONFIRMED run-00: org/m on humaneval (split test), samples made elsewhere, pass@1 100.0 % "
        "(confirmed 100.0 %), 100 of 164 samples (61.0 %) run again"
    )
    assert said[1] == (
        "  All verdicts hold (seed 5); at most 3 of the 164 claimed passes (1.8 %) can be false (95 %); such a draw "
        "misses 3 false passes among 164 samples with a chance of 6 %."
    )
    assert (tmp_path / "kept" / "run-00" / "verdicts.jsonl").exists()
    assert "run again" in wavebench("verify", "s.zip", "--at-most", "1 %", cwd=tmp_path).stdout
    (report,) = json.loads(wavebench("verify", "s.zip", "--share", 0.1, "--json", cwd=tmp_path).stdout)
    assert (report["decision"], report["drawn"], report["samples"]) == ("confirmed", 100, 164)
    everything = wavebench("verify", "s.zip", "--share", 1, cwd=tmp_path).stdout
    assert "164 of 164 samples (100.0 %) run again" in everything
    assert "no doubt is left" in everything


def test_a_kept_folder_is_refused_before_anything_runs(tmp_path: Path):
    (tmp_path / "kept").mkdir()
    refused = wavebench("verify", "no-such-file.zip", "--keep", "kept", cwd=tmp_path, code=1)
    assert refused.stderr == "'kept' exists already: name a new folder for --keep.\n"


def test_refuted_and_undecided_have_exit_codes_of_their_own(whole: Path, tmp_path: Path):
    altered = Path(shutil.copytree(whole / "runs" / "a", tmp_path / "altered"))
    rewrite(
        altered / "verdicts.jsonl", lambda found: [{**each, "verdict": "wrong", "confirmed": None} for each in found]
    )
    refuted = wavebench("verify", bundle(altered, tmp_path / "r.zip"), cwd=tmp_path, code=1).stdout
    assert refuted.startswith("REFUTED run-00: ")
    shutil.rmtree(altered)
    shutil.copytree(whole / "runs" / "a", altered)
    set_config(altered, task="nobodys-task")
    undecided = wavebench("verify", bundle(altered, tmp_path / "u.zip"), "--keep", "kept", cwd=tmp_path, code=3).stdout
    assert undecided.startswith("UNDECIDED run-00: ")
    assert "install the package that brings it" in undecided
    assert "Nothing is confirmed." in undecided
    assert not (tmp_path / "kept").exists()
    both = pack_all([whole / "runs" / "a", altered], tmp_path / "b.zip")
    assert "UNDECIDED run-01" in wavebench("verify", both, cwd=tmp_path, code=3).stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--share", "1.5"), "name one from 0 to 1"),
        (("--share", "nan"), "name one from 0 to 1"),
        (("--at-most", "few"), "is not a percentage"),
        (("--at-most", "0%"), "out of range"),
        (("--at-most", "1%", "--share", "0.5"), "give only one"),
    ],
)
def test_how_much_to_draw_is_asked_for_clearly(tmp_path: Path, words: tuple[str, ...], sentence: str):
    assert sentence in wavebench("verify", "s.zip", *words, cwd=tmp_path, code=1).stderr


def test_submit_and_verify_say_what_is_wrong_in_one_sentence(runs: Path, tmp_path: Path):
    refused = wavebench("submit", runs / "a", "--out", "s.zip", cwd=tmp_path, code=1)
    assert "holds only the first 30 problems" in refused.stderr
    (tmp_path / "s.zip").write_text("no zip")
    assert "no zip file" in wavebench("verify", "s.zip", cwd=tmp_path, code=1).stderr

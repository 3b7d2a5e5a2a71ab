"""A forged pass is in pass@k, as the benchmark's own protocol has it, and is nowhere a win. Real runs."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli.resolve_config import plan_samples
from harness.evaluate import evaluate
from harness.statistics.ranks import RankRange
from leaderboards.compare.comparison import compare_runs
from leaderboards.compare.text import comparison_json, comparison_text
from leaderboards.export.every_eval_ever import write_records
from leaderboards.export.hub import hub_files
from leaderboards.export.tables import TableFormat, table
from leaderboards.runs.leaderboard import Leaderboard, make_leaderboard
from leaderboards.runs.publishing import UnpublishableError
from leaderboards.runs.record import RunRecord, read_record
from leaderboards.site.build import build_site
from leaderboards.submission.pack import pack
from leaderboards.submission.unpack import unpack
from leaderboards.submission.verify import VerifyOptions, verify_run
from tasks.registry import load
from tests.leaderboards.strangers import bundle
from tests.sandbox.hostile.corpus import read_attacks

PROBLEMS = 8
FORGED = "HumanEval/0"


def judged(folder: Path, model: str, first: str, limit: int | None = PROBLEMS) -> RunRecord:
    """A real run whose answers are the references, but for the first problem."""
    problems = load("humaneval").problems
    answers = {problem.task_id: problem.canonical_solution for problem in problems} | {FORGED: first}
    samples = folder / f"{model}.jsonl"
    lines = [json.dumps({"task_id": task_id, "completion": text}) + "\n" for task_id, text in answers.items()]
    samples.write_text("".join(lines))
    _, config = plan_samples(samples, "humaneval", None, {"model": model, **({"limit": limit} if limit else {})})
    evaluate(config, folder / model)
    return read_record(folder / model)


def score(record: RunRecord) -> dict[str, Any]:
    return json.loads((record.path / "score.json").read_text())


@pytest.fixture(scope="module")
def forgery() -> str:
    attack = next(attack for attack in read_attacks("forgeries") if attack.name == "always_equal")
    return f"    pass\n\n{attack.completion}\nhas_close_elements = lambda *given: Equal()\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, forgery: str) -> tuple[RunRecord, RunRecord]:
    folder = tmp_path_factory.mktemp("forged")
    return judged(folder, "honest", "    return None\n"), judged(folder, "forger", forgery)


@pytest.fixture(scope="module")
def board(runs: tuple[RunRecord, RunRecord]) -> Leaderboard:
    return make_leaderboard(runs)


def test_every_figure_is_that_of_score_json(runs: tuple[RunRecord, RunRecord], board: Leaderboard):
    for record in runs:
        row = next(iter(next(entry for entry in board.entries if entry.model == record.model).rows.values()))
        stated = score(record)
        assert row.rates[1].value == stated["pass@1"]["value"]
        assert row.confirmed[1].value == stated["confirmed_pass@1"]["value"]
        assert row.forged == stated["confirmations"]["forged"]
    assert (score(runs[1])["pass@1"]["value"], score(runs[1])["confirmed_pass@1"]["value"]) == (1.0, 7 / 8)


def test_it_wins_no_comparison(runs: tuple[RunRecord, RunRecord]):
    result = compare_runs(*runs)
    assert (result.first_score.value, result.second_score.value) == (7 / 8, 1.0)
    assert (result.won, result.lost, result.paired.difference.value) == ((), (), 0.0)
    text = comparison_text(result)
    assert "forger [1 FORGED]" in text
    assert "100.0 (63.1 to 100.0)" in text
    assert text.count("87.5 (47.3 to 99.7)") == 3, "once upstream, twice confirmed"
    assert "second - first, without forged" in text
    assert "1 FORGED pass" in text
    second = comparison_json(result)["second"]
    assert (second["score"]["value"], second["confirmed_score"]["value"], second["forged"]) == (1.0, 7 / 8, 1)


def test_it_wins_no_rank_and_is_marked_in_every_table(board: Leaderboard):
    assert [next(iter(entry.standings[1].ranks.values())) for entry in board.entries] == [RankRange(1, 2)] * 2
    for output in (TableFormat.TEXT, TableFormat.MD, TableFormat.LATEX):
        text = table(board, output)
        assert "forger [1 FORGED]" in text
        assert "100.0 (63.1-100.0) / 87.5 [1 FORGED]" in text
        assert "87.5 (47.3-99.7) / 87.5" in text
    rows = {each["model"]: each for each in csv.DictReader(io.StringIO(table(board, TableFormat.CSV)))}
    assert [rows["forger"][name] for name in ("value", "confirmed", "forged")] == ["1.0", "0.875", "1"]
    row = json.loads(table(board, TableFormat.JSON))["entries"][0]["rows"][0]
    assert row["confirmed_rates"]["pass@1"]["value"] == 7 / 8


def test_exports_refuse_it(runs: tuple[RunRecord, RunRecord], tmp_path: Path):
    board = make_leaderboard(runs[1:])
    for files in (hub_files(board), write_records(board, "us", tmp_path / "out")):
        with pytest.raises(UnpublishableError, match="1 of its passes is forged"):
            list(files)


def test_the_site_shows_both_and_marks_it(board: Leaderboard, tmp_path: Path):
    build_site(board, tmp_path / "site", title="x", published=False, workers=1)
    index = (tmp_path / "site" / "index.html").read_text()
    assert index.count("confirmed 87.5") == 2
    assert index.count("1 forged") == 1
    page = (tmp_path / "site" / "models" / "forger.html").read_text()
    assert "confirmed pass@1" in page
    assert "1 of its passes is forged" in page
    assert "1 of its passes" not in (tmp_path / "site" / "models" / "honest.html").read_text()


def test_a_submission_says_so_and_cannot_hide_it(tmp_path: Path, forgery: str):
    record = judged(tmp_path, "stranger", forgery, limit=None)
    with pytest.raises(UnpublishableError, match="1 of its passes is forged"):
        pack([record.path], tmp_path / "honest.zip")
    bundle(record.path, tmp_path / "honest.zip", confirmed_pass_at_1=163 / 164)
    lines = (record.path / "verdicts.jsonl").read_text().replace('"forged"', '"passed"')
    (record.path / "verdicts.jsonl").write_text(lines.replace('"confirmed":false', '"confirmed":true'))
    pack([record.path], tmp_path / "hidden.zip")
    found = {name: verified(tmp_path / f"{name}.zip", tmp_path / name) for name in ("honest", "hidden")}
    assert found["honest"].findings == ()
    assert (found["honest"].forged, found["honest"].confirmed_score) == (1, 163 / 164)
    (finding,) = found["hidden"].findings
    assert finding == f"'{FORGED}' sample 0 is claimed to be 'passed' and confirmed, run again it is 'forged'"


def verified(file: Path, place: Path):
    place.mkdir()
    index = unpack(file, place, 10**9)
    return verify_run(place / index.runs[0].folder, index.runs[0], VerifyOptions(share=1.0, workers=2))

import csv
import io
import json
from pathlib import Path

import pytest

from leaderboards.export.tables import TableError, TableFormat, table
from leaderboards.runs.leaderboard import Leaderboard, make_leaderboard
from leaderboards.runs.record import find_runs, read_record
from tests.leaderboards.made_runs import MadeRun, write_run


@pytest.fixture
def board(several_runs: Path) -> Leaderboard:
    return make_leaderboard([read_record(path) for path in find_runs([several_runs])])


def test_every_format_holds_every_model(board: Leaderboard):
    for output in TableFormat:
        text = table(board, output)
        assert "large-33b" in text
        assert "small-1.3b" in text


def test_csv_leads_every_number_back_to_its_run(board: Leaderboard, several_runs: Path):
    rows = list(csv.DictReader(io.StringIO(table(board, TableFormat.CSV))))
    assert len(rows) == 3 * 2 * 2
    row = next(
        each
        for each in rows
        if each["model"] == "hf:org/large-33b" and each["task"] == "humaneval" and each["k"] == "1"
    )
    assert row["run_sha256"] == read_record(several_runs / "model-0" / "humaneval").run_sha256
    assert float(row["low"]) < float(row["value"]) < float(row["high"])


def test_json_round_trips(board: Leaderboard):
    entries = json.loads(table(board, TableFormat.JSON))["entries"]
    assert entries[0]["rows"][0]["rates"]["pass@1"]["method"] == "gaffke over problems"
    assert entries[0]["rows"][0]["verdicts"]["passed"] > 0


def test_latex_escapes_and_markdown_stays_a_table(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun("a_b&c|d", limit=10))
    board = make_leaderboard([read_record(tmp_path / "a")])
    assert r"a\_b\&c" in table(board, TableFormat.LATEX)
    assert r"\toprule" in table(board, TableFormat.LATEX)


def test_a_spreadsheet_runs_no_name(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun('=HYPERLINK("http://x")', limit=10))
    rows = list(csv.DictReader(io.StringIO(table(make_leaderboard([read_record(tmp_path / "a")]), TableFormat.CSV))))
    assert rows[0]["model"].startswith("'=")


def test_a_k_that_no_run_has_is_one_sentence(board: Leaderboard):
    with pytest.raises(TableError, match="pass@100: choose one of 1, 10"):
        table(board, TableFormat.TEXT, 100)


def test_answers_that_are_not_the_models_own_stand_beside_its_score(several_runs: Path):
    folder = several_runs / "model-0" / "humaneval"
    lines = [json.loads(line) for line in (folder / "completions.jsonl").read_text().splitlines()]
    marks = [json.loads(line) for line in (folder / "verdicts.jsonl").read_text().splitlines()]
    failed = {(mark["task_id"], mark["sample"]) for mark in marks if mark["verdict"] != "passed"}
    cut = [line for line in lines if (line["task_id"], line["sample"]) in failed]
    for line in cut:
        line["finish_reason"] = "length"
    (folder / "completions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    board = make_leaderboard([read_record(path) for path in find_runs([several_runs])])
    assert f"[{len(cut)} answers cut]" in table(board, TableFormat.MD)
    entries = json.loads(table(board, TableFormat.JSON))["entries"]
    assert [row["lost_answers"] for entry in entries for row in entry["rows"]].count({"cut": len(cut)}) == 1
    rows = csv.DictReader(io.StringIO(table(board, TableFormat.CSV)))
    assert {row["lost_answers"] for row in rows} == {"0", str(len(cut))}

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leaderboards.export.every_eval_ever import write_records
from leaderboards.export.hub import hub_files, list_left_out
from leaderboards.runs.leaderboard import Leaderboard, make_leaderboard
from leaderboards.runs.model_cards import ModelCardError, read_model_cards
from leaderboards.runs.publishing import UnpublishableError
from leaderboards.runs.record import find_runs, read_record
from leaderboards.submission.pack import pack
from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.strangers import DATA, rewrite, set_config

SCHEMAS = Path(__file__).parents[3] / "shared" / "reference" / "every_eval_ever"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas of Every Eval Ever are not here")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Leaderboard:
    """Whole runs of three models, one of them with a hostile name."""
    folder = tmp_path_factory.mktemp("whole")
    for number, model in enumerate(("hf:org/large-33b", "hf:org/small-1.3b", "hf:out/<b>evil</b>/checkpoint-100")):
        write_run(folder / str(number), MadeRun(model, samples=10, temperature=0.8, skill=0.3 + number / 10))
    return board_of(folder)


def board_of(*places: Path) -> Leaderboard:
    return make_leaderboard([read_record(path) for path in find_runs(places)])


def records(board: Leaderboard, out: Path, **options: Any) -> list[dict[str, Any]]:
    """The records that are written below `out`."""
    written = list(write_records(board, "an organization", out, **options))
    return [json.loads(path.read_text()) for path in written if path.suffix == ".json"]


def test_every_eval_ever_records_have_score_interval_and_place(board: Leaderboard, tmp_path: Path):
    found = records(board, tmp_path)
    assert len(found) == 3
    result = found[0]["evaluation_results"][0]
    assert result["source_data"]["hf_repo"] == "openai/openai_humaneval"
    assert result["metric_config"]["metric_parameters"] == {"k": 1}
    interval = result["score_details"]["uncertainty"]["confidence_interval"]
    assert interval["lower"] < result["score_details"]["score"] < interval["upper"]
    for record in found:
        assert record["schema_version"] == "0.3.0"
        assert len(record["evaluation_results"]) == 2
        details = record["detailed_evaluation_results"]
        text = (tmp_path / details["file_path"]).read_bytes()
        assert hashlib.sha256(text).hexdigest() == details["checksum"]
        lines = [json.loads(line) for line in text.splitlines()]
        assert len(lines) == details["total_rows"]
        # The samples give the score again, and each names the result that it belongs to.
        score = next(each for each in record["evaluation_results"] if each["metric_config"]["metric_name"] == "pass@1")
        assert {line["evaluation_result_id"] for line in lines} == {score["evaluation_result_id"]}
        mean = sum(line["evaluation"]["score"] for line in lines) / len(lines)
        assert mean == pytest.approx(score["score_details"]["score"])


@needs_schemas
@pytest.mark.parametrize("task", ["humaneval", "humanevalpack-explain-python"])
def test_every_eval_ever_files_fit_the_published_schemas(tmp_path: Path, task: str):
    data = "" if task == "humaneval" else str(SCHEMAS.parents[1] / "data" / "benchmarks")
    write_run(tmp_path / "run", MadeRun("hf:org/a-1b", task, data=data))
    write_run(tmp_path / "other", MadeRun("out/<b>evil</b>/checkpoint-100", task, skill=0.9, data=data))
    cards = tmp_path / "models.toml"
    cards.write_text('["org/a-1b"]\nparameters_b = 1.3\nweights = "open"\nlicence = "MIT"\n')
    board = board_of(tmp_path / "run", tmp_path / "other")
    found = records(board, tmp_path / "out", cards=read_model_cards(cards))
    whole, sample = (json.loads((SCHEMAS / f"{name}.schema.0.3.0.json").read_text()) for name in ("eval", "instance"))
    for record in found:
        jsonschema.validate(record, whole)
        lines = (tmp_path / "out" / record["detailed_evaluation_results"]["file_path"]).read_text().splitlines()
        assert lines
        for line in lines:
            jsonschema.validate(json.loads(line), sample)
    cards_of = {record["model_info"]["id"]: record["model_info"]["additional_details"] for record in found}
    assert cards_of["org/a-1b"]["model_availability"] == "open_weights"
    assert cards_of["out/<b>evil</b>/checkpoint-100"]["model_availability"] == "unknown"


def test_a_second_export_replaces_the_first(board: Leaderboard, tmp_path: Path):
    first = sorted(write_records(board, "us", tmp_path, samples=False))
    assert sorted(write_records(board, "us", tmp_path, samples=False)) == first


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[m]\nsize = 3", "unknown field `size`"),
        ('[m]\nlink = "javascript:alert(1)"', "write an http"),
        ("[m]\nparameters_b = -1", "write its size"),
        ('[m]\nweights = "half"', "Invalid enum value"),
        ("m = 3", "write one table per model"),
        ("[m", "cannot be read as model cards"),
        ("x = " + "[" * 100_000, "cannot be read as model cards"),
    ],
)
def test_a_bad_file_of_model_cards_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str):
    (tmp_path / "models.toml").write_text(text)
    with pytest.raises(ModelCardError, match=sentence):
        read_model_cards(tmp_path / "models.toml")


def test_hub_files_hold_what_the_hub_reads(board: Leaderboard):
    files = dict(hub_files(board, "https://example.org/board"))
    assert len(files) == 3
    for name, text in files.items():
        assert "/" not in name
        (result,) = yaml.safe_load(text)
        assert result["dataset"] == {"id": "openai/openai_humaneval", "task_id": "openai_humaneval"}
        assert 0 <= result["value"] <= 100
        assert "95 % interval" in result["notes"]
        assert result["source"]["url"] == "https://example.org/board"


def test_what_the_hub_has_no_data_set_for_is_named(several_runs: Path):
    found = list_left_out(board_of(several_runs))
    assert len(found) == 3
    assert "on other is left out" in found[0]


def test_a_name_cannot_break_out_of_its_yaml_line(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun('x"\n- value: 100\n'))
    ((_, text),) = hub_files(board_of(tmp_path))
    assert len(yaml.safe_load(text)) == 1


def test_models_of_like_names_have_files_and_ids_of_their_own(tmp_path: Path):
    models = ["org/model", "org-model", "org_model", "deepseek-coder:6.7b", "codellama:6.7b", "api:qwen:6.7b", "hf:a/b"]
    for number, model in enumerate(models):
        write_run(tmp_path / str(number), MadeRun(model))
    board = board_of(tmp_path)
    assert len({name.casefold() for name, _ in hub_files(board)}) == len(models)
    found = records(board, tmp_path / "out", samples=False)
    ids = {record["model_info"]["name"]: record["model_info"]["id"] for record in found}
    stripped = {"api:qwen:6.7b": "qwen:6.7b", "hf:a/b": "a/b"}
    assert ids == {model: stripped.get(model, model) for model in models}
    assert len({record["evaluation_id"].split("/")[1] for record in found}) == len(models)


def own_problems(folder: Path) -> None:
    text = (DATA / "problems.jsonl").read_text()
    (folder / "own.jsonl").write_text(text)
    write_run(folder / "run", MadeRun("m", data=str(folder / "own.jsonl")))


def forged(task_id: str, _: int) -> Verdict:
    return Verdict.FORGED if task_id == "HumanEval/0" else Verdict.PASSED


def waiting(task_id: str, _: int) -> Verdict:
    return Verdict.NOT_JUDGED if task_id == "HumanEval/0" else Verdict.PASSED


def configured(folder: Path, **values: object) -> None:
    set_config(write_run(folder / "run", MadeRun("m")), **values)


def without_a_line(folder: Path, *names: str) -> None:
    write_run(folder / "run", MadeRun("m"))
    for name in names:
        rewrite(folder / "run" / name, lambda found: found[1:])


UNPUBLISHABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "own problems": (own_problems, "its problems are those of"),
    "a limit": (lambda folder: write_run(folder / "run", MadeRun("m", limit=1)), "it holds only the first 1 problems"),
    "a gap": (lambda folder: without_a_line(folder, "verdicts.jsonl"), "1 samples without a verdict"),
    "a lost sample": (
        lambda folder: without_a_line(folder, "verdicts.jsonl", "completions.jsonl"),
        "1 samples without an answer",
    ),
    "an open verdict": (
        lambda folder: write_run(folder / "run", MadeRun("m", verdict=waiting)),
        "1 samples that could not be judged",
    ),
    "a forged pass": (
        lambda folder: write_run(folder / "run", MadeRun("m", verdict=forged)),
        "1 of its passes is forged",
    ),
    "limits": (lambda folder: configured(folder, memory_mb=64), "it sets limits in place of the task's own"),
    "no confirmation": (lambda folder: configured(folder, confirm=False), "its passes were not confirmed"),
    "a form": (lambda folder: configured(folder, form="program"), "it takes a model's answers for programs"),
    "another version": (
        lambda folder: write_run(folder / "run", MadeRun("m", identity={"version": "0.1"})),
        "its task version is '0.1'",
    ),
    "another program": (
        lambda folder: rewrite(
            write_run(folder / "run", MadeRun("m")) / "completions.jsonl",
            lambda found: [found[0] | {"completion": "    return 1\n"}, *found[1:]],
        ),
        "1 verdicts over other programs",
    ),
}


@pytest.mark.parametrize("name", UNPUBLISHABLE)
def test_one_rule_says_what_may_be_published(tmp_path: Path, name: str):
    make, sentence = UNPUBLISHABLE[name]
    make(tmp_path)
    board = board_of(tmp_path / "run")
    for publish in (
        lambda: pack([tmp_path / "run"], tmp_path / "s.zip"),
        lambda: list(hub_files(board)),
        lambda: list(write_records(board, "us", tmp_path / "out")),
    ):
        with pytest.raises(UnpublishableError, match=sentence):
            publish()
    assert not (tmp_path / "s.zip").exists()


def test_own_problems_are_not_published_as_the_folder_of_data_either(tmp_path: Path):
    own_problems(tmp_path)
    with pytest.raises(UnpublishableError, match="name the folder"):
        pack([tmp_path / "run"], tmp_path / "s.zip", tmp_path / "own.jsonl")

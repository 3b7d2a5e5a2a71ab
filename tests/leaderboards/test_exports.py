from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leaderboards.export.every_eval_ever import records
from leaderboards.export.hub import hub_files, list_left_out
from leaderboards.runs.leaderboard import Leaderboard, make_leaderboard
from leaderboards.runs.publishing import UnpublishableError
from leaderboards.runs.record import find_runs, read_record
from leaderboards.submission.pack import pack
from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.strangers import DATA, rewrite, set_config

STRINGS: dict[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}
NUMBER: dict[str, Any] = {"type": "number"}
STRING: dict[str, Any] = {"type": "string"}


def object_of(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    """Stricter than the published schema: nothing that is not named here."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


# What version 0.2.1 of the published eval.schema.json says of the parts that we write, in our own words.
INTERVAL = object_of({"lower": NUMBER, "upper": NUMBER}, {"confidence_level": NUMBER, "method": STRING})
SCORE = object_of(
    {"score": NUMBER},
    {
        "details": STRINGS,
        "uncertainty": object_of(
            {},
            {
                "confidence_interval": INTERVAL,
                "num_samples": {"type": "integer"},
                "num_bootstrap_samples": {"type": "integer"},
            },
        ),
    },
)
METRIC = object_of(
    {
        "lower_is_better": {"type": "boolean"},
        "score_type": {"enum": ["binary", "continuous", "levels"]},
        "min_score": NUMBER,
        "max_score": NUMBER,
    },
    {"evaluation_description": STRING, "additional_details": STRINGS},
)
GENERATION = object_of(
    {},
    {
        "generation_args": object_of(
            {},
            {
                "temperature": {"type": ["null", "number"]},
                "top_p": {"type": ["null", "number"]},
                "max_tokens": {"type": "integer", "minimum": 1},
                "sandbox": object_of({}, {"type": STRING, "config": STRING}),
            },
        ),
        "additional_details": STRINGS,
    },
)
SOURCE = {
    "oneOf": [
        object_of({"dataset_name": STRING, "source_type": {"const": "hf_dataset"}}, {"hf_repo": STRING}),
        object_of({"dataset_name": STRING, "source_type": {"const": "other"}}),
    ]
}
SCHEMA = object_of(
    {
        "schema_version": STRING,
        "evaluation_id": STRING,
        "retrieved_timestamp": STRING,
        "source_metadata": object_of(
            {
                "source_type": {"enum": ["documentation", "evaluation_run"]},
                "source_organization_name": STRING,
                "evaluator_relationship": {"enum": ["first_party", "third_party", "collaborative", "other"]},
            },
            {"source_name": STRING},
        ),
        "model_info": object_of({"name": STRING, "id": STRING}),
        "eval_library": object_of({"name": STRING, "version": STRING}),
        "evaluation_results": {
            "type": "array",
            "minItems": 1,
            "items": object_of(
                {"evaluation_name": STRING, "source_data": SOURCE, "metric_config": METRIC, "score_details": SCORE},
                {"generation_config": GENERATION, "evaluation_timestamp": STRING},
            ),
        },
    }
)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Leaderboard:
    """Whole runs of three models, one of them with a hostile name."""
    folder = tmp_path_factory.mktemp("whole")
    for number, model in enumerate(("hf:org/large-33b", "hf:org/small-1.3b", "hf:out/<b>evil</b>/checkpoint-100")):
        write_run(folder / str(number), MadeRun(model, samples=10, temperature=0.8, skill=0.3 + number / 10))
    return board_of(folder)


def board_of(*places: Path) -> Leaderboard:
    return make_leaderboard([read_record(path) for path in find_runs(places)])


def test_every_eval_ever_records_fit_the_schema(board: Leaderboard):
    found = list(records(board, "an organization"))
    assert len(found) == 3
    for record in found:
        jsonschema.validate(record, SCHEMA)
        assert len(record["evaluation_results"]) == 2
    result = found[0]["evaluation_results"][0]
    assert result["source_data"]["hf_repo"] == "openai/openai_humaneval"
    interval = result["score_details"]["uncertainty"]["confidence_interval"]
    assert interval["lower"] < result["score_details"]["score"] < interval["upper"]


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
    found = list(records(board, "us"))
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
        lambda: list(records(board, "us")),
    ):
        with pytest.raises(UnpublishableError, match=sentence):
            publish()
    assert not (tmp_path / "s.zip").exists()


def test_own_problems_are_not_published_as_the_folder_of_data_either(tmp_path: Path):
    own_problems(tmp_path)
    with pytest.raises(UnpublishableError, match="name the folder"):
        pack([tmp_path / "run"], tmp_path / "s.zip", tmp_path / "own.jsonl")

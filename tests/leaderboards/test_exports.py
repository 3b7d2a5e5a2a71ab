from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from leaderboards.board import Board, make_board
from leaderboards.every_eval_ever import records
from leaderboards.hub import hub_files
from leaderboards.record import find_runs, read_record
from tests.leaderboards.made_runs import MadeRun, write_run

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


@pytest.fixture
def board(several_runs: Path) -> Board:
    return make_board([read_record(path) for path in find_runs([several_runs])])


def test_every_eval_ever_records_fit_the_schema(board: Board):
    found = list(records(board, "an organization"))
    assert len(found) == 3
    for record in found:
        jsonschema.validate(record, SCHEMA)
        assert len(record["evaluation_results"]) == 4
    result = found[0]["evaluation_results"][0]
    assert result["source_data"]["hf_repo"] == "openai/openai_humaneval"
    interval = result["score_details"]["uncertainty"]["confidence_interval"]
    assert interval["lower"] < result["score_details"]["score"] < interval["upper"]


def test_hub_files_hold_what_the_hub_reads(board: Board):
    files = dict(hub_files(board, "https://example.org/board"))
    assert len(files) == 3  # the task `other` has no data set on the Hub
    for name, text in files.items():
        assert "/" not in name
        (result,) = yaml.safe_load(text)
        assert result["dataset"] == {"id": "openai/openai_humaneval", "task_id": "openai_humaneval"}
        assert 0 <= result["value"] <= 100
        assert "95 % interval" in result["notes"]
        assert result["source"]["url"] == "https://example.org/board"


def test_a_name_cannot_break_out_of_its_yaml_line(tmp_path: Path):
    write_run(tmp_path / "a", MadeRun('x"\n- value: 100\n', limit=10))
    ((_, text),) = hub_files(make_board([read_record(tmp_path / "a")]))
    assert len(yaml.safe_load(text)) == 1

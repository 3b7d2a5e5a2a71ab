"""Records of the Every Eval Ever schema, version 0.2.1 (evaleval/every_eval_ever, eval.schema.json)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.statistics.bootstrap import RESAMPLES
from harness.statistics.intervals import IntervalMethod
from leaderboards.runs.leaderboard import Leaderboard, runs_of
from leaderboards.runs.names import model_id, slug
from leaderboards.runs.publishing import refuse_unpublishable
from leaderboards.runs.row import ModelRow
from leaderboards.runs.settings import UNKNOWN
from tasks.registry import known_benchmark

SCHEMA_VERSION = "0.2.1"
Record = dict[str, Any]


def records(board: Leaderboard, organization: str, data: Path | None = None) -> Iterator[Record]:
    """One record per entry; `organization` is who ran the evaluation, in its own words.

    Raises UnpublishableError where a run may not be published; `data` is where the benchmarks' rows lie.
    """
    refuse_unpublishable(runs_of(board), data)
    for entry in board.entries:
        retrieved = str(time.time())
        newest = max((run for row in entry.rows.values() for run in row.runs), key=lambda run: run.finished)
        versions: dict[str, Any] = newest.section("judging").get("versions") or {}
        yield {
            "schema_version": SCHEMA_VERSION,
            "evaluation_id": f"wavebench/{slug(entry.name)}/{retrieved}",
            "retrieved_timestamp": retrieved,
            "source_metadata": {
                "source_name": "wavebench",
                "source_type": "evaluation_run",
                "source_organization_name": organization,
                "evaluator_relationship": "other",
            },
            "eval_library": {"name": "wavebench", "version": str(versions.get("wavebench") or "unknown")},
            "model_info": {"name": entry.name, "id": model_id(entry.model)},
            "evaluation_results": [_result(row, k) for row in entry.rows.values() for k in row.rates],
        }


def _result(row: ModelRow, k: int) -> Record:
    settings, config = row.settings, row.runs[0].config
    source: Record = {"dataset_name": settings.task, "source_type": "other"}
    if (known := known_benchmark(settings.task)) and known.hub:
        source |= {"source_type": "hf_dataset", "hf_repo": known.hub[0]}
    details = {"prompt_style": settings.style, "extraction": settings.extraction}
    details |= {"samples_per_problem": str(row.fewest_samples)}
    if settings.sampling == UNKNOWN:
        generation: Record = {"additional_details": {**details, "sampling": UNKNOWN}}
    else:
        arguments = {"temperature": config.temperature, "top_p": config.top_p, "max_tokens": config.max_tokens}
        generation = {
            "generation_args": {**arguments, "sandbox": {"type": ", ".join(row.tiers) or "unknown"}},
            "additional_details": {**details, "seeds": " ".join(str(run.config.seed) for run in row.runs)},
        }
    result: Record = {
        "evaluation_name": f"{settings.task}{f' {config.split}' if config.split else ''} pass@{k}",
        "source_data": source,
        "metric_config": {
            "evaluation_description": f"Unbiased pass@{k} (Chen et al. 2021), mean over problems",
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
            "additional_details": {"k": str(k), "task_version": settings.version, "data_fingerprint": settings.data},
        },
        "score_details": _score(row, k),
        "generation_config": generation,
    }
    finished = row.runs[-1].finished
    return {**result, "evaluation_timestamp": finished} if finished else result


def _score(row: ModelRow, k: int) -> Record:
    """Every detail is a string: the schema asks for it."""
    rate = row.rates[k]
    uncertainty: Record = {
        "confidence_interval": {
            "lower": rate.low,
            "upper": rate.high,
            "confidence_level": 0.95,
            "method": str(rate.method),
        },
        "num_samples": len(row.tallies),
    }
    if rate.method == IntervalMethod.BOOTSTRAP:
        uncertainty["num_bootstrap_samples"] = RESAMPLES
    details = {
        "problems": str(len(row.tallies)),
        "samples": str(row.n_samples),
        "not_judged": str(row.not_judged),
        "forged": str(row.forged),
        **({"confirmed": str(row.confirmed[k].value)} if k in row.confirmed else {}),
        **({"sound": str(row.sound[k].value), "unsound_problems": " ".join(row.unsound)} if k in row.sound else {}),
        "run_sha256": " ".join(run.run_sha256 for run in row.runs),
    }
    return {"score": rate.value, "details": details, "uncertainty": uncertainty}

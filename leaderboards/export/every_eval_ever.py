"""Records of the Every Eval Ever schema, version 0.3.0 (evaleval/every_eval_ever, eval.schema.json).

The layout is that of its data store: data/COLLECTION/DEVELOPER/MODEL/UUID.json, and beside it UUID_samples.jsonl with
every sample.
"""

import hashlib
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from harness.files.atomic_write import open_whole
from harness.statistics.bootstrap import RESAMPLES
from harness.statistics.intervals import IntervalMethod
from leaderboards.export.every_eval_ever_samples import sample_lines
from leaderboards.runs.leaderboard import Leaderboard, LeaderboardEntry, runs_of
from leaderboards.runs.model_cards import ModelCard, Weights, card_of
from leaderboards.runs.names import digest, model_id, slug
from leaderboards.runs.publishing import refuse_unpublishable
from leaderboards.runs.row import ModelRow
from leaderboards.runs.settings import UNKNOWN
from tasks.registry import known_benchmark

SCHEMA_VERSION = "0.3.0"
COLLECTION = "wavebench"
Record = dict[str, Any]

_AVAILABILITY = {Weights.OPEN: "open_weights", Weights.CLOSED: "closed_weights", None: "unknown"}


def write_records(
    board: Leaderboard,
    organization: str,
    out: Path,
    data: Path | None = None,
    cards: Mapping[str, ModelCard] | None = None,
    *,
    samples: bool = True,
) -> Iterator[Path]:
    """Writes one record per entry below `out`, and its samples; yields each file that is written.

    `organization` is who ran the evaluation, in its own words. Raises UnpublishableError where a run may not be
    published, before anything is written; `data` is where the benchmarks' rows lie.
    """
    refuse_unpublishable(runs_of(board), data)
    for entry in board.entries:
        record = _record(entry, organization, card_of(entry.model, cards or {}))
        place = out / _place(entry, record)
        place.parent.mkdir(parents=True, exist_ok=True)
        if samples:
            path = place.with_name(f"{place.stem}_samples.jsonl")
            checksum, count = hashlib.sha256(), 0
            with open_whole(path) as stream:
                for row in entry.rows.values():
                    joins = {
                        "schema_version": SCHEMA_VERSION,
                        "evaluation_id": record["evaluation_id"],
                        "model_id": record["model_info"]["id"],
                        "evaluation_name": _evaluation_name(row, 1),
                        "evaluation_result_id": _result_id(row, 1),
                    }
                    for line in sample_lines(row, data):
                        encoded = msgspec.json.encode(joins | line) + b"\n"
                        checksum.update(encoded)
                        stream.write(encoded)
                        count += 1
            record["detailed_evaluation_results"] = {
                "format": "jsonl",
                "file_path": path.relative_to(out).as_posix(),
                "hash_algorithm": "sha256",
                "checksum": checksum.hexdigest(),
                "total_rows": count,
            }
            yield path
        with open_whole(place) as stream:
            stream.write(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
        yield place


def _place(entry: LeaderboardEntry, record: Record) -> Path:
    """Where the data store keeps a record. The uuid follows from the runs: a second export replaces the first."""
    model: Record = record["model_info"]
    runs = " ".join(sorted(run.run_sha256 for row in entry.rows.values() for run in row.runs))
    name = uuid.UUID(bytes=bytes.fromhex(digest(f"{entry.name} {runs}"))[:16], version=4)
    return Path("data", COLLECTION, slug(model.get("developer") or "unknown"), slug(entry.name), f"{name}.json")


def _record(entry: LeaderboardEntry, organization: str, card: ModelCard) -> Record:
    """The record of one entry: all its tasks and every usual k."""
    retrieved = str(time.time())
    newest = max((run for row in entry.rows.values() for run in row.runs), key=lambda run: run.finished)
    versions: dict[str, Any] = newest.section("judging").get("versions") or {}
    return {
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
        "model_info": _model_info(entry, newest.section("model"), card),
        "evaluation_results": [_result(row, k) for row in entry.rows.values() for k in row.rates],
    }


def _model_info(entry: LeaderboardEntry, back_end: Mapping[str, Any], card: ModelCard) -> Record:
    """Who deployed the model is known of back ends that hold the weights; whether others can have them, of the card."""
    name, kind = model_id(entry.model), str(back_end.get("kind") or "")
    holds_weights = kind in ("hf", "vllm")
    developer = card.developer or (name.partition("/")[0] if name.count("/") == 1 else "")
    versions = {key: str(back_end[key]) for key in ("weights", "adapter", "dtype", "revision") if back_end.get(key)}
    info: Record = {
        "name": entry.name,
        "id": name,
        "additional_details": {
            "deployment_type": "self_deployed" if holds_weights else "unknown",
            "model_availability": _AVAILABILITY[card.weights],
            **versions,
            **({"parameters_b": f"{card.parameters_b:g}"} if card.parameters_b else {}),
            **({"licence": card.licence} if card.licence else {}),
        },
    }
    if developer:
        info["developer"] = developer
    if holds_weights:
        engine = "transformers" if kind == "hf" else "vllm"
        info["inference_engine"] = {"name": engine, "version": str(back_end.get(engine) or "unknown")}
    return info


def _result(row: ModelRow, k: int) -> Record:
    settings, config = row.settings, row.runs[0].config
    source: Record = {"dataset_name": settings.task, "source_type": "other"}
    if (known := known_benchmark(settings.task)) and known.hub:
        source |= {"source_type": "hf_dataset", "hf_repo": known.hub[0], "samples_number": len(row.tallies)}
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
        "evaluation_result_id": _result_id(row, k),
        "evaluation_name": _evaluation_name(row, k),
        "source_data": source,
        "metric_config": {
            "evaluation_description": f"Unbiased pass@{k} (Chen et al. 2021), mean over problems",
            "metric_id": "pass_at_k",
            "metric_name": f"pass@{k}",
            "metric_kind": "pass_rate",
            "metric_unit": "proportion",
            "metric_parameters": {"k": k},
            "lower_is_better": False,
            "score_type": "continuous",
            "min_score": 0.0,
            "max_score": 1.0,
            "additional_details": {"task_version": settings.version, "data_fingerprint": settings.data},
        },
        "score_details": _score(row, k),
        "generation_config": generation,
    }
    finished = row.runs[-1].finished
    return {**result, "evaluation_timestamp": finished} if finished else result


def _evaluation_name(row: ModelRow, k: int) -> str:
    """Such as "mbpp test pass@1"."""
    split = row.runs[0].config.split
    return f"{row.settings.task}{f' {split}' if split else ''} pass@{k}"


def _result_id(row: ModelRow, k: int) -> str:
    """Joins samples to their score inside one record: two rows of one task differ in their runs."""
    return f"{row.settings.task}/{row.runs[0].run_sha256[:12]}/pass@{k}"


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

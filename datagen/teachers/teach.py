"""Rows for the functions of a core set, by whichever teacher the configuration names."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from datagen.config import DatagenConfig, JsonMode, RoleConfig, TeacherKind
from datagen.rows.example import Example
from datagen.rows.raw_function import RawFunction
from datagen.rows.row_file import RowSpan
from datagen.teachers.answer_cache import TeacherAnswers
from datagen.teachers.desk import Slots, Speaker
from datagen.teachers.json_mode import PROBE_SCHEMA, settle_json_mode
from datagen.teachers.llm_teacher import LlmTeacher, Roles
from datagen.teachers.prompts import review_schema, row_schema
from datagen.teachers.rules_discriminator import review_by_rules
from datagen.teachers.rules_teacher import draft_rows, load_templates
from datagen.teachers.wording import load_wordings
from harness.model import Model, Sampling
from harness.models.options import ModelOptions, RequestOptions
from harness.models.registry import open_model
from harness.processes import map_in_order

_LAG_A_SLOT = 4
"""Rows under way for each request under way: fewer leave slots empty while one slow answer holds up the order (measured
in docs/datagen.md), more make examples older."""
_LEAST_LAG = 64


def teach(
    config: DatagenConfig,
    functions: Iterable[RawFunction],
    cache: Path,
    counts: Counter[str],
    progress: Callable[[int], None],
) -> Iterator[Example]:
    """Every row, judged, accepted or not, in the order of the functions. `counts` counts the calls by outcome.

    Raises ModelError when a model is down; what it answered lies in `cache` and is not asked again.
    """
    teacher = config.teacher
    if teacher.kind is TeacherKind.RULES:
        for rank, function in enumerate(functions):
            yield from _rows_by_rules(function, rank, config.seed)
            progress(1)
        return
    wordings = load_wordings(teacher.wording)
    judging = replace(teacher.discriminator, model=teacher.discriminator.model or teacher.generator.model)
    slots = Slots(teacher.generator.concurrency)
    judging_slots = Slots(judging.concurrency)
    if not teacher.discriminator.model:  # the generator judges too, so it is asked where it lives
        own = teacher.generator
        judging = replace(judging, base_url=own.base_url, json_mode=own.json_mode, concurrency=own.concurrency)
        judging_slots = slots
    roles = Roles(
        _speaker(teacher.generator, row_schema(), slots, config.seed, cache),
        _speaker(judging, review_schema(), judging_slots, config.seed, cache),
    )
    lag = teacher.loop.round_rows or max(
        _LEAST_LAG, _LAG_A_SLOT * (slots.most + judging_slots.most * (judging_slots is not slots))
    )
    with TeacherAnswers(cache / "answers.jsonl") as answers:
        prices = {"generator": teacher.generator, "discriminator": judging}
        loop = LlmTeacher(
            roles, wordings, config.mixture, teacher.loop, config.seed, answers, lag, prices=prices, progress=progress
        )
        yield from loop.rows(functions)
        counts.update(loop.counts.outcomes)
        counts.update(loop.counts.tokens)


def teach_by_rules(
    spans: Iterable[RowSpan], seed: int, processes: int | None, progress: Callable[[int], None]
) -> Iterator[bytes]:
    """The same rows of the rules teacher, as lines of a file, written on all cores."""
    for lines, functions in map_in_order(partial(_lines_by_rules, seed), spans, processes):
        yield from lines
        progress(functions)


def _lines_by_rules(seed: int, span: RowSpan) -> tuple[list[bytes], int]:
    encoder = msgspec.json.Encoder()
    functions = span.read(RawFunction)
    rows = (row for place, each in enumerate(functions, span.place) for row in _rows_by_rules(each, place, seed))
    return [encoder.encode(row) + b"\n" for row in rows], len(functions)


def _rows_by_rules(function: RawFunction, rank: int, seed: int) -> Iterator[Example]:
    for row in draft_rows(function, rank, seed, load_templates()):
        yield replace(row, review=review_by_rules(row))


def _speaker(role: RoleConfig, schema: Mapping[str, Any], slots: Slots, seed: int, cache: Path) -> Speaker:
    role = settle_json_mode(role, cache, partial(_open, PROBE_SCHEMA))
    sampling = Sampling(temperature=role.temperature, max_tokens=role.max_tokens, seed=seed)
    # A server answers many at once; a model in this process works on one batch of one temperature.
    alone = nullcontext() if role.model.startswith("api:") else Lock()
    return Speaker(_open(schema, role), sampling, slots, alone)


def _open(schema: Mapping[str, Any], role: RoleConfig) -> Model:
    formats: dict[JsonMode, dict[str, Any]] = {
        JsonMode.OFF: {},
        JsonMode.OBJECT: {"response_format": {"type": "json_object"}},
        JsonMode.SCHEMA: {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)},
            }
        },
    }
    added = formats[role.json_mode]
    options = ModelOptions(
        base_url=role.base_url,
        concurrency=role.concurrency,
        request_seconds=role.request_seconds,
        retry_seconds=role.retry_seconds,
        request=RequestOptions(add=added) if added else None,
    )
    return open_model(role.model, options)

"""Rows for the functions of a core set, by whichever teacher the configuration names."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datagen.config import DatagenConfig, JsonMode, RoleConfig, TeacherKind
from datagen.rows.example import Example
from datagen.rows.raw_function import RawFunction
from datagen.teachers.answer_cache import TeacherAnswers
from datagen.teachers.llm_teacher import LlmTeacher, Roles
from datagen.teachers.prompts import review_schema, row_schema
from datagen.teachers.rules_discriminator import review_by_rules
from datagen.teachers.rules_teacher import draft_rows, load_templates
from datagen.teachers.wording import load_wordings
from harness.model import Model, Sampling
from harness.models.options import ModelOptions, RequestOptions
from harness.models.registry import open_model


def teach(
    config: DatagenConfig,
    functions: Sequence[RawFunction],
    cache: Path,
    counts: Counter[str],
    progress: Callable[[int], None],
) -> Iterator[Example]:
    """Every row, judged, accepted or not, in the order of the functions. `counts` counts the calls by outcome.

    Raises ModelError when a model is down; what it answered lies in `cache` and is not asked again.
    """
    teacher = config.teacher
    if teacher.kind is TeacherKind.RULES:
        templates = load_templates()
        for rank, function in enumerate(functions):
            for row in draft_rows(function, rank, config.seed, templates):
                yield replace(row, review=review_by_rules(row))
            progress(1)
        return
    wordings = load_wordings(teacher.wording)
    judging = replace(teacher.discriminator, model=teacher.discriminator.model or teacher.generator.model)
    if not teacher.discriminator.model:  # the generator judges too, so it is asked where it lives
        judging = replace(judging, base_url=teacher.generator.base_url, json_mode=teacher.generator.json_mode)
    roles = Roles(
        _open(teacher.generator, row_schema()),
        _open(judging, review_schema()),
        _sampling(teacher.generator, config.seed),
        _sampling(judging, config.seed),
    )
    with TeacherAnswers(cache / "answers.jsonl") as answers:
        prices = {"generator": teacher.generator, "discriminator": judging}
        loop = LlmTeacher(
            roles, wordings, config.mixture, teacher.loop, config.seed, answers, prices=prices, progress=progress
        )
        yield from loop.rows(functions)
        counts.update(loop.counts.outcomes)
        counts.update(loop.counts.tokens)


def _open(role: RoleConfig, schema: Mapping[str, Any]) -> Model:
    formats: dict[JsonMode, dict[str, Any]] = {
        JsonMode.OFF: {},
        JsonMode.OBJECT: {"response_format": {"type": "json_object"}},
        JsonMode.SCHEMA: {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "answer", "strict": True, "schema": schema},
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


def _sampling(role: RoleConfig, seed: int) -> Sampling:
    return Sampling(temperature=role.temperature, max_tokens=role.max_tokens, seed=seed)

"""A row as it is published: Alpaca's three fields, then its provenance, flat enough for any loader."""

import json
from dataclasses import asdict, dataclass

from datagen.rows.example import Example, TeacherCall


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One row of data.jsonl and data.parquet. Texts only, and two numbers; what is not known is empty."""

    id: str
    instruction: str
    input: str
    output: str
    task: str
    language: str
    target_language: str
    function_id: str
    function_name: str
    source: str
    path: str
    repository: str
    licence: str
    url: str
    core_rank: int
    bug_type: str
    tests: str
    teacher: str
    wording: str
    """Hash of the wording or templates."""
    reviewer: str
    opinion: str
    checks: str
    """JSON list of {rule, passed, reason}."""
    reasons: str
    execution: str
    execution_detail: str
    execution_context: str
    execution_examples: int
    generator_call: str
    """JSON object of the exact prompt, answer, tokens and seed; empty for the rules teacher."""
    discriminator_call: str


def publish_row(row: Example) -> PublishedRow:
    """The published form of a row."""
    return PublishedRow(
        id=row.example_id,
        instruction=row.instruction,
        input=row.input,
        output=row.output,
        task=row.task.value,
        language=row.language,
        target_language=row.target_language,
        function_id=row.function_id,
        function_name=row.function_name,
        source=row.origin.source,
        path=row.origin.path,
        repository=row.origin.repository,
        licence=row.origin.licence,
        url=row.origin.url,
        core_rank=row.core_rank,
        bug_type=row.bug_type,
        tests=row.tests,
        teacher=row.teacher,
        wording=row.wording,
        reviewer=row.review.reviewer,
        opinion=row.review.opinion.value,
        checks=_json([asdict(check) for check in row.review.checks]),
        reasons=row.review.reasons,
        execution=row.execution.fact.value,
        execution_detail=row.execution.detail,
        execution_context=row.execution.context,
        execution_examples=row.execution.examples,
        generator_call=_call(row.call),
        discriminator_call=_call(row.review.call),
    )


def _call(call: TeacherCall | None) -> str:
    return _json(asdict(call)) if call is not None else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

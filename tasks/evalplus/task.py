"""HumanEval+ and MBPP+ as tasks: a version of the data under one oracle, in one prompt style."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from textwrap import indent

from sandbox.outcome import Outcome
from sandbox.program import Limits, Program, SplitTests
from tasks.data.canonical import fingerprint
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows
from tasks.evalplus.dataset import VERSION, PlusData
from tasks.evalplus.expected import ExpectedValues, source_of
from tasks.evalplus.judge import judge_plus
from tasks.evalplus.oracle import OracleRule
from tasks.evalplus.oracle_0_2_1 import NAME as EARLY
from tasks.evalplus.problem import PlusProblem, problem_from
from tasks.extraction.python import extract_python
from tasks.families import Family
from tasks.prompt import Prompt
from tasks.styles.style import Style, load_style
from tasks.task import AnswerForm, DataOrigin, Extraction
from tasks.verdict import Judgement

_LEAST_CALL_SECONDS = {"0.3.1": 1.0, EARLY: 0.2}
_USUAL_LEAST_CALL_SECONDS = 4.0
_TIMES_REFERENCE = 4.0
_MOST_SECONDS = 60.0
"""EvalPlus' limits: 0.2 s an input, 1 s in 0.3.1 and 4 s since, or 4 times what the reference took; 60 s altogether.
Here they are CPU seconds, so that a busy machine fails nobody."""
_SLEEPING_SECONDS = 10.0
_MEMORY_MB = 4096
"""As EvalPlus' own limit."""
_DIGEST_CALL = "_wavebench_call_for_digest"


@dataclass(frozen=True, slots=True)
class PlusTask:
    """One version of HumanEval+ or MBPP+ under one oracle, in one prompt style."""

    name: str
    oracle: str
    wording: Style
    problems: Sequence[PlusProblem]
    expected: ExpectedValues
    fingerprint: str
    origin: DataOrigin
    family: Family | None
    unsound: Mapping[str, str] = field(default_factory=lambda: dict[str, str]())
    version: str = VERSION
    evalplus_hash: str = ""
    """EvalPlus' own name of the data; empty for own rows."""

    @property
    def style(self) -> str:
        return self.wording.name

    @property
    def style_sha256(self) -> str:
        return self.wording.sha256

    def prompt(self, problem: PlusProblem, answers: Sequence[str]) -> Prompt | None:
        return None if answers else self.wording.prompt(problem.fields)

    def extract(self, problem: PlusProblem, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        answer = answers[-1]
        if form is AnswerForm.AUTO:
            answer = self.wording.whole_answer(answer, problem.fields)
        # MBPP+'s prompts hold no code: there, an answer that continues one is a whole program
        prompt = problem.prompt if problem.benchmark == "humaneval" else ""
        return extract_python(answer, prompt, problem.entry_point, form, self.wording.stop, self.wording.answer)

    def program(self, problem: PlusProblem, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:  # noqa: ARG002
        """The code alone, for a process that answers calls, and tests that hold all inputs and what they should give.

        Computes expected values where they are not known yet.
        """
        expected = self.expected.of(problem)
        least = _LEAST_CALL_SECONDS.get(self.oracle, _USUAL_LEAST_CALL_SECONDS)
        reference_seconds = expected.base_seconds + expected.plus_seconds
        inputs = expected.base_inputs + expected.plus_inputs
        seconds = max(1, round(min(_MOST_SECONDS, least * inputs) + _TIMES_REFERENCE * reference_seconds))
        candidate, calls = code, problem.entry_point
        if expected.digests:
            candidate = (  # behind the code, a function that answers with the digest of what the entry point returns
                f"{code}\n\n\n_wavebench_digest = {{}}\nexec({source_of('digest.py')!r}, _wavebench_digest)\n\n\n"
                f"def {_DIGEST_CALL}(*arguments):\n    return _wavebench_digest['digest_of']({calls}(*arguments))\n"
            )
            calls = f"{calls}, {_DIGEST_CALL}"
        rule = tuple(OracleRule(self.oracle, problem.benchmark, problem.entry_point, problem.tolerance))
        split = SplitTests(
            candidate=candidate,
            helpers=_oracle_source(self.oracle),
            tests=f"_wavebench_judge({_in_base64(expected.cases)!r}, _wavebench_rule{rule!r}, {calls})\n",
            names=tuple(calls.split(", ")),
            call_cpu_seconds=max(least, round(_TIMES_REFERENCE * expected.slowest_seconds, 1)),
        )
        limits = Limits(cpu_seconds=seconds, wall_seconds=seconds + _SLEEPING_SECONDS, memory_mb=_MEMORY_MB)
        return Program("python", {"main.py": code}, limits=limits, split=split, split_alone=True)

    def verdict(self, problem: PlusProblem, outcome: Outcome) -> Judgement:
        expected = self.expected.of(problem)
        return judge_plus(outcome, expected.base_inputs + expected.plus_inputs)

    def reference(self, problem: PlusProblem) -> str:
        return problem.prompt + problem.canonical_solution


def load_plus(
    data: PlusData,
    name: str,
    oracle: str,
    style: str | None = None,
    data_dir: Path | None = None,
    data_file: Path | None = None,
) -> PlusTask:
    """The task from its known rows, or from a file of your own problems in EvalPlus' format."""
    dataset = data.dataset
    rows = own_rows(dataset, data_file, name) if data_file else load_rows(dataset, data_dir)
    problems = tuple(problem_from(row, data.benchmark) for row in rows)
    return PlusTask(
        name=name,
        oracle=oracle,
        wording=load_style(data.styles, style),
        problems=problems,
        expected=ExpectedValues(problems, trusted=data_file is None),
        fingerprint=fingerprint(rows),
        origin=DataOrigin(str(data_file or dataset.source), dataset.licence, dataset.citation),
        family=data.family,
        unsound={} if data_file else data.unsound(oracle),
        evalplus_hash="" if data_file else data.evalplus_hash,
    )


@lru_cache(maxsize=1024)
def _in_base64(cases: str) -> str:
    """As the oracle takes them: it decodes them for each sample, for which base85 takes ten times as long."""
    return base64.b64encode(base64.b85decode(cases)).decode()


@cache
def _oracle_source(oracle: str) -> str:
    """The oracle as a function's body, so that none of its names can be that of a function which it calls."""
    own = source_of("oracle_0_2_1.py") if oracle == EARLY else ""
    body = indent(f"{source_of('oracle.py')}{own}", "    ", lambda line: bool(line.strip()))
    return f"def _oracle():\n{body}\n    return judge, OracleRule\n\n\n_wavebench_judge, _wavebench_rule = _oracle()\n"

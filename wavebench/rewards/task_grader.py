"""Judges answers to the problems of a task."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harness.judging.judge import Sample, build_program
from harness.runs.verdict_log import VerdictRecord, record_of_outcome
from sandbox.outcome import Confirmation, Ending
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from tasks.counted_tests import counted, share_held
from tasks.extraction.watched import NotReadError
from tasks.judgement import judge_ending
from tasks.task import AnswerForm, Problem, Task
from tasks.verdict import Judgement, Verdict
from wavebench.answers import AnswerVerdict, judge
from wavebench.rewards.grade import Grade


@dataclass(frozen=True)
class TaskGrader:
    """Grades answers to one task's problems in a sandbox that stays open."""

    task: Task[Any]
    sandbox: Sandbox
    form: AnswerForm = AnswerForm.AUTO
    limits: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """`cpu_seconds`, `wall_seconds`, `memory_mb` in place of the task's own."""
    has_references: bool = True
    confirmed_references: dict[str, bool] = field(default_factory=dict[str, bool])
    """Of problems with an unconfirmed pass: whether their reference solution is confirmed."""

    def grade(self, answers: Sequence[str], task_ids: Sequence[str], *, shares: bool = False) -> list[Grade]:
        """One grade per answer, with `Grade.share` if asked for. Raises WavebenchError for unknown ids."""
        verdicts = dict[int, Grade]()
        if shares:
            # Before a whole program of this call meets the tests; only an answer that fulfils all of them runs on.
            for place, outcome in self.sandbox.run(self._counted_programs(answers, task_ids)):
                held = 0.0
                if outcome.ending is not Ending.EXITED:
                    judgement = judge_ending(outcome)
                elif outcome.confirmation is Confirmation.INEXPRESSIBLE or (held := share_held(outcome)) == 1.0:
                    continue
                else:
                    judgement = Judgement(Verdict.WRONG, outcome.confirmation_detail)
                if judgement.verdict is not Verdict.NOT_JUDGED:
                    record = record_of_outcome(task_ids[place], place, "", "", outcome, judgement)
                    verdicts[place] = _grade_of(record, held)
        left = [place for place in range(len(answers)) if place not in verdicts]
        judged = judge(
            [answers[place] for place in left],
            [task_ids[place] for place in left],
            self.task,
            form=self.form,
            sandbox=self.sandbox,
            **self.limits,
        )
        for place, found in zip(left, judged, strict=True):
            verdicts[place] = _grade_of(found, float(found.confirmed is True) if shares else None)
        for place, grade in verdicts.items():
            if grade.verdict is Verdict.PASSED and grade.confirmed is None and grade.judged:
                task_id = task_ids[place]
                if self.has_references and task_id not in self.confirmed_references:
                    problem = next(each for each in self.task.problems if each.task_id == task_id)
                    reference = self.task.reference(problem)
                    [found] = judge([reference], [task_id], self.task, form=AnswerForm.PROGRAM, sandbox=self.sandbox)
                    self.confirmed_references[task_id] = found.confirmed is True
                confirmable = not self.has_references or self.confirmed_references[task_id]
                verdicts[place] = replace(grade, confirmable=confirmable)
        return [verdicts[place] for place in range(len(answers))]

    def _counted_programs(self, answers: Sequence[str], task_ids: Sequence[str]) -> Iterator[tuple[int, Program]]:
        problems: dict[str, Problem] = {problem.task_id: problem for problem in self.task.problems}
        # Samples of one problem follow each other: see `sandbox.pool.backlog`.
        for place in sorted(range(len(answers)), key=lambda place: task_ids[place]):
            if task_ids[place] not in problems:
                continue  # `judge` words the error
            sample = Sample(problems[task_ids[place]], place, [answers[place]], self.form, self.limits)
            try:
                program = build_program(self.task, sample)
            except NotReadError:
                continue
            if program and (reworded := counted(program)):
                yield place, reworded


def _grade_of(found: AnswerVerdict | VerdictRecord, share: float | None) -> Grade:
    return Grade(
        found.verdict,
        found.detail,
        found.confirmed,
        share,
        tests=found.tests,
        tests_held=found.tests_held,
        failing=found.failing,
    )

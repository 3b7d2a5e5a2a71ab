"""Reads judged samples out of run folders."""

import ast
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.runs.run import Run, reopen_run
from harness.runs.verdict_log import read_summaries
from tasks.task import AnswerForm
from tasks.verdict import Verdict

Messages = tuple[Mapping[str, str], ...]
_FOR_TRAINING = frozenset({"train", "validation", "prompt"})
"""Splits that nobody scores a model on."""


@dataclass(frozen=True, slots=True)
class SourceRun:
    """A run folder that rows come from."""

    name: str
    sha256: str
    """Over config.toml, completions.jsonl and verdicts.jsonl."""
    model: str
    task: str
    data: str
    """The file of own problems; empty for a benchmark's own."""
    is_benchmark: bool
    """Whether its problems are those that models are scored on."""


@dataclass(frozen=True, slots=True)
class JudgedSample:
    """One answer to one problem, and what it was found to be."""

    run: SourceRun
    task_id: str
    number: int
    language: str
    prompt: Messages
    response: str
    """What a model should say: the answer of a chat; for a continuation its program, in a fence."""
    code: str
    verdict: Verdict
    confirmed: bool | None
    whole: bool
    """False where the answer was cut or refused."""

    @property
    def problem(self) -> tuple[str, str, str]:
        """Samples of several runs over the same problem belong together."""
        return self.run.task, self.run.data, self.task_id

    @property
    def same_as(self) -> str:
        """What two samples share that are the same but for comments and layout."""
        if self.language == "python":
            try:
                return ast.dump(ast.parse(self.code))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                pass
        return "".join(self.code.split())


def read_samples(path: Path, data: str = "") -> Iterator[JudgedSample]:
    """The judged samples of a run folder; `data` is as in `wavebench eval`. Raises WavebenchError."""
    with reopen_run(path, {"data": data} if data else None) as run:
        source = _source(run, path)
        problems = {problem.task_id: problem for problem in run.problems}
        for (task_id, number), summary in read_summaries(run.folder.verdicts.path).items():
            if task_id not in problems or summary.verdict is Verdict.NOT_JUDGED:
                continue
            problem = problems[task_id]
            turns = run.folder.completions.turns((task_id, number))
            prompt = run.task.prompt(problem, [turn.completion for turn in turns[:-1]])
            if not turns or prompt is None:
                continue
            messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
            if prompt.text is not None:
                messages = [{"role": "user", "content": prompt.text}]
            answers = [turn.completion for turn in turns]
            form = run.config.form_of(turns)
            code = run.task.extract(problem, answers, form).code
            response = f"```{problem.language}\n{code.strip()}\n```"
            if prompt.text is None and form is AnswerForm.AUTO:
                said = turns[-1].completion
                response = said if said.startswith(prompt.prefill) else prompt.prefill + said
            yield JudgedSample(
                run=source,
                task_id=task_id,
                number=number,
                language=problem.language,
                prompt=tuple(messages),
                response=response,
                code=code,
                verdict=summary.verdict,
                confirmed=summary.confirmed,
                whole=all(turn.loss is None for turn in turns),
            )


def _source(run: Run, path: Path) -> SourceRun:
    digest = hashlib.sha256()
    for file in (run.folder.config_file, run.folder.completions.path, run.folder.verdicts.path):
        digest.update(file.read_bytes())
    own = bool(run.config.data) and Path(run.config.data).is_file()
    return SourceRun(
        name=path.name,
        sha256=digest.hexdigest(),
        model=run.config.model,
        task=run.config.task,
        data=run.config.data if own else "",
        is_benchmark=not own and run.config.split not in _FOR_TRAINING,
    )

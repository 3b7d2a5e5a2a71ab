"""report.html: one page of the whole run that opens from disk and asks no other machine for anything."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.completion import Loss
from harness.files.atomic_write import write_whole
from harness.judging.explanation import feature_missing
from harness.pages.frame import page_environment
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord, index_verdicts
from harness.scoring.score import Score
from tasks.task import Candidate, Problem
from tasks.verdict import Verdict

PAGE_CHARACTERS = 24_000_000
"""What the texts of one page share; browsers stay quick with that much."""
SHORTEST_CUT, LONGEST_CUT = 400, 12_000
"""Bounds of how much of one text is shown."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as the page shows it."""

    shown: str
    cut: int
    """Characters left out."""


@dataclass(frozen=True, slots=True)
class SampleView:
    """One sample on the page."""

    number: int
    verdict: Verdict | None
    """None when it is not judged yet."""
    confirmation: str
    """confirmed, refuted or unconfirmed; empty for what did not pass, and where nothing was tried."""
    detail: str
    facts: str
    tests: str
    """How many assertions held, and the first that did not; empty where the tests tell none."""
    completions: Sequence[Text]
    finish: str
    code: Text | None
    """None when it is the completion word for word."""
    rule: str
    stderr: Text
    candidates: Sequence[Candidate]
    """What was looked at besides; empty where the answer is one piece, or the page is full."""
    newer_feature: str
    """What the failed code uses that is newer than the toolchain; empty for nothing."""

    @property
    def word(self) -> str:
        """The verdict in words."""
        return self.verdict.value if self.verdict else "waiting"


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One problem on the page."""

    task_id: str
    language: str
    passed: int
    prompt: Text
    samples: Sequence[SampleView]


def write_report(run: Run, score: Score) -> None:
    """Writes report.html, one problem in memory at a time."""
    page = page_environment("harness.scoring").get_template("report.html.jinja")
    newer_features = Counter[str]()  # filled while the page is written, and shown at its end
    write_whole(
        run.folder.report_file,
        page.generate(
            run=run,
            score=score,
            manifest=run.folder.manifest(),
            verdicts=list(Verdict),
            losses=list(Loss),
            problems=_problems(run, newer_features),
            newer_features=newer_features,
        ),
    )


def _problems(run: Run, newer_features: Counter[str]) -> Iterator[ProblemView]:
    """Keeps where each verdict begins in the file, not the verdicts: they may hold long last words.

    Counts into `newer_features` what failed samples lack of their toolchain.
    """
    numbers: dict[str, list[int]] = {}
    for task_id, number in run.folder.completions.samples():
        numbers.setdefault(task_id, []).append(number)
    # Read one by one as the page is written: memory stays flat.
    begins = index_verdicts(run.folder.verdicts)
    # Every sample shows up to three texts, so that many samples show less of each.
    share = PAGE_CHARACTERS // (3 * max(1, len(run.folder.completions)))
    limit = max(SHORTEST_CUT, min(LONGEST_CUT, share))
    for problem in run.problems:
        samples = [
            _view(run, problem, number, begins.get((problem.task_id, number)), limit)
            for number in sorted(numbers.get(problem.task_id, ()))
        ]
        newer_features.update(sample.newer_feature for sample in samples if sample.newer_feature)
        passed = sum(sample.verdict is not None and sample.verdict.passes_upstream for sample in samples)
        prompt = run.task.prompt(problem, ())
        text = prompt.as_text if prompt else ""
        yield ProblemView(problem.task_id, problem.language, passed, _cut(text, LONGEST_CUT), samples)


def _view(run: Run, problem: Problem, number: int, begin: int | None, limit: int) -> SampleView:
    judged = None if begin is None else run.folder.verdicts.read_at(begin)
    turns = run.folder.completions.turns((problem.task_id, number))
    answers = [turn.completion for turn in turns]
    extraction = run.task.extract(problem, answers, run.config.form_of(turns))
    # To list candidates takes as long as to find the code: not for thousands of samples that passed.
    candidates = extraction.candidates if judged and judged.verdict is not Verdict.PASSED else ()
    confirmation = ""
    if judged and judged.verdict.passes_upstream and run.config.confirm:
        confirmation = {True: "confirmed", False: "refuted", None: "unconfirmed"}[judged.confirmed]
    facts = ""
    if judged:
        facts = (
            "did not have to run"
            if judged.ending is None
            else f"{judged.ending.value} · {judged.cpu_seconds:.3f} s of processor time · "
            f"{judged.wall_seconds:.3f} s in all · {judged.memory_mb:.0f} MB"
        )
    return SampleView(
        number=number,
        verdict=judged.verdict if judged else None,
        confirmation=confirmation,
        detail=judged.detail if judged else "",
        facts=facts,
        tests=_tests_of(judged) if judged else "",
        completions=[_cut(answer, limit) for answer in answers],
        finish=turns[-1].finish_reason,
        code=None if extraction.code == answers[-1] else _cut(extraction.code, limit),
        rule=extraction.rule,
        stderr=_cut(judged.stderr if judged else "", limit),
        candidates=candidates if len(candidates) > 1 and limit > SHORTEST_CUT else (),
        newer_feature=feature_missing(judged, problem.language, extraction.code) if judged else "",
    )


def _tests_of(judged: VerdictRecord) -> str:
    if judged.tests is None:
        return ""
    held = f"{judged.tests_held} of {judged.tests} tests held"
    failing = judged.failing
    if failing is None:
        return held
    parts = [failing.call, f"expected {failing.expected}" if failing.expected else "", f"got {failing.got}"]
    return f"{held}; the first that did not: {', '.join(part for part in parts if part)}"


def _cut(text: str, limit: int) -> Text:
    return Text(text[:limit], max(0, len(text) - limit))

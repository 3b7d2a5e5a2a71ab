"""One instruction row with all that led to it: raw code, teacher, prompts, checks, verdict and execution."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from datagen.rows.raw_function import Origin

RULES = "rules"
"""The teacher of rows that no model wrote (`Example.teacher`)."""


class TaskType(StrEnum):
    """The four tasks of CodeOcean."""

    GENERATION = "generation"
    """Write code that does what the instruction says."""
    SUMMARIZATION = "summarization"
    """Say what the given code does."""
    REPAIR = "repair"
    """Fix the given code."""
    TRANSLATION = "translation"
    """Write the given code in another language."""


class Opinion(StrEnum):
    """What the discriminator thinks of a row. Three answers, never two."""

    GOOD = "good"
    """Every rule holds."""
    BAD = "bad"
    """At least one rule does not."""
    UNPARSEABLE = "unparseable"
    """Its answer could not be read, or contradicts itself; the row itself may be good or bad."""


class Fact(StrEnum):
    """The result of executing a row."""

    PROVEN = "proven"
    """Its examples ran: the right version passes, and for repair the faulty one fails."""
    REFUTED = "refuted"
    """They ran, and the right version fails or the faulty one passes."""
    NOT_JUDGED = "not judged"
    """There was something to run, but it cannot run here; the row itself may be right or wrong."""
    NOTHING_TO_RUN = "nothing to run"
    """The row has no examples or asserts."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """One message of a prompt, exactly as it was sent."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class TeacherCall:
    """One question to a teacher and its answer."""

    model: str
    messages: tuple[ChatTurn, ...]
    answer: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    seed: int
    shown: tuple[str, ...] = ()
    """Ids of the rows that stood in the prompt as examples."""


@dataclass(frozen=True, slots=True)
class ReviewCheck:
    """One rule of a discriminator and its answer."""

    rule: str
    passed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Review:
    """The discriminator's verdict: rule by rule, then overall."""

    reviewer: str
    opinion: Opinion
    checks: tuple[ReviewCheck, ...] = ()
    reasons: str = ""
    call: TeacherCall | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """What the sandbox found, in words that do not change from run to run."""

    fact: Fact
    detail: str = ""
    context: str = ""
    """Where the code ran: `alone` or in its `module`."""
    examples: int = 0
    """How many examples or asserts ran."""


@dataclass(frozen=True, slots=True)
class Example:
    """One row of the pool. Accepted ones become rows of the data set."""

    task: TaskType
    instruction: str
    input: str
    output: str
    language: str
    function_id: str
    function_name: str
    origin: Origin
    teacher: str
    """`rules`, or the name of the model that wrote it."""
    wording: str
    """Hash of the wordings or templates behind the row."""
    core_rank: int
    """Place of its raw code in the core set."""
    target_language: str = ""
    bug_type: str = ""
    """Of a planted fault, one of HumanEvalPack's six."""
    review: Review = field(default_factory=lambda: Review("", Opinion.UNPARSEABLE))
    execution: Execution = field(default_factory=lambda: Execution(Fact.NOTHING_TO_RUN))
    tests: str = ""
    """Asserts that a teacher wrote for its own solution."""
    call: TeacherCall | None = None

    @property
    def example_id(self) -> str:
        """Identity by content and raw code."""
        text = json.dumps([self.task, self.instruction, self.input, self.output, self.function_id])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

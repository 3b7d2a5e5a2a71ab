"""The generator and discriminator loop over any model: a window of rows, each fed by verdicts a fixed distance before.

The prompt of a row is settled when the row `lag_rows` before it is filed: its examples come from the database as it
stood then, and rows are filed in order. So the order in which answers arrive changes nothing, no row waits for others
than that one, and a second start asks only what was not answered.
"""

import hashlib
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from datagen.config import LoopConfig, RoleConfig
from datagen.rows.example import ChatTurn, Example, Opinion, Review, TaskType, TeacherCall
from datagen.rows.raw_function import RawFunction
from datagen.teachers.answer_cache import TeacherAnswers, answer_key
from datagen.teachers.answers import MalformedAnswerError, parse_review, parse_row
from datagen.teachers.desk import Desk, Question, Speaker
from datagen.teachers.example_database import ExampleDatabase
from datagen.teachers.prompts import COPIES_INPUT, asked_again, discriminator_prompt, generator_prompt
from datagen.teachers.rules_discriminator import word_stems
from datagen.teachers.seed_examples import seed_examples
from datagen.teachers.wording import Wording
from harness.completion import Completion
from harness.model import Model, ModelError, Request
from tasks.prompt import Prompt

_GENERATE, _JUDGE = 0, 1
_MIDDLE = 0.5
_OTHER = {True: 0.3, False: 0.7}
"""Temperature of a second try, by whether that of the first lies above the middle."""
_FEWEST_WORDS = 4
"""Raw code with fewer words of its own may be described without any of them."""
_TARGETS = ("python", "java", "javascript", "go", "cpp", "csharp", "php", "ruby", "rust")


@dataclass(frozen=True, slots=True)
class Roles:
    """Who writes and who judges."""

    generator: Speaker
    discriminator: Speaker


@dataclass(slots=True)
class LoopCounts:
    """What became of the calls."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    tokens: Counter[str] = field(default_factory=Counter[str])
    """Of every answer, malformed and cached ones too, by role and kind."""


@dataclass(slots=True)
class _RowUnderWay:
    """One function's row on its way to a verdict."""

    plan: "_RowPlan"
    first_prompt: Prompt
    """Of the role that is asked now."""
    prompt: Prompt
    attempt: int = 0
    row: Example | None = None
    is_finished: bool = False
    tokens: Counter[str] = field(default_factory=Counter[str])


@dataclass(slots=True)
class LlmTeacher:
    """Writes and judges rows until every task has what the mixture asks for or the functions are used up."""

    roles: Roles
    wordings: Mapping[TaskType, Wording]
    mixture: Mapping[TaskType, int]
    config: LoopConfig
    seed: int
    cache: TeacherAnswers
    lag_rows: int
    """How many rows are under way at most, and how far behind the examples of a row are."""
    prices: Mapping[str, RoleConfig] = field(default_factory=dict[str, RoleConfig])
    """Each role with what its tokens cost."""
    counts: LoopCounts = field(default_factory=LoopCounts)
    progress: Callable[[int], None] = lambda rows: None  # noqa: ARG005

    def rows(self, functions: Iterable[RawFunction]) -> Iterator[Example]:
        """Every row, accepted or not, in the order of the functions."""
        database = ExampleDatabase(self.config.database_capacity)
        accepted: Counter[TaskType] = Counter()
        filed = unusable = 0
        source = enumerate(functions)
        window: deque[_RowUnderWay] = deque()
        by_name: dict[str, _RowUnderWay] = {}
        with Desk(self.cache) as desk:
            while True:
                # Only what is filed decides, never what has arrived: so a second start begins the same rows.
                while len(window) < self.lag_rows and (begun := self._begin(source, accepted, database, filed, window)):
                    window.append(begun)
                    by_name[begun.plan.function.function_id] = begun
                    desk.ask(self._question(begun))
                if not window:
                    return
                while not window[0].is_finished:
                    question, answer = desk.next_answer()
                    under_way = by_name[question.request.task_id]
                    self._take_answer(under_way, answer)
                    if not under_way.is_finished:
                        desk.ask(self._question(under_way))
                done = window.popleft()
                del by_name[done.plan.function.function_id]
                filed += 1
                self.counts.tokens.update(done.tokens)
                row = done.row
                assert row is not None
                database.file(row)
                accepted[row.task] += row.review.opinion is Opinion.GOOD
                unusable = 0 if row.output else unusable + 1
                if unusable >= self.config.stop_after_unusable:
                    raise ModelError(
                        f"The last {unusable} answers of {self.roles.generator.model.name!r} could not be used, the "
                        f"last since {row.review.reasons}: look at them in the data set's cache, and use another "
                        f"model, max_tokens or json_mode. What was answered is kept."
                    )
                yield row
                self.progress(1)

    def _begin(
        self,
        source: "enumerate[RawFunction]",
        accepted: Mapping[TaskType, int],
        database: ExampleDatabase,
        filed: int,
        window: Sequence[_RowUnderWay],
    ) -> _RowUnderWay | None:
        """The next row, or None where no more are wanted, affordable or to be had."""
        open_tasks = [task for task in TaskType if accepted.get(task, 0) < self.mixture.get(task, 0)]
        if not open_tasks:
            return None
        # What is under way will cost about what the rows before did.
        if self.config.most_cost and filed and self.cost() * (filed + len(window)) / filed >= self.config.most_cost:
            self.counts.outcomes["stopped: the answers cost what they may"] = 1
            return None
        rank, function = next(source, (0, None))
        if function is None:
            return None
        plan = self._plan(function, rank, open_tasks, database)
        prompt = plan.generator_prompt(self.wordings)
        return _RowUnderWay(plan, prompt, prompt)

    def _question(self, under_way: _RowUnderWay) -> Question:
        turn = _GENERATE if under_way.row is None else _JUDGE
        speaker = self.roles.generator if turn == _GENERATE else self.roles.discriminator
        sampling, attempt = speaker.sampling, under_way.attempt
        if attempt:  # the same question at the same temperature often gets the same answer
            sampling = replace(sampling, temperature=_OTHER[sampling.temperature > _MIDDLE])
        name = under_way.plan.function.function_id
        request = Request(name, attempt, turn, under_way.prompt, _request_seed(self.seed, name, attempt, turn))
        return Question(speaker, sampling, request, answer_key(speaker.model, request, sampling))

    def _take_answer(self, under_way: _RowUnderWay, answer: Completion) -> None:
        """Brings a row one answer further."""
        plan, prompt, row = under_way.plan, under_way.prompt, under_way.row
        role = "generator" if row is None else "discriminator"
        under_way.tokens[f"tokens: {role} prompt"] += answer.prompt_tokens
        under_way.tokens[f"tokens: {role} completion"] += answer.completion_tokens
        if row is None:
            written, reason = self._row(plan, prompt, answer, under_way.attempt)
            if written is not None:
                under_way.row, under_way.attempt, under_way.is_finished = written, 0, not written.output
                if written.output:
                    under_way.first_prompt = under_way.prompt = plan.discriminator_prompt(self.wordings, written)
                return
        else:
            review = self._review(plan, prompt, answer, under_way.attempt)
            under_way.row, reason = replace(row, review=review), review.reasons
            if review.opinion is not Opinion.UNPARSEABLE or under_way.attempt + 1 == self.config.attempts:
                under_way.is_finished = True
                return
        under_way.attempt += 1
        under_way.prompt = asked_again(under_way.first_prompt, answer.completion, reason)

    def cost(self) -> float:
        """Money that all answers so far cost, cached ones too, so that a second start stops at the same row."""
        spent = self.counts.tokens
        return (
            sum(
                spent[f"tokens: {role} prompt"] * each.price_prompt
                + spent[f"tokens: {role} completion"] * each.price_completion
                for role, each in self.prices.items()
            )
            / 1e6
        )

    def _plan(
        self, function: RawFunction, rank: int, open_tasks: Sequence[TaskType], database: ExampleDatabase
    ) -> "_RowPlan":
        generator = random.Random(f"{self.seed}:{function.function_id}")
        task = generator.choices(open_tasks, [self.mixture[task] for task in open_tasks])[0]
        target = generator.choice([name for name in _TARGETS if name != function.language])
        shown: list[tuple[Example, ...]] = []
        for opinion, count in ((Opinion.GOOD, self.config.good_examples), (Opinion.BAD, self.config.bad_examples)):
            drawn = database.draw(task, opinion, count, generator)
            # The first rows have no rows of their own to show.
            shown.append((*drawn, *seed_examples(task, opinion)[: count - len(drawn)]))
        return _RowPlan(function, rank, task, target if task is TaskType.TRANSLATION else "", shown[0], shown[1])

    def _row(self, plan: "_RowPlan", prompt: Prompt, answer: Completion, attempt: int) -> tuple[Example | None, str]:
        """The row, or None and why the answer has to be asked for again."""
        reason = _find_defect(answer)
        try:
            if reason:
                raise MalformedAnswerError(reason)
            row = parse_row(answer.completion, plan.task)
            # A row that shares no word with the raw code was made up, or copied from an example.
            raw = word_stems(f"{plan.function.code} {plan.function.docstring} {plan.function.name}")
            said = word_stems(f"{row.instruction} {row.information} {row.solution}")
            if len(raw) >= _FEWEST_WORDS and not raw & said:
                raise MalformedAnswerError("the row is about other code than the raw code")
        except MalformedAnswerError as error:
            last = attempt + 1 == self.config.attempts
            self.counts.outcomes[f"generator: {reason or 'malformed'}{'' if last else ', asked again'}"] += 1
            return (self._reject(plan, prompt, answer, str(error)) if last else None), str(error)
        self.counts.outcomes["generator: written"] += 1
        whole = replace(
            self._reject(plan, prompt, answer, ""),
            instruction=row.instruction,
            input=plan.function.code if plan.task in COPIES_INPUT else row.information,
            output=row.solution,
            tests=row.tests,
        )
        return whole, ""

    def _reject(self, plan: "_RowPlan", prompt: Prompt, answer: Completion, reason: str) -> Example:
        """A row without contents that still keeps its prompt, its answer and the reason."""
        return Example(
            task=plan.task,
            instruction="",
            input="",
            output="",
            language=plan.function.language,
            target_language=plan.target,
            function_id=plan.function.function_id,
            function_name=plan.function.name,
            origin=plan.function.origin,
            teacher=self.roles.generator.model.name,
            wording=self.wordings[plan.task].sha256,
            core_rank=plan.rank,
            review=Review("parser", Opinion.UNPARSEABLE, reasons=reason),
            call=_call(self.roles.generator.model, prompt, answer, self._seed(plan.function.function_id, answer), plan),
        )

    def _review(self, plan: "_RowPlan", prompt: Prompt, answer: Completion, attempt: int) -> Review:
        name = self.roles.discriminator.model.name
        call = _call(
            self.roles.discriminator.model, prompt, answer, self._seed(plan.function.function_id, answer), plan
        )
        reason = _find_defect(answer)
        try:
            if reason:
                raise MalformedAnswerError(reason)
            review = parse_review(answer.completion, self.wordings[plan.task].rules)
        except MalformedAnswerError as error:
            again = "" if attempt + 1 == self.config.attempts else ", asked again"
            self.counts.outcomes[f"discriminator: {reason or 'unparseable'}{again}"] += 1
            return Review(name, Opinion.UNPARSEABLE, reasons=str(error), call=call)
        self.counts.outcomes[f"discriminator: {review.opinion.value}"] += 1
        return Review(name, review.opinion, review.checks, review.reasons, call)

    def _seed(self, name: str, answer: Completion) -> int:
        return _request_seed(self.seed, name, answer.sample, answer.turn)


@dataclass(frozen=True, slots=True)
class _RowPlan:
    """What will be asked for one function."""

    function: RawFunction
    rank: int
    task: TaskType
    target: str
    good: tuple[Example, ...]
    bad: tuple[Example, ...]

    def generator_prompt(self, wordings: Mapping[TaskType, Wording]) -> Prompt:
        return generator_prompt(wordings[self.task], self.function, self.target, self.good, self.bad)

    def discriminator_prompt(self, wordings: Mapping[TaskType, Wording], row: Example) -> Prompt:
        return discriminator_prompt(wordings[self.task], self.function, row, self.good, self.bad)

    @property
    def shown(self) -> tuple[str, ...]:
        return tuple(row.example_id for row in (*self.good, *self.bad))


def _request_seed(seed: int, name: str, attempt: int, turn: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}:{name}:{attempt}:{turn}".encode()).digest()[:4]) >> 1


def _find_defect(answer: Completion) -> str:
    """Why an answer need not be read: refused, cut off or empty."""
    match answer.finish_reason:
        case "refusal" | "content_filter":
            return "refused"
        case "length":
            return "cut off"
        case _:
            return "" if answer.completion.strip() else "empty"


def _call(model: Model, prompt: Prompt, answer: Completion, seed: int, plan: _RowPlan) -> TeacherCall:
    return TeacherCall(
        model=model.name,
        messages=tuple(ChatTurn(message.role, message.content) for message in prompt.messages),
        answer=answer.completion,
        finish_reason=answer.finish_reason,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        seed=seed,
        shown=plan.shown,
    )

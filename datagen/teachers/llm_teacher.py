"""The generator and discriminator loop over any model: rounds of rows, each fed by the verdicts of those before.

A round's prompts are settled before its first answer: examples come from the database as it stood when the round
began, and verdicts are filed in the order of the rows. So the order in which answers arrive changes nothing, and a
second start asks only what was not answered.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from datagen.config import LoopConfig, RoleConfig
from datagen.rows.example import ChatTurn, Example, Opinion, Review, TaskType, TeacherCall
from datagen.rows.raw_function import RawFunction
from datagen.teachers.answer_cache import TeacherAnswers
from datagen.teachers.answers import MalformedAnswerError, parse_review, parse_row
from datagen.teachers.example_database import ExampleDatabase
from datagen.teachers.prompts import COPIES_INPUT, asked_again, discriminator_prompt, generator_prompt
from datagen.teachers.rules_discriminator import word_stems
from datagen.teachers.seed_examples import seed_examples
from datagen.teachers.wording import Wording
from harness.completion import Completion
from harness.model import Model, ModelError, Request, Sampling
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
    """Who writes, who judges, and how each draws its tokens."""

    generator: Model
    discriminator: Model
    generator_sampling: Sampling
    discriminator_sampling: Sampling


@dataclass(slots=True)
class LoopCounts:
    """What became of the calls."""

    outcomes: Counter[str] = field(default_factory=Counter[str])
    tokens: Counter[str] = field(default_factory=Counter[str])
    """Of every answer, malformed and cached ones too, by role and kind."""


@dataclass(slots=True)
class LlmTeacher:
    """Writes and judges rows until every task has what the mixture asks for or the functions are used up."""

    roles: Roles
    wordings: Mapping[TaskType, Wording]
    mixture: Mapping[TaskType, int]
    config: LoopConfig
    seed: int
    cache: TeacherAnswers
    prices: Mapping[str, RoleConfig] = field(default_factory=dict[str, RoleConfig])
    """Each role with what its tokens cost."""
    counts: LoopCounts = field(default_factory=LoopCounts)
    progress: Callable[[int], None] = lambda rows: None  # noqa: ARG005

    def rows(self, functions: Sequence[RawFunction]) -> Iterator[Example]:
        """Every row, accepted or not, in the order of the functions."""
        database = ExampleDatabase(self.config.database_capacity)
        accepted: Counter[TaskType] = Counter()
        unusable = 0
        for begin in range(0, len(functions), self.config.round_rows):
            open_tasks = [task for task in TaskType if accepted[task] < self.mixture.get(task, 0)]
            if not open_tasks:
                return
            if self.config.most_cost and self.cost() >= self.config.most_cost:
                self.counts.outcomes["stopped: the answers cost what they may"] += 1
                return
            batch = functions[begin : begin + self.config.round_rows]
            plans = [self._plan(function, begin + place, open_tasks, database) for place, function in enumerate(batch)]
            for row in self._judge(self._write(plans)):
                database.file(row)
                accepted[row.task] += row.review.opinion is Opinion.GOOD
                unusable = 0 if row.output else unusable + 1
                if unusable >= self.config.stop_after_unusable:
                    raise ModelError(
                        f"The last {unusable} answers of {self.roles.generator.name!r} could not be used, the last "
                        f"since {row.review.reasons}: look at them in the data set's cache, and use another model, "
                        f"max_tokens or json_mode. What was answered is kept."
                    )
                yield row
            self.progress(len(batch))

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
    ) -> "_RoundPlan":
        generator = random.Random(f"{self.seed}:{function.function_id}")
        task = generator.choices(open_tasks, [self.mixture[task] for task in open_tasks])[0]
        target = generator.choice([name for name in _TARGETS if name != function.language])
        shown: list[tuple[Example, ...]] = []
        for opinion, count in ((Opinion.GOOD, self.config.good_examples), (Opinion.BAD, self.config.bad_examples)):
            drawn = database.draw(task, opinion, count, generator)
            # The first rounds have no rows of their own to show.
            shown.append((*drawn, *seed_examples(task, opinion)[: count - len(drawn)]))
        return _RoundPlan(function, rank, task, target if task is TaskType.TRANSLATION else "", shown[0], shown[1])

    def _write(self, plans: Sequence["_RoundPlan"]) -> "list[tuple[_RoundPlan, Example | None]]":
        """A row for each plan; None where every attempt was malformed, refused or cut off."""
        written: dict[str, Example] = {}
        prompts = {plan.function.function_id: plan.generator_prompt(self.wordings) for plan in plans}
        for attempt in range(self.config.attempts):
            missing = [plan for plan in plans if plan.function.function_id not in written]
            asked = {plan.function.function_id: prompts[plan.function.function_id] for plan in missing}
            answers = self._ask(self.roles.generator, asked, attempt, _GENERATE, self.roles.generator_sampling)
            for plan in missing:
                name = plan.function.function_id
                row, reason = self._row(plan, prompts[name], answers[name], attempt)
                if row is not None:
                    written[name] = row
                else:
                    first = plan.generator_prompt(self.wordings)
                    prompts[name] = asked_again(first, answers[name].completion, reason)
        return [(plan, written.get(plan.function.function_id)) for plan in plans]

    def _row(self, plan: "_RoundPlan", prompt: Prompt, answer: Completion, attempt: int) -> tuple[Example | None, str]:
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

    def _reject(self, plan: "_RoundPlan", prompt: Prompt, answer: Completion, reason: str) -> Example:
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
            teacher=self.roles.generator.name,
            wording=self.wordings[plan.task].sha256,
            core_rank=plan.rank,
            review=Review("parser", Opinion.UNPARSEABLE, reasons=reason),
            call=_call(self.roles.generator, prompt, answer, self._seed(plan.function.function_id, answer), plan),
        )

    def _judge(self, written: "list[tuple[_RoundPlan, Example | None]]") -> list[Example]:
        """The same rows with the discriminator's verdicts; malformed verdicts are asked for again."""
        rows = {plan.function.function_id: row for plan, row in written if row is not None}
        plans = {plan.function.function_id: plan for plan, _ in written}
        open_rows = {name: row for name, row in rows.items() if row.output}
        first = {name: plans[name].discriminator_prompt(self.wordings, row) for name, row in open_rows.items()}
        answers: dict[str, Completion] = {}
        for attempt in range(self.config.attempts):
            prompts = {
                name: asked_again(first[name], answers[name].completion, row.review.reasons) if attempt else first[name]
                for name, row in open_rows.items()
                if row.review.opinion is Opinion.UNPARSEABLE
            }
            answers = self._ask(self.roles.discriminator, prompts, attempt, _JUDGE, self.roles.discriminator_sampling)
            for name, prompt in prompts.items():
                open_rows[name] = replace(
                    open_rows[name], review=self._review(plans[name], prompt, answers[name], attempt)
                )
        return [open_rows.get(name, row) for name, row in rows.items()]

    def _review(self, plan: "_RoundPlan", prompt: Prompt, answer: Completion, attempt: int) -> Review:
        name = self.roles.discriminator.name
        call = _call(self.roles.discriminator, prompt, answer, self._seed(plan.function.function_id, answer), plan)
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

    def _ask(
        self, model: Model, prompts: Mapping[str, Prompt], attempt: int, turn: int, sampling: Sampling
    ) -> dict[str, Completion]:
        if attempt:  # the same question at the same temperature often gets the same answer
            sampling = replace(sampling, temperature=_OTHER[sampling.temperature > _MIDDLE])
        requests = [
            Request(name, attempt, turn, prompt, _request_seed(self.seed, name, attempt, turn))
            for name, prompt in prompts.items()
        ]
        answers = {answer.task_id: answer for answer in self.cache.answer(model, requests, sampling)}
        role = "generator" if turn == _GENERATE else "discriminator"
        self.counts.tokens[f"tokens: {role} prompt"] += sum(each.prompt_tokens for each in answers.values())
        self.counts.tokens[f"tokens: {role} completion"] += sum(each.completion_tokens for each in answers.values())
        return answers

    def _seed(self, name: str, answer: Completion) -> int:
        return _request_seed(self.seed, name, answer.sample, answer.turn)


@dataclass(frozen=True, slots=True)
class _RoundPlan:
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


def _call(model: Model, prompt: Prompt, answer: Completion, seed: int, plan: _RoundPlan) -> TeacherCall:
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

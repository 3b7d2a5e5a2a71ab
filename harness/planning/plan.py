"""Before a run: how many problems and samples detect a difference, and what they cost in tokens and money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.models.prices import load_prices
from harness.planning.pilot import Pilot, read_pilot, spread_between
from harness.runs.config import RunConfig
from harness.runs.run import load_task
from harness.runs.settings import ConfigError
from harness.statistics.power import POWER, Spread
from tasks.task import Task

SAMPLES = (1, 2, 5, 10, 20, 50, 100)
CHARACTERS_PER_TOKEN = 2.5
"""A cautious guess where no earlier run counted: SmolLM2 makes 3.2 of HumanEval and 2.4 of MBPP into one token."""
DISCORDANT = 0.15
"""The usual share of problems on which two models of similar strength disagree; 0.05 to 0.3 have been seen."""
NOISE = 0.5
"""The assumed share of that due to random sampling, at a temperature above 0."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Of one sample of every problem, all turns together."""

    prompt: float
    completion: float
    """At most, or as in the pilot run."""
    counted: bool
    """Counted by an earlier run; otherwise estimated from the prompts' length and the limit of new tokens."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One choice of samples per problem: what it detects and costs."""

    samples: int
    problems_needed: int
    enough: bool
    """Whether the tasks have as many problems."""
    detectable: float
    """The smallest difference that they detect with the asked power, as a share of 1."""
    prompt_tokens: int
    """Of one model's run over all problems."""
    completion_tokens: int
    dollars: float | None
    """None where the price is not known."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What it takes to detect a difference."""

    difference: float
    power: float
    problems: int
    spread: Spread
    measured: bool
    """Whether the spread comes from two earlier runs."""
    tokens: Tokens
    rows: Sequence[PlanRow]

    @property
    def best(self) -> PlanRow | None:
        """The first, and so the cheapest, row with enough problems; None without one."""
        return next((row for row in self.rows if row.enough), None)


def plan(
    configs: Sequence[RunConfig],
    difference: float,
    *,
    power: float = POWER,
    discordant: float | None = None,
    noise: float | None = None,
    samples: int | None = None,
    pilots: Sequence[Path] = (),
) -> Plan:
    """A plan for one model's runs under `configs`, which differ in the task alone.

    Two `pilots` give the spread, any number of them the length of answers. Raises ConfigError for a value out of range.
    """
    _refuse_out_of_range(difference, power, discordant, noise)
    known = [read_pilot(folder) for folder in pilots]
    tasks = [(config, load_task(config)) for config in configs]
    problems = sum(len(_asked_problems(config, task)) for config, task in tasks)
    if len(known) == 2 and discordant is None and noise is None:
        spread = spread_between(known)
    else:
        share = DISCORDANT if discordant is None else discordant
        chance = (NOISE if configs[0].temperature > 0 else 0.0) if noise is None else noise
        spread = Spread(between=share * (1 - chance), within=share * chance)
    tokens = _tokens(tasks, known)
    kind, _, name = configs[0].model.partition(":")
    price = load_prices(configs[0].prices).find(name, configs[0].base_url or None) if kind == "api" else None
    rows: list[PlanRow] = []
    for count in (samples,) if samples else SAMPLES:
        # Without chance of sampling, further samples repeat the first: one row says everything.
        if rows and not spread.within:
            break
        needed = spread.problems_needed(difference, count, power)
        prompt, completion = round(tokens.prompt * count), round(tokens.completion * count)
        rows.append(
            PlanRow(
                samples=count,
                problems_needed=needed,
                enough=needed <= problems,
                detectable=spread.detectable(problems, count, power),
                prompt_tokens=prompt,
                completion_tokens=completion,
                dollars=price.cost(prompt, completion, in_batch=configs[0].provider_batch) if price else None,
            )
        )
    return Plan(difference, power, problems, spread, len(known) == 2 and discordant is None, tokens, rows)


def _tokens(tasks: Sequence[tuple[RunConfig, Task[Any]]], pilots: Sequence[Pilot]) -> Tokens:
    problems = sum(len(_asked_problems(config, task)) for config, task in tasks)
    # Samples made elsewhere have no tokens to learn from.
    counted = [pilot for pilot in pilots if pilot.completion_tokens]
    if counted:
        prompt = sum(pilot.prompt_tokens for pilot in counted) / len(counted)
        completion = sum(pilot.completion_tokens for pilot in counted) / len(counted)
        return Tokens(problems * prompt, problems * completion, counted=True)
    prompts = completions = 0.0
    for config, task in tasks:
        longest = "x" * round(config.max_tokens * CHARACTERS_PER_TOKEN)
        for problem in _asked_problems(config, task):
            # As if every answer were as long as may be: later turns quote those before.
            answers: list[str] = []
            while prompt := task.prompt(problem, answers):
                messages = sum(len(message.content) for message in prompt.messages)
                prompts += (len(prompt.text or "") + messages + len(prompt.prefill)) / CHARACTERS_PER_TOKEN
                answers.append(longest)
            completions += len(answers) * config.max_tokens
    return Tokens(prompts, completions, counted=False)


def _asked_problems(config: RunConfig, task: Task[Any]) -> Sequence[Any]:
    return task.problems[: config.limit]


def _refuse_out_of_range(difference: float, power: float, discordant: float | None, noise: float | None) -> None:
    ranges: Mapping[str, tuple[float | None, bool]] = {
        "detect": (difference, 0 < difference < 1),
        "power": (power, 0.5 <= power < 1),
        "discordant": (discordant, discordant is None or 0 < discordant <= 1),
        "noise": (noise, noise is None or 0 <= noise <= 1),
    }
    for name, (value, fits) in ranges.items():
        if not fits:
            raise ConfigError(
                f"{name} = {value!r} is out of range: it is a share of 1, such as --{name} {_USUAL[name]}."
            )


_USUAL = {"detect": 0.05, "power": POWER, "discordant": DISCORDANT, "noise": NOISE}

"""The scenarios of HumanEvalPack: what is asked in which turn, before a prompt style words it.

The instructions are those of bigcode-evaluation-harness, letter for letter.
"""

from dataclasses import dataclass

from tasks.humanevalpack.problem import PackProblem


@dataclass(frozen=True, slots=True)
class Turn:
    """One question of a sample."""

    name: str
    """Under which a prompt style may have wording of its own."""
    instruction: str
    """Template over a problem's fields."""
    context: str | None = None
    """Template of the code or description that the instruction is about."""
    shows_base: bool = True
    """Whether the answer continues code: not when prose is asked for."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a sample is asked, turn by turn."""

    name: str
    documented: bool
    """Whether the code that an answer continues has its documentation."""
    turns: tuple[Turn, ...]
    shows_bug: bool = False
    """Whether the model sees the buggy function."""
    published: bool = True
    """Whether others print scores of it."""

    @property
    def turn_names(self) -> tuple[str, ...]:
        return tuple(turn.name for turn in self.turns)

    def base(self, problem: PackProblem) -> str:
        """The code that an answer continues, as the prompt shows it."""
        return problem.prompt if self.documented else problem.bare


_FIX = "Fix bugs in {entry_point}."

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(
            "fix",
            documented=False,
            turns=(Turn("fix", _FIX, "{base}{buggy_solution}\n{test}"),),
            shows_bug=True,
        ),
        Scenario(
            "fixdocs",
            documented=True,
            turns=(Turn("fix", _FIX, "{base}{buggy_solution}"),),
            shows_bug=True,
            published=False,
        ),
        Scenario(
            "explain",
            documented=False,
            turns=(
                Turn(
                    "describe",
                    "Provide a concise natural language description of the code using at most {room} characters.",
                    "{base}{canonical_solution}",
                    shows_base=False,
                ),
                Turn(
                    "rebuild",
                    "Write functional code in {language} according to the description.",
                    "{description}",
                ),
            ),
        ),
        Scenario("synthesize", documented=True, turns=(Turn("synthesize", "{stripped_instruction}"),)),
        Scenario(
            "translate",
            documented=False,
            turns=(Turn("translate", "Translate this {source_language} code to {language}.", "{source}"),),
            published=False,
        ),
    )
}


def fields(
    scenario: Scenario, turn: Turn, problem: PackProblem, description: str = "", source: PackProblem | None = None
) -> dict[str, str]:
    """What a prompt style may name. `source` is the problem in the language to translate from."""
    language, base = problem.pack_language, scenario.base(problem)
    given = {
        "base": base,
        "buggy_solution": problem.buggy_solution,
        "canonical_solution": problem.canonical_solution,
        "description": description,
        "entry_point": problem.entry_point,
        "language": language.title,
        "room": str(len(problem.docstring)),
        "source": f"{source.declaration}\n{source.canonical_solution.rstrip()}" if source else "",
        "source_language": source.pack_language.title if source else "",
        "stripped_instruction": problem.instruction.strip(),
        "test": problem.test,
    }
    instruction = turn.instruction.format_map(given)
    context = None if turn.context is None else turn.context.format_map(given)
    asked = {
        "instruction": instruction,
        "context": context or "",
        "input": instruction if context is None else f"{instruction}\n{context}",
        "context_first": instruction if context is None else f"{context}\n{instruction}",
        "base": base if turn.shows_base else "",
        "declaration": problem.bare,
    }
    stripped = {f"stripped_{name}": value.strip() for name, value in asked.items()}
    file_name = f"{problem.entry_point}.{language.extension}"
    names = {
        "file_name": file_name,
        "fence": language.fence,
        "language": language.title,
        "source_fence": source.pack_language.fence if source else "",
        "source_language": given["source_language"],
    }
    return {**asked, **stripped, **names}

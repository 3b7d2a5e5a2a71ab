"""One problem of HumanEval+ or MBPP+."""

from dataclasses import dataclass
from typing import Any

from tasks.data.dataset import Row
from tasks.evalplus.inputs import humaneval_inputs, mbpp_inputs


@dataclass(frozen=True, slots=True)
class PlusProblem:
    """A function to write, a reference, and what both are called with."""

    task_id: str
    benchmark: str
    """humaneval or mbpp."""
    prompt: str
    entry_point: str
    canonical_solution: str
    """Continues the prompt."""
    base_text: str
    """The base inputs as JSON."""
    plus_text: str
    tolerance: float
    """Absolute, of floats; 0 where the row names none."""
    language: str = "python"

    @property
    def base_inputs(self) -> list[Any]:
        """An argument list each: those of the benchmark's own tests."""
        return self._inputs(self.base_text)

    @property
    def plus_inputs(self) -> list[Any]:
        """Those that EvalPlus adds."""
        return self._inputs(self.plus_text)

    @property
    def fields(self) -> dict[str, str]:
        """What a prompt style may name."""
        return {"prompt": self.prompt, "stripped_prompt": self.prompt.strip(), "entry_point": self.entry_point}

    def _inputs(self, text: str) -> list[Any]:
        if self.benchmark == "humaneval":
            return humaneval_inputs(text)
        number = self.task_id.rpartition("/")[2]
        return mbpp_inputs(int(number) if number.isdecimal() else -1, text)


def problem_from(row: Row, benchmark: str) -> PlusProblem:
    """A problem from its canonical row."""
    return PlusProblem(
        task_id=str(row["task_id"]),
        benchmark=benchmark,
        prompt=str(row["prompt"]),
        entry_point=str(row["entry_point"]),
        canonical_solution=str(row["canonical_solution"]),
        base_text=str(row["base_input"]),
        plus_text=str(row["plus_input"]),
        tolerance=float(str(row["atol"])),
    )

"""Reads the attacks: one file each, whose first comment lines say what it tries, what stops it and how it must end.

A forgery continues `PROMPT` with a wrong solution; its tests are its own `test` lines or `SQUARES`.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.program import Limits

HERE = Path(__file__).parent
PROMPT = 'def f(x):\n    """Returns the square of x."""\n'
SQUARES = ("assert candidate(2) == 4", "assert candidate(3) == 9", "assert candidate(-5) == 25")


@dataclass(frozen=True, slots=True)
class Attack:
    """One file."""

    name: str
    source: str
    attack: str
    wall: str
    verdict: str = ""
    """Of a forgery; where it depends on timing, several."""
    endings: tuple[str, ...] = ("exited",)
    """Of a program: what it may end in."""
    finished: bool = True
    """Whether a program reaches its end, having seen for itself that it got nowhere."""
    limits: Limits = field(default_factory=Limits)
    tests: tuple[str, ...] = SQUARES

    @property
    def problem(self) -> dict[str, str]:
        """A row as HumanEval has them, with a wrong reference: there is no right one to find."""
        lines = "".join(f"    {line}\n" for line in self.tests)
        return {
            "task_id": f"Forgery/{self.name}",
            "prompt": PROMPT,
            "entry_point": "f",
            "canonical_solution": "    return x * x\n",
            "test": f"def check(candidate):\n{lines}",
        }

    @property
    def completion(self) -> str:
        return f"    return 0\n\n{self.source}"


def read_attacks(folder: str) -> list[Attack]:
    """All of "forgeries" or "programs"."""
    return [_read(path) for path in sorted((HERE / folder).glob("*.py"))]


def _read(path: Path) -> Attack:
    head, _, source = path.read_text().partition("\n\n")
    said: dict[str, Any] = {"tests": ()}
    for line in head.splitlines():
        key, _, value = line.removeprefix("# ").partition(": ")
        if key == "test":
            said["tests"] += (value,)
        elif key == "limits":
            numbers = (word.split("=") for word in value.split())
            said["limits"] = Limits(**{name: int(n) if n.isdigit() else float(n) for name, n in numbers})  # type: ignore[arg-type]
        elif key == "endings":
            said["endings"] = tuple(value.split(", "))
        elif key == "finished":
            said["finished"] = value == "yes"
        else:
            said[key] = value
    if not said["tests"]:
        del said["tests"]
    return Attack(path.stem, source, **said)

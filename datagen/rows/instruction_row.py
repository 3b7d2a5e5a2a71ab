"""One row that a model is trained on."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, earlier in a conversation."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class InstructionRow:
    """What is trained on."""

    instruction: str
    input: str
    """Empty where the instruction says all."""
    output: str
    """The response."""
    origin: str = ""
    """Identity of the raw code behind the row, where it is known."""
    history: tuple[Exchange, ...] = ()
    """What was said before, in a conversation of several turns; oldest first."""
    system: str = ""
    """What a conversation's system message says."""

    @property
    def origin_sha256(self) -> str:
        """Rows of one function share it, whatever their task; of unknown origin, rows with one question do."""
        return hashlib.sha256((self.origin or f"{self.instruction}\0{self.input}").encode()).hexdigest()


def rows_sha256(rows: Sequence[InstructionRow]) -> str:
    """Identity of what is trained on, in its order, whatever file it came from."""
    digest = hashlib.sha256()
    for row in rows:
        said = [row.instruction, row.input, row.output, row.origin]
        if row.history or row.system:
            said += [row.system, *(text for each in row.history for text in (each.question, each.answer))]
        digest.update(json.dumps(said).encode() + b"\n")
    return digest.hexdigest()

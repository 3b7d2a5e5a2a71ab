"""One answer in another tool's file."""

from dataclasses import dataclass

from sandbox.errors import WavebenchError
from tasks.task import AnswerForm


class ForeignFileError(WavebenchError):
    """Another tool's file that does not hold what its format says, or not what can be judged."""


@dataclass(frozen=True, slots=True)
class ForeignSample:
    """One text and the problem that it answers."""

    task_id: str | int
    """As the tool spells it."""
    text: str
    form: AnswerForm
    sample: int | None = None
    """The number that the file gives; None where the order of the file is meant."""

"""When a text is finished: at a stop string.

A closed fenced block does not end an answer, also where the prompt asks for one block alone: it may stand inside the
model's thinking, or be a draft, a helper or an example. So every back end writes the same text, and extraction chooses.
"""

from tasks.prompt import Prompt


class StopRule:
    """The stop strings of a prompt."""

    def __init__(self, prompt: Prompt) -> None:
        # An empty stop string would end every text at once.
        self._stop = tuple(filter(None, prompt.stop))

    @property
    def longest_mark_bytes(self) -> int:
        """No stop string spans more tokens than this, as each of its tokens holds at least one of its bytes."""
        return max((len(mark.encode()) for mark in self._stop), default=0)

    def ends(self, text: str) -> bool:
        """Whether this text, as generated so far, is finished. A tail that is long enough will do."""
        return any(mark in text for mark in self._stop)

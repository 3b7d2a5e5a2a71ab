"""When a text is finished: a stop string, or the end of the one fenced block that was asked for."""

from tasks.prompt import Prompt

FENCE = "```"


class StopRule:
    """The prompt's own words for "enough"."""

    def __init__(self, prompt: Prompt) -> None:
        self._stop = tuple(filter(None, prompt.stop))
        self._prefill = prompt.prefill
        self._language = prompt.fence_language
        self._marks = (*self._stop, FENCE) if self._language else self._stop

    @property
    def longest_mark_bytes(self) -> int:
        """No mark spans more tokens than this, as each token of a mark holds at least one of its bytes."""
        return max((len(mark.encode()) for mark in self._marks), default=0)

    def may_end(self, tail: str) -> bool:
        """Whether the tail of a text gives reason to look at the whole."""
        return any(mark in tail for mark in self._marks)

    def ends(self, text: str) -> bool:
        """Whether this text, as generated so far, is finished."""
        if any(mark in text for mark in self._stop):
            return True
        return bool(self._language) and closes_fence(self._prefill + text, self._language)


def closes_fence(text: str, language: str) -> bool:
    """Whether a fenced block of this language, or of none named, is closed. Blocks of other languages pass by."""
    opened: str | None = None
    for line in text.split("\n"):
        mark = line.strip()
        if opened is None and mark.startswith(FENCE):
            opened = next(iter(mark.removeprefix(FENCE).lower().split()), "")
        elif opened is not None and mark == FENCE:
            if opened in ("", language.lower()):
                return True
            opened = None
    return False

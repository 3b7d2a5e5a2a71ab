"""What a user can get wrong about tasks and their data."""

from difflib import get_close_matches

from sandbox.errors import WavebenchError


class TaskError(WavebenchError):
    """An unknown task, style, split or problem id."""


class DataError(WavebenchError):
    """A data set that is missing, unreadable or not the one it should be."""


def unknown(what: str, asked: str, known: tuple[str, ...]) -> TaskError:
    """The error for a name that is none of `known`: says which one is closest, and all there are."""
    closest = get_close_matches(asked, known, n=1, cutoff=0.4)
    hint = f"did you mean {closest[0]!r}? " if closest else ""
    return TaskError(f"unknown {what} {asked!r}: {hint}Known are {', '.join(known)}.")

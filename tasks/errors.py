"""What a user can get wrong about tasks and their data."""

from difflib import get_close_matches

from sandbox.errors import WavebenchError


class TaskError(WavebenchError):
    """An unknown task, style, split or problem id."""


class DataError(WavebenchError):
    """A data set that is missing, unreadable or not the one it should be."""


_SHOWN = 24
"""How many names a sentence lists; of more it names the first, and the command that lists them all."""


def unknown(what: str, asked: str, known: tuple[str, ...]) -> TaskError:
    """The error for a name that is none of `known`: says which are close, and all there are where they are few."""
    closest = get_close_matches(asked, known, n=1, cutoff=0.4)
    near = [*closest, *(name for name in get_close_matches(asked, known, n=4, cutoff=0.8) if name not in closest)]
    hint = f"did you mean {', '.join(map(repr, near[:-1]))}{' or ' if near[1:] else ''}{near[-1]!r}? " if near else ""
    if len(known) <= _SHOWN:
        return TaskError(f"unknown {what} {asked!r}: {hint}Known are {', '.join(known)}.")
    few = known[: _SHOWN // 8]
    rest = len(known) - len(few)
    return TaskError(
        f"unknown {what} {asked!r}: {hint}Known are {', '.join(few)} and {rest} more, see `wavebench tasks`."
    )

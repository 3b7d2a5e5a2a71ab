"""Which inputs become a problem's tests: as few as tell every wrong version twice, then some more of other results."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from datagen.config import FEWEST_TESTS
from datagen.problems.trial import Trial

_SHOWN = 3
_TIMES = 3
"""So many tests tell each wrong version, where so many inputs do."""
_FEWEST_OF_A_RESULT = 2
_LONGEST_SHOWN = 60
_USUAL_LENGTH = 14
"""Characters of arguments that a reader takes in at a glance."""


@dataclass(frozen=True, slots=True)
class ChosenTests:
    """Pairs of arguments and result, as source text."""

    shown: tuple[tuple[str, str], ...]
    """For the prompt; empty where its documentation has examples."""
    hidden: tuple[tuple[str, str], ...]


def choose_tests(trial: Trial, has_examples: bool, most: int) -> ChosenTests | str:
    """The tests, or in words why there can be none that prove anything."""
    inputs = trial.inputs
    if len(set(inputs.values())) < 2 or len(inputs) < FEWEST_TESTS + _SHOWN:
        return "too few inputs have results that an assert can state"
    tells = Counter(text for told in (*trial.mutants, *trial.trivial) for text in told)
    # Telling ones first; of these neither the emptiest, which leave parts of a result untried, nor the longest.
    order = sorted(inputs, key=lambda text: (-tells[text], abs(len(text) - _USUAL_LENGTH), text))
    shown = [] if has_examples else _examples(trial, order)
    left = [text for text in order if text not in shown]
    wrong = [told.difference(shown) for told in (*trial.mutants, *trial.trivial)]
    if not all(wrong[: len(trial.mutants)]):
        return "a faulty version differs on none of the inputs"
    if not all(wrong):
        return "a generic wrong answer is right on all inputs"
    hidden = _cover(wrong, left)
    counts = Counter(inputs[text] for text in hidden)
    for text in left:
        is_rare = counts[inputs[text]] < _FEWEST_OF_A_RESULT
        if text not in hidden and len(hidden) < (most if is_rare and len(counts) < _SHOWN else FEWEST_TESTS):
            hidden.append(text)
            counts[inputs[text]] += 1
    if len(hidden) > most:
        return "too many tests would be needed"
    if max(counts.values()) > len(hidden) - _FEWEST_OF_A_RESULT:
        return "nearly all inputs have one result"
    return ChosenTests(
        shown=tuple((text, inputs[text]) for text in shown),
        hidden=tuple((text, inputs[text]) for text in sorted(hidden, key=len)),
    )


def _examples(trial: Trial, order: Sequence[str]) -> list[str]:
    """Inputs with different results; none is among the few that tell some wrong version from the right one."""
    alone = {text for told in (*trial.mutants, *trial.trivial) if len(told) <= _SHOWN for text in told}
    shown: dict[str, str] = {}
    for text in order:
        result = trial.inputs[text]
        is_readable = len(text) <= _LONGEST_SHOWN and len(result) <= _LONGEST_SHOWN and text not in alone
        # An example is put into documentation, between quotes.
        is_safe = not any(sign in text + result for sign in ("\\", '"', "#")) and text.isprintable()
        if is_readable and is_safe and result not in shown and len(shown) < _SHOWN:
            shown[result] = text
    return list(shown.values())


def _cover(wrong: Sequence[Collection[str]], left: Sequence[str]) -> list[str]:
    """Greedily, inputs that tell each wrong version several times; of equal ones the first."""
    needed = [min(_TIMES, len(told)) for told in wrong]
    by_input = {text: [number for number, told in enumerate(wrong) if text in told] for text in left}
    chosen: list[str] = []
    while any(needed):
        best = max(by_input, key=lambda text: sum(needed[number] > 0 for number in by_input[text]))
        chosen.append(best)
        for number in by_input.pop(best):
            needed[number] = max(0, needed[number] - 1)
    return chosen

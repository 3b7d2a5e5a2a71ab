"""The hand rules that raw code has to pass, each with a count of what it dropped (paper, section 3.1)."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files

from datagen.code.documentation import summary
from datagen.code.syntax import parses
from datagen.rows.raw_function import RawFunction
from harness.runs.settings import ConfigError


class Field(StrEnum):
    """Which text of a function a rule reads."""

    CODE = "code"
    """The function without its documentation."""
    DOCSTRING = "docstring"
    """Its documentation."""
    BOTH = "both"
    """Documentation and code."""


def default_blacklist() -> tuple[str, ...]:
    """Code Alpaca's 18 words."""
    return tuple(tomllib.loads(files("datagen").joinpath("data/blacklist.toml").read_text())["words"])


@dataclass(frozen=True, slots=True)
class RulesConfig:
    """Which raw code is taken. A rule is off at its widest value."""

    min_characters: int = 50
    """Fewest characters of what `length_of` names."""
    max_characters: int = 800
    """Most characters; the default window is that of notes on the paper's first version, the paper prints none."""
    length_of: Field = Field.CODE
    """Which text the window of characters is about."""
    min_lines: int = 2
    """Lines of code that are not blank."""
    blacklist: tuple[str, ...] = field(default_factory=default_blacklist)
    """Words that drop a function; the default is Code Alpaca's list."""
    blacklist_field: Field = Field.DOCSTRING
    """The paper says raw code; there `file` and `map` are everyday words, so documentation is the default."""
    must_parse: bool = True
    """Drop code that does not parse."""
    drop_names: tuple[str, ...] = ("test*", "*_test", "__*__")
    """Patterns of function names, compared without regard to case."""
    docstring_required: bool = True
    """Drop functions without documentation."""
    min_docstring_words: int = 3
    """Of its first paragraph."""
    max_docstring_words: int = 150
    """Most words of the same paragraph."""
    drop_docstrings: tuple[str, ...] = (
        r"inherit\s*doc",
        r"\b(?:TODO|FIXME|XXX)\b",
        r"auto-?generated",
        r"^(?:see|overrides?|implements?|deprecated)\b",
    )
    """Regular expressions, searched without regard to case."""
    ascii_start: bool = True
    """The documentation starts with an ASCII letter or digit."""

    def __post_init__(self) -> None:
        if self.min_characters > self.max_characters:
            raise ConfigError(
                f"rules: min_characters = {self.min_characters} is above max_characters = {self.max_characters}: "
                "no function can pass."
            )
        if self.min_docstring_words > self.max_docstring_words:
            raise ConfigError(
                f"rules: min_docstring_words = {self.min_docstring_words} is above max_docstring_words = "
                f"{self.max_docstring_words}: no function can pass."
            )
        for pattern in self.drop_docstrings:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ConfigError(f"rules: the pattern {pattern!r} is not a regular expression: {error}.") from None


@dataclass(slots=True)
class Funnel:
    """How many came in, and what each rule dropped."""

    seen: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter[str])
    blacklisted: Counter[str] = field(default_factory=Counter[str])
    """Drops by blacklisted word (the first that matched)."""

    def add(self, other: "Funnel") -> None:
        """Counts what another part of the functions saw."""
        self.seen += other.seen
        self.kept += other.kept
        self.dropped += other.dropped
        self.blacklisted += other.blacklisted


def apply_rules(functions: Iterable[RawFunction], config: RulesConfig, funnel: Funnel) -> Iterator[RawFunction]:
    """The functions that pass every rule; each drop is counted under the first rule that failed."""
    for function in functions:
        funnel.seen += 1
        failed = next((name for name, passes in _RULES if not passes(function, config)), None)
        if failed is None:
            funnel.kept += 1
            yield function
        else:
            funnel.dropped[failed] += 1
            if failed == "blacklist":
                funnel.blacklisted[str(_find_blacklisted(function, config))] += 1


def _text(function: RawFunction, which: Field) -> str:
    match which:
        case Field.CODE:
            return function.code
        case Field.DOCSTRING:
            return function.docstring
        case Field.BOTH:
            return f"{function.docstring}\n{function.code}"


def _find_blacklisted(function: RawFunction, config: RulesConfig) -> str | None:
    if not config.blacklist:
        return None
    pattern = r"\b(?:" + "|".join(re.escape(word) for word in config.blacklist) + r")\b"
    found = _pattern(pattern).search(_text(function, config.blacklist_field))
    return found.group(0).lower() if found else None


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_RULES: tuple[tuple[str, Callable[[RawFunction, RulesConfig], bool]], ...] = (
    ("too short", lambda function, config: len(_text(function, config.length_of)) >= config.min_characters),
    ("too long", lambda function, config: len(_text(function, config.length_of)) <= config.max_characters),
    (
        "too few lines",
        lambda function, config: sum(bool(line.strip()) for line in function.code.splitlines()) >= config.min_lines,
    ),
    (
        "name",
        lambda function, config: not any(fnmatch(function.name.lower(), each.lower()) for each in config.drop_names),
    ),
    ("no documentation", lambda function, config: bool(function.docstring) or not config.docstring_required),
    (
        "documentation start",
        lambda function, config: (
            not function.docstring
            or not config.ascii_start
            or (function.docstring[0].isascii() and function.docstring[0].isalnum())
        ),
    ),
    (
        "documentation length",
        # Missing documentation is another rule's business.
        lambda function, config: (
            not function.docstring
            or config.min_docstring_words <= len(summary(function.docstring).split()) <= config.max_docstring_words
        ),
    ),
    (
        "documentation pattern",
        lambda function, config: not any(_pattern(each).search(function.docstring) for each in config.drop_docstrings),
    ),
    ("blacklist", lambda function, config: _find_blacklisted(function, config) is None),
    ("does not parse", lambda function, config: not config.must_parse or parses(function.code, function.language)),
)
"""Each rule's name, and whether a function passes it. Cheap rules come first; parsing costs most."""

"""CodeXGLUE cloze rows put back together where that can be done honestly; all others are left out and counted.

The files hold tokens, so line breaks are gone, and one token of each row is masked: it was `max` or `min`, and the
answer is not in the file. A row is taken only where spacing carries no meaning, where no comment swallows the rest,
and where the function itself settles the masked word: a variable, of which only one is a variable elsewhere.
"""

import gzip
import json
from pathlib import Path
from typing import Any

from datagen.rows.raw_function import Origin
from datagen.sources.code_search_net import data_files, row_function
from datagen.sources.source import Found, Skip, SourceConfig
from harness.runs.settings import ConfigError

_MASK = "<mask>"
_WORDS = ("max", "min")
_FREE_FORM = ("java", "javascript", "php", "go")
_CALLED = ("(",)
_MEMBER = (".", "->", "::", "?.")


def cloze_functions(config: SourceConfig) -> Found:
    """The functions of cloze files named `*_cloze_LANGUAGE.json.gz`, as far as they can be rebuilt."""
    for file in data_files(Path(config.path)):
        language = file.name.removesuffix(".gz").removesuffix(".json").rsplit("_", 1)[-1]
        if config.languages and language not in config.languages:
            continue
        try:
            is_packed = file.suffix == ".gz"
            with (
                gzip.open(file, "rt", encoding="utf-8-sig") if is_packed else file.open(encoding="utf-8-sig") as stream
            ):
                rows: list[dict[str, Any]] = json.load(stream)
        except (ValueError, OSError, EOFError, RecursionError) as error:
            raise ConfigError(f"The cloze file {str(file)!r} cannot be read: {error}.") from None
        for row in rows:
            yield from _row_function(row, language, file.name, config)


def _row_function(row: dict[str, Any], language: str, file: str, config: SourceConfig) -> Found:
    tokens: list[str] = row["pl_tokens"]
    if language not in _FREE_FORM:
        yield Skip(f"line breaks lost ({language})")
        return
    if any(token.startswith("//") or (token.startswith("#") and language == "php") for token in tokens):
        yield Skip("a line comment swallows the rest")
        return
    if language == "go" and any(token in ('" "', "` `") for token in tokens):
        yield Skip("contents of strings lost")
        return
    word = masked_word(tokens)
    if word is None:
        yield Skip("masked word not settled by the function")
        return
    code = " ".join(word if token == _MASK else token for token in tokens)
    if language == "php":
        code = code.replace("$ ", "$")  # the tokenizer of the files cut the mark off the name
    documentation = " ".join(row["nl_tokens"])
    found = row_function(
        code, documentation, language, Origin(config.name, f"{file}#{row['idx']}", licence=config.licence)
    )
    yield found if found is not None else Skip("rebuilt code does not parse")


def masked_word(tokens: list[str]) -> str | None:
    """`max` or `min` where the rest of the function leaves only one of them, else None."""
    if not _is_variable(tokens, tokens.index(_MASK)):
        return None
    elsewhere = {token for place, token in enumerate(tokens) if token in _WORDS and _is_variable(tokens, place)}
    return elsewhere.pop() if len(elsewhere) == 1 else None


def _is_variable(tokens: list[str], place: int) -> bool:
    before = tokens[place - 1] if place else ""
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    return after not in _CALLED and before not in _MEMBER

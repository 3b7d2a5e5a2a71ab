"""The forms in which instruction data is published, told apart by the names of their columns.

| form | columns |
|---|---|
| Alpaca | instruction, input (or information), output (or response, completion, solution) |
| question and answer | problem, prompt, question, query, inputs; solution, response, completion, answer, targets |
| messages (OpenAI, TRL) | messages: a list of {role, content}; or prompt and completion as such lists |
| ShareGPT | conversations (or conversation): a list of {from, value} |
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from datagen.rows.instruction_row import Exchange, InstructionRow
from harness.runs.settings import ConfigError

_QUESTIONS = ("instruction", "problem", "prompt", "question", "query", "inputs")
_INPUTS = ("input", "information")
_ANSWERS = ("output", "response", "completion", "solution", "answer", "targets", "target")
_CONVERSATIONS = ("messages", "conversations", "conversation")
_NO_INPUT = "<noinput>"
_KNOWN = (
    "instruction, input, output (Alpaca); problem, prompt, question, query or inputs with solution, response, "
    "completion, answer or targets; messages (role, content); conversations (from, value)"
)
_SPEAKERS = {
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "chatgpt", "model", "bing", "bard"), "assistant"),
    "system": "system",
}


def rows_of(values: Any, place: str) -> Iterator[InstructionRow]:
    """The rows in one published row: one, or of a conversation one for each answer.

    `place` names the row in errors. Raises ConfigError for other columns, and for what is no text.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{place} is a {_kind(values)}, not an object with columns: write one object a row.")
    row = cast("Mapping[str, Any]", values)
    origin = _text(row.get("function_id"), "function_id", place)
    conversation = next((name for name in _CONVERSATIONS if isinstance(row.get(name), list)), "")
    # TRL's conversational prompt and completion are two halves of one conversation.
    halves = [row[name] for name in ("prompt", "completion") if isinstance(row.get(name), list)]
    if conversation:
        system = _text(row.get("system"), "system", place)  # ShareGPT keeps it beside the conversation
        yield from _conversation(row[conversation], origin, system, f"{place}, {conversation!r}")
        return
    if len(halves) == 2:
        yield from _conversation([*halves[0], *halves[1]], origin, "", place)
        return
    questions = [name for name in _QUESTIONS if name in row]
    inputs = [name for name in _INPUTS if name in row]
    if not questions:  # Without an instruction beside it, an input is the question.
        questions, inputs = inputs[:1], inputs[1:]
    answers = [name for name in _ANSWERS if name in row]
    if not questions or not answers:
        raise ConfigError(f"{place} has the columns {', '.join(map(str, row)) or '(none)'}: known are {_KNOWN}.")
    given = _first(row, inputs, place)
    yield InstructionRow(
        instruction=_first(row, questions, place),
        input="" if given.strip() == _NO_INPUT else given,
        output=_first(row, answers, place),
        origin=origin,
    )


def _first(row: Mapping[str, Any], names: Sequence[str], place: str) -> str:
    """The first of the columns that holds something."""
    return next((_text(row[name], name, place) for name in names if row[name] not in (None, "")), "")


def _text(value: Any, name: str, place: str) -> str:
    if isinstance(value, (list, Mapping)):
        raise ConfigError(f"{place} has a {_kind(value)} as {name!r}, where text belongs: write it as one text.")
    text = "" if value is None else str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = text[error.start]
        raise ConfigError(f"{place} has half a character ({half!r}) in {name!r}, which no file can hold.") from None
    return text


def _conversation(messages: Sequence[Any], origin: str, system: str, place: str) -> Iterator[InstructionRow]:
    """One row for each answer, with all that was said before it, so that every answer is learned once."""
    exchanges: list[Exchange] = []
    for number, message in enumerate(messages, start=1):
        speaker, text = _message(message, f"{place}, message {number}")
        if speaker == "system":
            system = f"{system}\n\n{text}" if system else text
        elif speaker == "user":
            # Two in a row are one question; an answer opens the next.
            unanswered = bool(exchanges) and not exchanges[-1].answer
            before = exchanges.pop().question + "\n\n" if unanswered else ""
            exchanges.append(Exchange(before + text, ""))
        elif exchanges:  # an answer before any question has nothing to answer
            last = exchanges.pop()
            exchanges.append(Exchange(last.question, f"{last.answer}\n\n{text}" if last.answer else text))
    if not exchanges:
        raise ConfigError(f"{place} holds no question of a user.")
    answered = [each for each in exchanges if each.answer] or exchanges[:1]
    for count, each in enumerate(answered):
        # A whole conversation is held out or trained on together, by its first question.
        shared = origin or (f"{answered[0].question}\0" if count or len(answered) > 1 else "")
        yield InstructionRow(each.question, "", each.answer, shared, tuple(answered[:count]), system)


def _message(message: Any, place: str) -> tuple[str, str]:
    if not isinstance(message, Mapping):
        raise ConfigError(f"{place} is a {_kind(message)}, not an object with role and content.")
    values = cast("Mapping[str, Any]", message)
    said, content = values.get("role", values.get("from")), values.get("content", values.get("value"))
    speaker = _SPEAKERS.get(str(said).lower())
    if speaker is None:
        raise ConfigError(f"{place} is by {said!r}: known are {', '.join(_SPEAKERS)}; leave such rows out.")
    if isinstance(content, list):  # parts, as of models that also see pictures
        parts = [cast("Mapping[str, Any]", part) for part in cast("list[Any]", content) if isinstance(part, Mapping)]
        if len(parts) < len(cast("list[Any]", content)) or any(part.get("type") != "text" for part in parts):
            raise ConfigError(f"{place} has parts that are no text: leave such rows out.")
        content = "".join(str(part.get("text", "")) for part in parts)
    return speaker, _text(content, "content", place)


def _kind(value: Any) -> str:
    return "list" if isinstance(value, list) else "table" if isinstance(value, Mapping) else type(value).__name__

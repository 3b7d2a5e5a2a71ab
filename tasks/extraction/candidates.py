"""Says of every piece of an answer why it is, or is not, the code that was found: for readers, never for the search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tasks.extraction.blocks import best_of, is_shown_as_wrong
from tasks.extraction.budget import OverBudgetError
from tasks.extraction.fences import Block, find_blocks
from tasks.extraction.normalise import answer_text
from tasks.extraction.outline import outlined
from tasks.extraction.source import parsed
from tasks.extraction.watched import bounded
from tasks.languages import SYNTAXES
from tasks.task import Candidate, Extraction

MOST_CANDIDATES = 24
MOST_CHARACTERS = 2000
"""How much of a candidate is kept."""
_MOST_NAMES = 8
_LONGEST_SEARCHED = 32 * 1024
_ONE_BLOCK = {"first block": 0, "last block": -1}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer was asked for, and in which language."""

    base: str
    """What the prompt begins; empty where an answer continues nothing."""
    entry_point: str
    language: str

    def parses(self, code: str) -> bool:
        source = parsed(code) if self.language == "python" else outlined(code, self.language)
        return not source.broken

    def names(self, code: str) -> Iterator[str]:
        """What the code defines at its top level."""
        if self.language == "python":
            return (name for _, names in parsed(code).definitions() for name in sorted(names))
        return (name for item in outlined(code, self.language).items for name in sorted(item.names))

    def defines(self, code: str) -> bool:
        """Whether the code defines the entry point, a stub or not."""
        if self.language == "python":
            return self.entry_point in self.names(code)
        return outlined(code, self.language).function(self.entry_point) is not None

    def is_stub(self, code: str) -> bool:
        if self.language == "python":
            return not parsed(code).implements(self.entry_point)
        return outlined(code, self.language).is_stub(self.entry_point)


def list_candidates(answer: str, asked: Asked, found: Extraction) -> tuple[Candidate, ...]:
    """The candidates of an answer of which `found` came; none where to list them takes too long."""
    try:
        return bounded("listing the candidates", len(answer), _list, answer, asked, found.code, found.rule)
    except OverBudgetError:
        return ()


def _list(answer: str, asked: Asked, code: str, rule: str) -> tuple[Candidate, ...]:
    text = answer_text(answer)[:_LONGEST_SEARCHED]
    fenced = find_blocks(text, SYNTAXES[asked.language].fence_tags, asked.parses)
    blocks = [block for block in fenced.blocks if block.code.strip()]
    found: list[Candidate] = []
    chosen = _chosen_block(blocks, asked, code, rule)
    for block in blocks:
        why = rule if block is chosen else _why_not(block, asked, code, rule)
        found.append(_candidate("block", block.code, asked, why, chosen=block is chosen))
    outside = [piece for piece in fenced.outside if any(True for _ in asked.names(piece))]
    pieces = [("text outside the blocks", piece) for piece in outside if blocks]
    pieces.append(("whole answer", text))
    if asked.base:
        pieces.append(("continuation of the prompt", text))
    taken = chosen is not None or not code
    for kind, piece in pieces:
        whole = asked.base + piece if kind == "continuation of the prompt" else piece
        continues = kind == "continuation of the prompt"
        is_it = not taken and continues == ("continuation" in rule) and (continues or _shared_lines(whole, code) > 0)
        taken = taken or is_it
        why = rule if is_it else _why_no_program(whole, asked) or "another candidate goes first"
        found.append(replace(_candidate(kind, whole, asked, why, chosen=is_it), code=piece[:MOST_CHARACTERS]))
    found = found[:MOST_CANDIDATES]
    position = 0
    for number, each in enumerate(found):  # the line of the raw answer on which it begins
        if each.kind != "block":
            position = 0
        first = next((line for line in each.code.split("\n") if line.strip()), "")
        place = answer.find(first.strip(), position) if first else -1
        position = place + len(first) if place >= 0 else position
        found[number] = replace(each, line=answer.count("\n", 0, place) + 1 if place >= 0 else 0)
    return tuple(found)


def _candidate(kind: str, code: str, asked: Asked, why: str, *, chosen: bool) -> Candidate:
    names = tuple(dict.fromkeys(asked.names(code)))[:_MOST_NAMES]
    return Candidate(kind, 0, code[:MOST_CHARACTERS], names, asked.parses(code), chosen, why)


def _chosen_block(blocks: Sequence[Block], asked: Asked, code: str, rule: str) -> Block | None:
    """The block that the rule took: by the rule's own choice, else the one that shares most lines with the code."""
    if rule in _ONE_BLOCK and blocks:
        return blocks[_ONE_BLOCK[rule]]
    if "fence" not in rule:
        return None
    sound = [block for block in blocks if not _why_no_program(block.code, asked)]
    alike = max(blocks, key=lambda block: _shared_lines(block.code, code), default=None)
    return best_of(sound) or alike


def _why_not(block: Block, asked: Asked, code: str, rule: str) -> str:
    if rule in _ONE_BLOCK:
        return f"it is not the {rule}"
    if "with other blocks" in rule:
        if asked.language == "python":
            definitions = [text for text, _ in parsed(block.code).definitions()]
        else:
            definitions = [item.text for item in outlined(block.code, asked.language).items if item.names]
        if any(text in code for text in definitions):
            return "it lends definitions"
    if why := _why_no_program(block.code, asked):
        return why
    return "it is introduced as wrong" if is_shown_as_wrong(block) else f"a later block defines {asked.entry_point} too"


def _why_no_program(code: str, asked: Asked) -> str:
    """Why the code alone is no solution; empty where it may be one."""
    if not asked.parses(code):
        return "it does not parse"
    if not asked.defines(code):
        return f"it does not define {asked.entry_point}"
    return f"{asked.entry_point} has no body in it" if asked.is_stub(code) else ""


def _shared_lines(one: str, other: str) -> int:
    lines = {line.strip() for line in other.split("\n")} - {""}
    return sum(line.strip() in lines for line in one.split("\n"))

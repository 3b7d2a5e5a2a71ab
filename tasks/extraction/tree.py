"""Syntax trees of what a model may have written, parsed within the budget of the work at hand.

tree-sitter recovers from every error, in time that may grow with the cube of the length: 4 KiB of `<-` take it seconds.
"""

import threading
from collections.abc import Iterator
from itertools import count, repeat

from tree_sitter import Node, Parser, Point

from tasks.extraction.budget import OverBudgetError, check_budget
from tasks.languages import grammar

_CHUNK_BYTES = 4096
_CALLS_PER_CHECK = 8
"""tree-sitter calls back once in a hundred steps and once a chunk; to ask for the time takes as long as the former."""
_NODES_PER_CHECK = 1024


class _Tools(threading.local):
    """This thread's own: a parser that is interrupted by another thread's call would mix up the two texts."""

    def __init__(self) -> None:
        self.parsers: dict[str, Parser] = {}
        self.buffer = bytearray(_CHUNK_BYTES)
        self.held = b"", 0
        """What the buffer holds: a text from a byte on."""
        self.views: dict[int, memoryview] = {}
        """Of the buffer's beginnings, by length: the binding never releases an object that it has read from, so that
        there must be no new one for every text."""

    def parser(self, language: str) -> Parser:
        if language not in self.parsers:
            self.parsers[language] = Parser(grammar(language))
        return self.parsers[language]

    def chunk(self, data: bytes, start: int) -> memoryview | None:
        """The next bytes, valid until the next call; None at the end."""
        size = min(_CHUNK_BYTES, len(data) - start)
        if size <= 0:
            return None
        if self.held != (data, start):  # a short text is asked for again and again
            self.buffer[:size] = data[start : start + size]
            self.held = data, start
        if size not in self.views:
            self.views[size] = memoryview(self.buffer)[:size]
        return self.views[size]


_tools = _Tools()


def parse(data: bytes, language: str) -> Node:
    """The root of the text's tree. Raises OverBudgetError.

    `Node.text` of its nodes reads the text again: take it from the data.
    """
    check_budget()
    calls = count(1)
    over: list[OverBudgetError] = []

    def keep_to_budget() -> None:
        if not next(calls) % _CALLS_PER_CHECK:
            check_budget()

    def read(start: int, _point: Point) -> memoryview | None:
        try:
            keep_to_budget()
        except OverBudgetError as error:  # the binding would parse on with it pending; the text ends here instead
            over.append(error)
        return None if over else _tools.chunk(data, start)

    def progress(_byte: int, _has_error: bool) -> bool:
        keep_to_budget()
        return False

    parser = _tools.parser(language)
    try:
        tree = parser.parse(read, progress_callback=progress)
    except SystemError as error:  # what a signal handler raised in `read`
        parser.reset()
        raise error.__cause__ or error from None
    except BaseException:
        parser.reset()
        raise
    if over:
        raise over[0]
    return tree.root_node


def inside(root: Node, byte: int, kinds: frozenset[str]) -> bool:
    """Whether the innermost node of these kinds around `byte` begins before it."""
    start, cursor = byte, root.walk()
    while cursor.goto_first_child_for_byte(byte + 1) is not None:  # the first that reaches behind the byte
        node = cursor.node
        if node is None or node.start_byte > byte:
            break
        if node.type in kinds:
            start = node.start_byte
    return start < byte


def walk(node: Node) -> Iterator[Node]:
    """The node and every named one below it, in the order of the text. Raises OverBudgetError."""
    waiting = [node]
    while waiting:
        check_budget()
        for _ in repeat(None, _NODES_PER_CHECK):
            current = waiting.pop()
            yield current
            if children := current.named_children:
                waiting += children[::-1]
            elif not waiting:
                return


def leaves(node: Node) -> Iterator[Node]:
    """Every token below the node. Raises OverBudgetError."""
    waiting = [node]
    while waiting:
        check_budget()
        for _ in repeat(None, _NODES_PER_CHECK):
            current = waiting.pop()
            if children := current.children:
                waiting += children[::-1]
                continue
            yield current
            if not waiting:
                return

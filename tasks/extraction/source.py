"""Source text as tree-sitter sees it: safe on anything a model may write, as Python's own parser is not."""

import sys
from collections.abc import Iterator
from functools import cached_property, lru_cache

from tree_sitter import Node

from tasks.extraction.bindings import IMPORTS, Bindings, binds
from tasks.extraction.layout import is_uneven
from tasks.extraction.tree import inside, parse, walk
from tasks.languages import SYNTAXES

_WRAPPERS = {"decorated_definition": "definition"}
_STUBS = frozenset({"pass_statement", "comment"})
_MEMBER_FIELDS = {"attribute": "attribute", "keyword_argument": "name"}
"""Where kinds of nodes have an identifier that is no name of the module's."""
_TEST_FRAMEWORKS = frozenset({"pytest", "hypothesis", "nose", "parameterized"})
_BEFORE_TOO = (b"assert", *(name.encode() for name in sorted(_TEST_FRAMEWORKS)))
"""Words of what is left out before the definition too."""
_RUN_ONLY = frozenset({"comment", "assert_statement", "if_statement", "for_statement", "while_statement"})
_DOES_SOMETHING = frozenset(
    {"call", "await", "assignment", "augmented_assignment", "named_expression", "yield", "string"}
)


class SourceText:
    """Parsed Python source. Whatever takes long raises OverBudgetError where its work has a budget."""

    def __init__(self, text: str, language: str = "python") -> None:
        self.text = text
        self._data = text.encode("utf-8", "surrogatepass")
        self._syntax = SYNTAXES[language]
        self._root = parse(self._data, language)
        self._bindings = Bindings(self._data)
        self._found: dict[str, tuple[Node, Node] | None] = {}

    @cached_property
    def broken(self) -> bool:
        """Whether some of it does not parse, or tree-sitter lets pass what Python does not."""
        return self._root.has_error or is_uneven(self._root)

    def implements(self, name: str) -> bool:
        """Whether the last top-level definition of `name` has a body beyond a docstring, `pass`, `...` or a refusal.

        A definition may stand under a top-level `if`, `try`, `for` or `with`; an import is one only from the standard
        library, since what an answer imports otherwise is what it was asked to write.
        """
        node = self._definition(name)
        if node is None:
            return False
        body = node.child_by_field_name("body") if node.type in self._syntax.definition_nodes else None
        return body is None or any(not self._is_stub(child) for child in body.named_children)

    def returns(self, name: str) -> bool:
        """Whether `name` returns, yields or raises anywhere in its body."""
        node = self._definition(name)
        return node is not None and any(
            inner.type in ("return_statement", "yield", "raise_statement") for inner in walk(node)
        )

    def inside_text(self, position: int) -> bool:
        """Whether the character at `position` stands in a string literal or a comment."""
        return inside(self._root, self._byte(position), self._syntax.text_nodes)

    def statements(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Each top-level statement that binds names, with these names; `*` for a star import."""
        for child in self._root.named_children:
            names = frozenset(self._bindings.of(child))
            if names:
                yield self._slice(child.start_byte, child.end_byte), names

    def free_names(self) -> frozenset[str]:
        """Names that are used and bound nowhere in the text, built-in ones among them."""
        used: set[str] = set()
        bound: set[str] = set()
        members: set[int] = set()
        for node in walk(self._root):
            if node.type in _MEMBER_FIELDS:
                members.update(child.start_byte for child in node.children_by_field_name(_MEMBER_FIELDS[node.type]))
            elif node.type == "identifier" and node.start_byte not in members:
                used.add(self._bindings.text(node))
            bound.update(self._bindings.text(name) for name in binds(node))
        return frozenset(used - bound)

    def future_imports(self) -> Iterator[str]:
        """The text of each `from __future__` import."""
        for child in self._root.named_children:
            if child.type == "future_import_statement":
                yield self._slice(child.start_byte, child.end_byte)

    def definitions(self) -> Iterator[tuple[str, frozenset[str]]]:
        """As `statements`, whatever binds the names; not what only runs."""
        for child in self._root.named_children:
            if not child.has_error and (names := frozenset(self._bindings.within(child))):
                yield self._slice(child.start_byte, child.end_byte), names

    def without_examples(self, name: str) -> str:
        """The text without what only shows or tests the definition of `name`, the last of several.

        That is: assertions, and behind the definition calls, bare words, tests, blocks under `if __name__`, values of
        calls that no definition uses, and loops and blocks that use `name` or such values and define nothing; imports
        of test frameworks. What else stands before the definition may prepare it, and stays.
        """
        node = self._definition(name, outer=True)
        if node is None:
            return self.text
        if self._root.end_byte <= node.end_byte and not any(
            self._data.find(word, 0, node.start_byte) >= 0 for word in _BEFORE_TOO
        ):
            return self.text
        children = self._root.named_children
        used = frozenset[str]()
        if any(child.start_byte >= node.end_byte and child.type not in _RUN_ONLY for child in children):
            texts = (self._slice(each.start_byte, each.end_byte) for each in children if self._is_kept_definition(each))
            used = frozenset(free for text in texts for free in parsed(text).free_names())
        shown = {name}  # the entry point, and what is computed with it
        kept: list[str] = []
        position = 0
        for child in children:
            if child.start_byte < node.end_byte:
                drop = child.type == "assert_statement" or self._is_test_import(child)
            else:
                drop = self._is_example(child, shown, used)
            if drop:
                shown.update(self._bindings.within(child) if child.type == "expression_statement" else ())
                kept.append(self._slice(position, child.start_byte))
                position = child.end_byte
        return "".join([*kept, self._slice(position, len(self._data))]) if kept else self.text

    def first_word_behind(self, name: str) -> int | None:
        """Where behind the definition of `name` the first statement begins that is words and does nothing."""
        node = self._definition(name, outer=True)
        if node is None or self._root.end_byte <= node.end_byte:
            return None
        behind = (child for child in self._root.named_children if child.start_byte >= node.end_byte)
        # An expression without effect, as prose can look like one: `Done`, `- compares`, `[DONE]`.
        words = (
            child.start_byte
            for child in behind
            if child.type == "expression_statement" and not any(_does_something(each) for each in walk(child))
        )
        found = next(words, None)
        return None if found is None else len(self._slice(0, found))

    def before(self, name: str) -> str:
        """What stands before the last top-level definition of `name`; everything when there is none."""
        node = self._definition(name, outer=True)
        return self._slice(0, node.start_byte) if node else self.text

    def end_of_definition_at(self, position: int) -> int | None:
        """Where the top-level definition that reaches over the character `position` ends; None unless it parses."""
        offset = self._byte(position)
        for child in self._root.children:
            inner = child.child_by_field_name(_WRAPPERS[child.type]) if child.type in _WRAPPERS else child
            if inner is None or inner.type not in self._syntax.definition_nodes:
                continue
            if child.start_byte < offset <= child.end_byte and not child.has_error:
                return len(self._slice(0, child.end_byte))
        return None

    def sound_part(self, name: str) -> str | None:
        """The text up to the first top-level statement that does not parse, if `name` is whole by then, else None."""
        error = next((child for child in self._root.children if child.has_error), None)
        node = self._definition(name, outer=True)
        if error is None or node is None or node.has_error or node.end_byte > error.start_byte:
            return None
        return self._slice(0, error.start_byte)

    def _byte(self, position: int) -> int:
        before = self.text[:position]
        return position if before.isascii() else len(before.encode("utf-8", "surrogatepass"))

    def _slice(self, start: int, end: int) -> str:
        return self._data[start:end].decode("utf-8", "surrogatepass")

    def _definition(self, name: str, *, outer: bool = False) -> Node | None:
        if name not in self._found:
            self._found[name] = self._find(name)
        found = self._found[name]
        return found[0 if outer else 1] if found else None

    def _find(self, name: str) -> tuple[Node, Node] | None:
        """The last top-level statement that defines `name`, and the same without decorators."""
        word = name.encode("utf-8", "surrogatepass")
        for child in reversed(self._root.children):
            if self._data.find(word, child.start_byte, child.end_byte) < 0:
                continue  # cheaper to see than what the statement binds
            inner = child.child_by_field_name(_WRAPPERS[child.type]) if child.type in _WRAPPERS else child
            if inner is None or name not in self._bindings.within(inner):
                continue
            if inner.type in IMPORTS:
                names = inner.children_by_field_name("name")
                module = inner.child_by_field_name("module_name") or next(iter(names), None)
                if self._bindings.text(module).split(".")[0] not in sys.stdlib_module_names:
                    continue
            return child, inner
        return None

    def _is_stub(self, statement: Node) -> bool:
        if statement.type == "raise_statement":
            return self._bindings.text(statement).startswith("raise NotImplementedError")
        inner = statement.named_children
        return statement.type in _STUBS or (
            statement.type == "expression_statement" and len(inner) == 1 and inner[0].type in ("string", "ellipsis")
        )

    def _is_example(self, statement: Node, shown: set[str], used: frozenset[str]) -> bool:
        """Whether a statement behind the definition only shows or tests it; definitions take the names in `used`."""
        match statement.type:
            case "expression_statement":
                inner = statement.named_children[0] if statement.named_children else statement
                left = inner.child_by_field_name("left")
                if left is not None and left.type not in ("identifier", "pattern_list", "tuple_pattern"):
                    return False  # it sets an attribute or a key, perhaps the function's own
                bound = set(self._bindings.within(statement))
                calls = any(node.type in ("call", "await") for node in walk(statement))
                return not bound or (calls and inner.type == "assignment" and not bound & (used | shown))
            case "assert_statement" | "raise_statement":
                return True
            case "if_statement" if "__name__" in self._bindings.text(statement.child_by_field_name("condition")):
                return True
            case "for_statement" | "while_statement" | "with_statement" | "try_statement" | "if_statement":
                own = {self._bindings.text(node) for node in walk(statement) if node.type == "identifier"}
                return bool(shown & own) and not any(
                    node.type in self._syntax.definition_nodes for node in walk(statement)
                )
            case "import_statement" | "import_from_statement":
                return self._is_test_import(statement)
            case _:
                return self._is_test(statement) and not used & set(self._bindings.within(statement))

    def _is_kept_definition(self, statement: Node) -> bool:
        return any(
            node.type in self._syntax.definition_nodes or node.type == "lambda" for node in walk(statement)
        ) and (not self._is_test(statement))

    def _is_test(self, statement: Node) -> bool:
        """Whether it is a function or class that a test framework would run."""
        inner = statement.child_by_field_name("definition") or statement
        name = self._bindings.text(inner.child_by_field_name("name"))
        if inner.type == "class_definition":
            return "TestCase" in self._bindings.text(inner.child_by_field_name("superclasses")) or name.startswith(
                "Test"
            )
        return inner.type == "function_definition" and name.startswith("test_")

    def _is_test_import(self, statement: Node) -> bool:
        """Whether it imports a test framework that is not part of Python."""
        if statement.type not in IMPORTS:
            return False
        module = statement.child_by_field_name("module_name") or statement.child_by_field_name("name")
        return self._bindings.text(module).partition(".")[0] in _TEST_FRAMEWORKS


def _does_something(node: Node) -> bool:
    if node.type == "assignment" and node.child_by_field_name("right") is None:
        return False  # a bare annotation: `Explanation: adds`
    return node.type in _DOES_SOMETHING


@lru_cache(maxsize=16)
def parsed(text: str) -> SourceText:
    """The text's Source; the rules ask for the same ones again and again. Raises OverBudgetError."""
    return SourceText(text)


def forget_sources() -> None:
    """Gives back the memory of what was parsed."""
    parsed.cache_clear()

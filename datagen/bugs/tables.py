"""Which operators, functions and node types take part in faults; shared by all languages, since names hardly clash."""

from collections.abc import Iterable
from types import MappingProxyType

_OPERATOR_GROUPS = (
    ("<", "<=", ">", ">="),
    ("==", "!="),
    ("===", "!=="),
    ("is", "is not"),
    ("in", "not in"),
    ("+", "-"),
    ("*", "/"),
    ("//", "/"),
    ("%", "/"),
    ("**", "*"),
    ("and", "or"),
    ("&&", "||"),
    ("+=", "-="),
    ("*=", "/="),
    ("&", "|"),
    ("<<", ">>"),
)

_FUNCTION_GROUPS = (
    ("min", "max"),
    ("Min", "Max"),
    ("any", "all"),
    ("sum", "max"),
    ("abs", "int"),
    ("sorted", "list"),
    ("append", "extend"),
    ("add", "discard"),
    ("keys", "values"),
    ("items", "keys"),
    ("lower", "upper"),
    ("lstrip", "rstrip"),
    ("strip", "rstrip"),
    ("startswith", "endswith"),
    ("removeprefix", "removesuffix"),
    ("find", "rfind"),
    ("index", "rindex"),
    ("split", "rsplit"),
    ("isdigit", "isalpha"),
    ("isupper", "islower"),
    ("bisect_left", "bisect_right"),
    ("floor", "ceil"),
    ("Floor", "Ceil"),
    ("sin", "cos"),
    ("push", "unshift"),
    ("pop", "shift"),
    ("first", "last"),
    ("every", "some"),
    ("toLowerCase", "toUpperCase"),
    ("startsWith", "endsWith"),
    ("indexOf", "lastIndexOf"),
    ("addFirst", "addLast"),
    ("removeFirst", "removeLast"),
    ("getFirst", "getLast"),
    ("isLetter", "isDigit"),
    ("isUpperCase", "isLowerCase"),
    ("HasPrefix", "HasSuffix"),
    ("ToLower", "ToUpper"),
    ("TrimLeft", "TrimRight"),
    ("TrimPrefix", "TrimSuffix"),
    ("Index", "LastIndex"),
    ("push_back", "push_front"),
    ("front", "back"),
    ("begin", "end"),
    ("starts_with", "ends_with"),
    ("to_lowercase", "to_uppercase"),
    ("trim_start", "trim_end"),
    ("is_some", "is_none"),
    ("is_ok", "is_err"),
    ("strtolower", "strtoupper"),
    ("ltrim", "rtrim"),
    ("array_push", "array_unshift"),
    ("array_pop", "array_shift"),
    ("upcase", "downcase"),
    ("start_with?", "end_with?"),
)


def _partners(groups: Iterable[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    partners: dict[str, list[str]] = {}
    for group in groups:
        for member in group:
            partners.setdefault(member, []).extend(other for other in group if other != member)
    return {member: tuple(dict.fromkeys(others)) for member, others in partners.items()}


OPERATORS = MappingProxyType(_partners(_OPERATOR_GROUPS))
FUNCTIONS = MappingProxyType(_partners(_FUNCTION_GROUPS))

OPERATOR_NODES = frozenset(
    {"binary_operator", "boolean_operator", "comparison_operator", "augmented_assignment", "binary_expression"}
    | {"augmented_assignment_expression", "compound_assignment_expr", "assignment_expression", "assignment_statement"}
    | {"binary", "operator_assignment"}
)
BOOLEAN_OPERATORS = frozenset({"and", "or", "&&", "||"})
ARITHMETIC_OPERATORS = frozenset({"+", "-", "*", "/", "//", "%"})
INTEGERS = frozenset(
    {"integer", "number", "decimal_integer_literal", "int_literal", "number_literal", "integer_literal"}
)
BOOLEANS = frozenset({"true", "false", "boolean", "boolean_literal"})
OPPOSITES = MappingProxyType({"true": "false", "false": "true", "True": "False", "False": "True"})
NEGATIONS = frozenset({"not_operator", "unary_expression", "unary_op_expression", "unary", "prefix_unary_expression"})
NAMES = frozenset({"identifier", "variable_name"})
CALLED_NAMES = frozenset({"identifier", "property_identifier", "field_identifier", "name"})
STATEMENTS = frozenset({"expression_statement", "if_statement", "if", "augmented_assignment", "operator_assignment"})
BLOCKS = frozenset({"block", "statement_block", "compound_statement", "body_statement", "then", "statement_list"})
NOT_VALUES = frozenset({"type", "name", "label", "attribute", "property", "field"})
"""Fields of a parent under which an identifier is no use of a variable."""
RECEIVERS = frozenset({"self", "cls", "this", "super"})

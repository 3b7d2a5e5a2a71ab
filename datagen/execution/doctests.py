"""Programs that run the examples of a Python docstring against one version of a function."""

import doctest
import textwrap
from pathlib import PurePosixPath

from datagen.rows.raw_function import RawFunction
from sandbox.program import Limits, Program

LIMITS = Limits(cpu_seconds=4.0, wall_seconds=30.0, memory_mb=512)

_RUNNER = """\
import doctest as _doctest, sys as _sys, types as _types
_module = _types.ModuleType({name!r})
_module.__package__ = {package!r}
_sys.modules[{name!r}] = _module
exec(compile({source!r}, {name!r} + ".py", "exec", dont_inherit=True), _module.__dict__)
_test = _doctest.DocTestParser().get_doctest({docstring!r}, dict(_module.__dict__), {function!r}, None, 0)
_runner = _doctest.DocTestRunner(verbose=False, optionflags=_doctest.NORMALIZE_WHITESPACE | _doctest.ELLIPSIS)
_result = _runner.run(_test, out=lambda text: None)
assert _result.attempted == {examples} and _result.failed == 0, "examples failed"
"""


def count_examples(docstring: str) -> int:
    """How many examples doctest reads in a docstring; 0 where it cannot read them."""
    try:
        return len(doctest.DocTestParser().get_examples(docstring))
    except ValueError:
        return 0


def doctest_program(function: RawFunction, code: str | None = None) -> Program:
    """The program that passes when every example holds for `code` (None: the function as its author wrote it).

    It runs in the function's own module where that is known, under the module's real name, so that what imports it
    gets this version too.
    """
    source, name = function.code if code is None else code, "example"
    if function.module:
        parts = list(PurePosixPath(function.origin.path).with_suffix("").parts)
        if parts and parts[-1] == "__init__":
            parts.pop()
        name = ".".join(parts) or name
        source = function.module
        if code is not None:
            begin, end = function.span
            line = source[source.rfind("\n", 0, begin) + 1 : begin]
            # Code is kept from column 0; a method goes back to where it stood.
            indented = textwrap.indent(code, line if not line.strip() else "").lstrip()
            source = source[:begin] + indented + source[end:]
    text = _RUNNER.format(
        name=name,
        package=name.rpartition(".")[0],
        source=source,
        docstring=function.docstring,
        function=function.name,
        examples=count_examples(function.docstring),
    )
    return Program("python", {"main.py": text}, limits=LIMITS)


def is_runnable(function: RawFunction) -> bool:
    """Whether the function's documentation holds examples that can be run."""
    return function.language == "python" and count_examples(function.docstring) > 0

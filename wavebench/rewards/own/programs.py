"""Programs that are run as their language runs them: with a main block, stdin and stdout, and no tests behind them."""

from collections.abc import Mapping

from sandbox.languages import Language, language

_ROWS: Mapping[str, str] = {name: f"{name}-program" for name in ("go", "rust", "javascript")}
"""Languages that benchmarks run in a way of their own, and the row that runs them as they are."""
_PYTHON = "wavebench_program.py"
_RUN_AS_MAIN = f"import runpy\nrunpy.run_path({_PYTHON!r}, run_name='__main__')\n"
"""Benchmarks leave `if __name__ == '__main__'` asleep; a program that stands alone does its work there."""


def program_row(name: str) -> Language:
    """The row of `sandbox.languages` that runs whole programs of a language."""
    return language(_ROWS.get(name, name))


def program_files(row: Language, code: str) -> dict[str, str]:
    """The files of a program that stands alone."""
    if row.in_process:
        return {row.main_file: _RUN_AS_MAIN, _PYTHON: code}
    return {row.main_file: code}

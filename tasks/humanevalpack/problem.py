"""One problem of HumanEvalPack in one language."""

import re
from dataclasses import dataclass

from tasks.data.dataset import Row
from tasks.humanevalpack.language import PackLanguage


@dataclass(frozen=True, slots=True)
class PackProblem:
    """A function with its right and its buggy body, and its tests."""

    task_id: str
    prompt: str
    """Imports, helpers, documentation and head of the function."""
    declaration: str
    """The same without documentation."""
    canonical_solution: str
    """Continues the prompt."""
    buggy_solution: str
    entry_point: str
    """The function's name in the instructions; in 15 rows not quite the one in the code."""
    docstring: str
    instruction: str
    test: str
    pack_language: PackLanguage
    imports: str = ""
    """Go: imports of the prompt."""
    test_setup: str = ""
    """Go: package clause and imports of the tests."""
    bug_type: str = ""
    """What is wrong with the buggy body, such as "missing logic"."""

    @property
    def language(self) -> str:
        return self.pack_language.sandbox

    @property
    def number(self) -> str:
        """What its translations share with it."""
        return self.task_id.rpartition("/")[2]

    @property
    def function(self) -> str:
        """The function's name in the code."""
        if re.search(rf"\b{re.escape(self.entry_point)}\b", self.declaration):
            return self.entry_point
        head = self.declaration.rstrip().rpartition("\n")[2]
        named = re.search(r"(\w+)\s*(?:=\s*)?\(", head)
        return named[1] if named else self.entry_point

    @property
    def bare(self) -> str:
        """The declaration as it stands in a prompt."""
        return self.pack_language.bare_head + self.declaration


def problem_from(row: Row, language: PackLanguage) -> PackProblem:
    """A problem from its canonical row."""
    values = {("imports" if key == "import" else key): str(value) for key, value in row.items()}
    return PackProblem(pack_language=language, **values)

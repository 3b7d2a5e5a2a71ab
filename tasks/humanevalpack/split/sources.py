"""The two programs of a problem that runs apart from its tests, for each language that has them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sandbox.program import SplitSources
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split import cpp, go, java, javascript, rust
from tasks.humanevalpack.split.declared import CannotSplitError


@dataclass(frozen=True, slots=True)
class _Texts:
    """How one language words the two programs: files by name."""

    tester: Callable[[PackProblem], Mapping[str, str]]
    candidate: Callable[[PackProblem, str], Mapping[str, str]]


_LANGUAGES = {
    "javascript": _Texts(javascript.tester, javascript.candidate),
    "java": _Texts(java.tester, java.candidate),
    "go": _Texts(go.tester, go.candidate),
    "cpp": _Texts(cpp.tester, cpp.candidate),
    "rust": _Texts(rust.tester, rust.candidate),
}


def split_sources(problem: PackProblem, code: str, *, unsound: bool) -> SplitSources:
    """Tester and candidate, of which only the latter holds a line of `code`. Raises CannotSplitError."""
    texts = _LANGUAGES[problem.language]
    return SplitSources(texts.candidate(problem, code), _tester(problem), unsound=unsound)


@lru_cache(maxsize=1024)
def why_unsplit(problem: PackProblem) -> str:
    """Why a problem's tests cannot run as a program apart from its candidates; empty where they can, and for Python."""
    texts = _LANGUAGES.get(problem.language)
    try:
        if texts:
            _tester(problem)
            texts.candidate(problem, "")
    except CannotSplitError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1024)
def _tester(problem: PackProblem) -> Mapping[str, str]:
    return _LANGUAGES[problem.language].tester(problem)

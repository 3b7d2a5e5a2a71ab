"""Raw code: one function cut out of a real source, with what is known of where it comes from."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a function was found. Empty fields are not known."""

    source: str
    """The source's name in the configuration."""
    path: str
    repository: str = ""
    licence: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class RawFunction:
    """One function of a real program: the paper's unit of raw code."""

    function_id: str
    """The first 16 hex digits of sha256(language, code): equal code is one function wherever it stands."""
    language: str
    name: str
    code: str
    """The function without its documentation, indented from column 0."""
    signature: str
    """The head of the function up to its body."""
    docstring: str
    """Its documentation without comment marks; empty where it has none."""
    origin: Origin
    is_method: bool = False
    """Whether it stood inside a type and may need it."""
    module: str = ""
    """The whole source file; kept only where the documentation holds examples that can be run in it."""
    span: tuple[int, int] = (0, 0)
    """First and last character of the function in `module`."""
    imports: tuple[str, ...] = ()
    """Statements that import what it uses of the standard library."""
    unknown: tuple[str, ...] = ()
    """Names that it takes from its module or type, and that nobody knows without them."""

    @property
    def is_self_contained(self) -> bool:
        """Whether it runs and can be understood without the place where it stood."""
        is_free = not self.is_method or (self.language == "java" and "static" in self.signature.split("(")[0].split())
        # A function outside of a type that takes `self` is put into one elsewhere.
        return is_free and not self.unknown and not any(head in self.signature for head in ("(self", "(cls"))


def function_id(language: str, code: str) -> str:
    """Identity of a function by content."""
    return hashlib.sha256(f"{language}\0{code}".encode()).hexdigest()[:16]

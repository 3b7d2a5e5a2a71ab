"""Which tasks share their problems: variants of one problem are one piece of evidence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Family:
    """Tasks whose problems are variants of one another where their ids end in the same number."""

    name: str
    id_prefixes: frozenset[str]
    """What stands before the number in the ids of its problems; any other id is a problem of its own."""

    def variant_of(self, task_id: str) -> str:
        """Names the problem that `task_id` is a variant of; empty where it is none of the family."""
        prefix, _, number = task_id.rpartition("/")
        return f"{self.name}/{number}" if prefix in self.id_prefixes and number.isdecimal() else ""


HUMANEVAL_PRO_IDS = "HumanEvalPro"
HUMANEVAL = Family(
    "humaneval", frozenset({"HumanEval", "Python", "JavaScript", "Java", "Go", "CPP", "Rust", HUMANEVAL_PRO_IDS})
)
"""HumanEval, HumanEval+, HumanEval-Pro, and HumanEvalPack in all scenarios and languages."""
MBPP = Family("mbpp", frozenset({"Mbpp"}))
"""MBPP, its sanitized part and MBPP+. MBPP-Pro numbers its problems from 0, so that each of them stands alone."""

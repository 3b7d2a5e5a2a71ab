"""HumanEval-Pro's and MBPP-Pro's rows as data, and the version of what is made of them."""

from tasks.codeeval_pro.flaws import pro_flaws
from tasks.data.dataset import DataSet, RequiredColumn
from tasks.extraction.version import EXTRACTION_VERSION

VERSION = f"1.{EXTRACTION_VERSION}"
"""The first number is this folder's own; the second that of the extraction rules."""
_SOURCE = "https://github.com/CodeEval-Pro/CodeEval-Pro"


def _dataset(name: str, file: str, rows: int, fingerprint: str) -> DataSet:
    return DataSet(
        name=name,
        columns=(
            RequiredColumn("task_id", aliases=("id",)),
            RequiredColumn("raw_problem"),
            RequiredColumn("raw_solution"),
            RequiredColumn("new_problem"),
            RequiredColumn("new_solution"),
            RequiredColumn("test_code"),
        ),
        rows=rows,
        fingerprint=fingerprint,
        files=tuple((f"{file}{ending}",) for ending in (".json.gz", ".json", ".jsonl.gz", ".jsonl")),
        url=f"{_SOURCE}/raw/main/dataset/refined_{file}.json",
        licence="MIT",
        source=_SOURCE,
        citation="Yu et al. 2024, HumanEval Pro and MBPP Pro: Evaluating Large Language Models on Self-invoking Code "
        "Generation, arXiv:2412.21199",
        flaws=pro_flaws,
    )


HUMANEVAL_PRO = _dataset(
    "humaneval-pro", "humaneval_pro", 164, "e69be9d0071d6e1eed807dcc3481471ba7fc311c71d5fcba6b17e5f56f5b1419"
)
MBPP_PRO = _dataset("mbpp-pro", "mbpp_pro", 378, "1aecf4efa7111ddaf9abb005c5cd844a148b79bf40937890988280e9064674a6")

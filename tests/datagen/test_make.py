import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datagen.config import load_config, override, parse_datagen
from datagen.make import make
from datagen.pipeline.stages import StageName
from harness.files.json_lines import FullDiskError
from harness.runs.settings import ConfigError

CONFIG = """
name = "tiny"
seed = 7
[[sources]]
name = "stdlib"
kind = "standard library"
include = ["statistics.py", "textwrap.py", "heapq.py", "bisect.py", "colorsys.py"]
[[sources]]
name = "go"
path = "{go}"
[embed]
encoder = "hashed"
[core_set]
size = 40
[leakage]
benchmarks = ["humaneval"]
[[variants]]
name = "no-repair"
without = ["repair"]
size_matched = true
[[variants]]
name = "random"
[variants.settings]
"core_set.method" = "random"
"core_set.size" = 20
"""
GO = """package p

// Counts the words that are longer than the limit.
func countLong(words []string, limit int) int {
\tcount := 0
\tfor _, word := range words {
\t\tif len(word) > limit {
\t\t\tcount++
\t\t}
\t}
\treturn count
}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("config")
    (folder / "go").mkdir()
    (folder / "go" / "count.go").write_text(GO)
    (folder / "go" / "image.go").write_bytes(b"\x00\x89PNG")
    (folder / "tiny.toml").write_text(CONFIG.format(go=folder / "go"))
    return folder / "tiny.toml"


@pytest.fixture(scope="module")
def made(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made")
    make(load_config(config), out, lambda _stage, _items: None)
    return out


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def published(out: Path) -> dict[str, bytes]:
    return {**tree(out / "dataset"), **{f"variants/{name}": data for name, data in tree(out / "variants").items()}}


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "data.jsonl").read_text().splitlines()]


def test_three_tasks_and_both_languages_come_out_with_their_provenance(made: Path):
    found = rows(made / "dataset")
    assert {row["task"] for row in found} == {"generation", "summarization", "repair"}
    assert {row["language"] for row in found} == {"python", "go"}
    assert all(row["instruction"] and row["output"] and row["path"] and row["checks"] for row in found)
    assert {row["licence"] for row in found if row["language"] == "python"} == {"PSF-2.0"}


def test_every_repair_with_examples_was_proven(made: Path):
    repairs = [row for row in rows(made / "dataset") if row["task"] == "repair"]
    assert {row["execution"] for row in repairs} <= {"proven", "nothing to run"}
    assert any(row["execution"] == "proven" for row in repairs)


def test_the_card_and_its_plots_are_there(made: Path):
    card = (made / "dataset" / "README.md").read_text()
    for words in ("The funnel", "binary file", "coverage radius", "Leakage", "agree in", "translation lacks 2,236"):
        assert words in card
    assert {path.name for path in (made / "dataset" / "plots").iterdir()} == {
        "funnel.png",
        "lengths.png",
        "map.png",
        "radius.png",
    }


def test_problems_stand_beside_the_rows_and_the_card_counts_them(made: Path):
    problems = [json.loads(line) for line in (made / "dataset" / "problems.jsonl").read_text().splitlines()]
    assert all(problem["canonical_solution"] and problem["tests"] >= 12 for problem in problems)
    assert f"`problems.jsonl`: {len(problems)} problems" in (made / "dataset" / "README.md").read_text()
    facts = [json.loads((folder / "facts.json").read_text()) for folder in (made / "stages").glob("problems-*")]
    assert len(problems) in [each["made"] for each in facts]
    assert all(each["tried"] == each["made"] + sum(each["dropped"].values()) > 0 for each in facts)


def test_variants_differ_in_what_their_name_says(made: Path):
    base, variant = rows(made / "dataset"), rows(made / "variants" / "no-repair")
    assert "repair" not in {row["task"] for row in variant}
    assert len(variant) <= len(base)
    assert 0 < len({row["function_id"] for row in rows(made / "variants" / "random")}) <= 20


def test_the_published_rows_are_the_selected_ones_in_their_order(made: Path):
    (select,) = [
        folder
        for folder in (made / "stages").glob("select-*")
        if json.loads((folder / "facts.json").read_text())["method"] == "kcenter"
    ]
    core = [json.loads(line)["function_id"] for line in (select / "functions.jsonl").read_text().splitlines()]
    (before,) = (made / "stages").glob("duplicates-*")
    prefix = [json.loads(line)["function_id"] for line in (before / "functions.jsonl").read_text().splitlines()]
    assert core != prefix[: len(core)]
    for row in rows(made / "dataset"):
        assert core[int(str(row["core_rank"]))] == row["function_id"]


def test_datasets_loads_both_forms(made: Path):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    cache = str(made / "hub-cache")
    lines = datasets.load_dataset(
        "json", data_files=str(made / "dataset" / "data.jsonl"), split="train", cache_dir=cache
    )
    table = datasets.load_dataset(
        "parquet", data_files=str(made / "dataset" / "data.parquet"), split="train", cache_dir=cache
    )
    assert lines.to_list() == table.to_list() == rows(made / "dataset")


def test_another_folder_gives_the_same_bytes_and_another_seed_others(config: Path, made: Path, tmp_path: Path):
    make(load_config(config), tmp_path / "again", lambda _stage, _items: None)
    assert published(tmp_path / "again") == published(made)
    other = override(load_config(config), {"seed": 8, "variants": []})
    make(other, tmp_path / "other", lambda _stage, _items: None)
    assert rows(tmp_path / "other" / "dataset") != rows(made / "dataset")


def command(config: Path, out: Path) -> list[str]:
    return [sys.executable, "-c", "from datagen.cli import app; app()", "run", str(config), "--out", str(out)]


def kill_in(stage: str, config: Path, out: Path) -> None:
    """Starts a run and kills it with SIGKILL as soon as the stage's draft or result is there."""
    process = subprocess.Popen(command(config, out), start_new_session=True, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        if any((out / "stages").glob(f"{stage}-*")):
            break
        time.sleep(0.0005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_killed_in_every_stage_the_next_start_gives_the_same_bytes(config: Path, made: Path, tmp_path: Path):
    out = tmp_path / "killed"
    for stage in (*StageName, "dataset"):
        kill_in(stage, config, out)
        assert any((out / "stages").glob(f"{stage}-*")), stage
    subprocess.run(command(config, out), check=True, capture_output=True)
    assert published(out) == published(made)


def test_a_full_disk_is_one_sentence_and_the_next_start_goes_on(config: Path, made: Path, tmp_path: Path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    alone = override(load_config(config), {"variants": []})
    try:
        with pytest.raises(FullDiskError, match="No room left"):
            make(alone, tmp_path, lambda _stage, _items: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    make(alone, tmp_path, lambda _stage, _items: None)
    assert tree(tmp_path / "dataset") == tree(made / "dataset")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "does not set 'sources'"),
        ({"sources": []}, "does not set 'sources'"),
        ({"sources": [{"name": "a", "path": "."}], "sed": 1}, "unknown setting 'sed'"),
        ({"sources": [{"name": "a", "path": ".", "pth": 1}]}, "unknown setting 'pth'"),
        ({"sources": [{"name": "a", "path": "."}] * 2}, "same name"),
        ({"sources": [{"name": "a", "path": "."}], "seed": "x"}, "wrong kind"),
        ({"sources": [{"name": "a", "path": "."}], "mixture": {"generation": 0}}, "asks for no rows"),
        ({"sources": [{"name": "a", "path": "."}], "teacher": {"kind": "llm"}}, "needs a model"),
        ({"sources": [{"name": "a", "path": "."}], "teacher": {"generator": {"model": "demo"}}}, "asks no model"),
        ({"sources": [{"name": "a", "path": "."}], "rules": {"min_characters": 900}}, "no function can pass"),
        ({"sources": [{"name": "a", "path": "."}], "core_set": {"size": 0}}, "at least 1"),
        ({"sources": [{"name": "a", "path": "."}], "problems": {"functions": -1}}, "use at least 0"),
        ({"sources": [{"name": "a", "path": "."}], "problems": {"inputs": 3}}, "use at least 20"),
        ({"sources": [{"name": "a", "path": "."}], "problems": {"most_tests": 4}}, "use at least 12"),
        ({"sources": [{"name": "a", "path": "."}], "leakage": {"remove": ["neighbours"]}}, "not among checks"),
    ],
)
def test_contradictions_are_refused_before_anything_runs(values: dict[str, object], sentence: str):
    with pytest.raises(ConfigError, match=sentence) as failure:
        parse_datagen(values, "the file")
    assert "\n" not in str(failure.value)


@pytest.mark.parametrize(
    ("name", "content", "sentence"), [("notes.txt", b"words", "No function"), ("a.py", b"x = 1\n", "No function")]
)
def test_an_empty_corpus_is_one_sentence(tmp_path: Path, name: str, content: bytes, sentence: str):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / name).write_bytes(content)
    values = {"sources": [{"name": "a", "path": str(tmp_path / "code")}], "embed": {"encoder": "hashed"}}
    with pytest.raises(ConfigError, match=sentence):
        make(parse_datagen(values, "test"), tmp_path / "out", lambda _stage, _items: None)

"""Tasks by name, their facts, and ids as others spell them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.data.own import formats
from tasks.errors import TaskError
from tasks.facts import facts
from tasks.humanevalpack.dataset import LANGUAGES
from tasks.mbpp.dataset import SPLITS
from tasks.registry import benchmark, expand, load, names
from tasks.task_ids import canonical_task_id
from tests.benchmark_files import DataSource, data_source


def test_a_family_stands_for_its_six_tasks():
    family = expand("humanevalpack-fix")
    assert family == tuple(f"humanevalpack-fix-{code}" for code in ("python", "js", "java", "go", "cpp", "rust"))
    assert set(family) < set(names())
    assert expand("mbpp") == ("mbpp",)
    with pytest.raises(TaskError, match="did you mean 'humanevalpack-fix-"):
        expand("humanevalpack-fix-c")
    with pytest.raises(TaskError, match="is a family of tasks: name one of humanevalpack-fix-python"):
        load("humanevalpack-fix")


def test_an_unknown_task_names_the_closest_and_where_all_stand():
    with pytest.raises(TaskError, match=r"'humanevl': did you mean 'humaneval'\? Known are humaneval, mbpp, mbpp-san"):
        load("humanevl")
    with pytest.raises(TaskError) as refused:
        expand("humanevalpack-fix-rist")
    assert "did you mean 'humanevalpack-fix-rust'" in str(refused.value)
    assert "`wavebench tasks`" in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(("name", "split"), [("humaneval", "train"), ("mbpp", "tests")])
def test_an_unknown_split_is_refused(name: str, split: str):
    source: DataSource = data_source("mbpp.jsonl") if name == "mbpp" else {}
    with pytest.raises(TaskError, match=f"split of .* '{split}'"):
        load(name, split=split, **source)


@pytest.mark.parametrize(
    ("name", "split", "count"),
    [
        ("mbpp", None, 500),
        ("mbpp", "all", 974),
        ("mbpp", "prompt", 10),
        ("mbpp", "validation", 90),
        ("mbpp", "train", 374),
        ("mbpp", "challenge", 11),
        ("mbpp-sanitized", None, 257),
        ("mbpp-sanitized", "all", 427),
    ],
)
def test_splits_hold_the_rows_that_are_published(benchmarks: Path, name: str, split: str | None, count: int):
    task = load(name, data_dir=benchmarks, split=split)
    assert len(task.problems) == count
    assert len({problem.task_id for problem in task.problems}) == count


def test_another_split_is_another_fingerprint():
    source = data_source("mbpp.jsonl")
    prints = {load("mbpp", split=split, **source).fingerprint for split in ("test", "all", "train")}
    assert len(prints) == 3


@pytest.mark.parametrize("name", ["humaneval", "mbpp", "mbpp-sanitized", "humanevalpack-fix-go"])
def test_facts_are_those_of_the_loaded_task(benchmarks: Path, name: str):
    known = facts(name, benchmarks)
    task = load(name, data_dir=benchmarks)
    assert (known.name, known.version, known.styles[0]) == (task.name, task.version, task.style)
    assert (known.licence, known.source) == (task.origin.licence, task.origin.source)
    assert str(benchmarks) in known.found


@pytest.mark.parametrize("spelling", ["Mbpp/14", "MBPP/14", "mbpp_14", "14", 14, " Mbpp/014 "])
def test_ids_of_others_are_understood(spelling: str | int):
    assert canonical_task_id(spelling, {"Mbpp/14": None, "Mbpp/114": None}) == "Mbpp/14"


@pytest.mark.parametrize("spelling", ["HumanEval/14", "Go/14", "14"])
def test_translated_problems_answer_to_humanevals_ids(spelling: str):
    assert canonical_task_id(spelling, {"Go/14": None}) == "Go/14"
    with pytest.raises(TaskError, match="ids look like 'Go/14'"):
        canonical_task_id("Java/14", {"Go/14": None})


@pytest.mark.parametrize("spelling", ["HumanEval/14", "Mbpp/15", "fourteen", "", "-14"])
def test_ids_of_another_task_are_refused(spelling: str):
    with pytest.raises(TaskError, match="ids look like 'Mbpp/14'"):
        canonical_task_id(spelling, {"Mbpp/14": None})


def test_another_package_brings_a_task(tmp_path: Path):
    (tmp_path / "outsider.py").write_text(
        "from tasks.humaneval.task import load_humaneval\n"
        "def load(style, data_dir, split, data_file):\n    return load_humaneval('chat', data_dir, data_file)\n"
    )
    installed = tmp_path / "outsider-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[wavebench.tasks]\nours = outsider:load\n")
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tasks.registry import load, names\nfrom tasks.facts import facts\n"
        "print(json.dumps([names(), load('ours').style, facts('ours').rows]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[*names(), "ours"], "chat", 164]


def test_a_format_names_the_tasks_that_read_it():
    """The table of formats may not import the tasks, which read their rows through it."""
    known = [row for row in vars(formats).values() if isinstance(row, formats.RowFormat)]
    known += formats._HUMANEVALPACK.values()  # pyright: ignore[reportPrivateUsage]
    for row in known:
        dataset = benchmark(row.task).dataset
        assert dataset is not None
        assert dataset.name == row.dataset
    scenarios = formats._PACK_TASKS.partition("{")[2].partition("}")[0].split(",")  # pyright: ignore[reportPrivateUsage]
    known = {benchmark(name).group for name in names()}
    translations = {f"humanevalpack-translate-to-{code}" for code in LANGUAGES}
    assert known == {"", *(f"humanevalpack-{each}" for each in scenarios), *translations}


def test_a_tasks_row_tells_where_others_keep_and_print_it():
    rows = {name: (benchmark(name).hub, benchmark(name).published) for name in names()}
    assert rows["humaneval"] == (("openai/openai_humaneval", "openai_humaneval"), ("humaneval", "python"))
    assert rows["mbpp"] == (("google-research-datasets/mbpp", "full"), ("mbpp", "python"))
    assert rows["mbpp-sanitized"] == (("google-research-datasets/mbpp", "sanitized"), None)
    assert rows["humanevalpack-fix-js"] == (("bigcode/humanevalpack", "js"), ("humanevalfix", "js"))
    assert rows["humanevalpack-fixdocs-js"] == (("bigcode/humanevalpack", "js"), None)
    assert [name for name in names() if benchmark(name).shows_bug and "pack" in name] == [
        *expand("humanevalpack-fix"),
        *expand("humanevalpack-fixdocs"),
    ]


def test_splits_of_mbpp_are_ranges_of_its_numbers():
    assert [number for number in (0, 10, 11, 510, 511, 600, 601, 974) if number in SPLITS["test"]] == [11, 510]
    parts = [SPLITS[name] for name in ("prompt", "test", "validation", "train")]
    assert [number for part in parts for number in part if number < 1000] == list(range(1000))


OUTSIDERS = """
from dataclasses import replace
from tasks.benchmark import Benchmark
from tasks.registry import benchmark

def load(style, data_dir, split, data_file):
    return benchmark("humaneval").load(style, data_dir, split, data_file)

ROWS = [
    replace(benchmark("humaneval"), family=None, published=None, dataset=None, styles=""),
    Benchmark("ours-py", load, group="ours"),
    Benchmark("ours-go", load, group="ours", published=("ours", "go")),
]
ALONE, PY, GO = ROWS
"""

ASKED = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tasks.registry import expand, known_benchmark, names
from harness.statistics.clusters import cluster_of
from leaderboards.export.published import same_benchmark

one = known_benchmark("humanevalpack-fix-c")
groups = names()[-4:], expand("ours"), expand("humanevalpack-fix")[-1]
row = one.name, one.hub, one.group, cluster_of("humanevalpack-fix-c", "own/7"), same_benchmark("humanevalpack-fix-c")
others = same_benchmark("ours-go"), known_benchmark("broken"), same_benchmark("humaneval")
print(json.dumps([*groups, *row, *others, same_benchmark("humanevalpack-fix")]))
"""


def test_a_task_of_another_package_is_taken_for_no_other_by_its_name(tmp_path: Path):
    """Its own row says where it belongs, even where its name begins as that of a task here."""
    (tmp_path / "outsider.py").write_text(OUTSIDERS)
    installed = tmp_path / "outsider-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[wavebench.tasks]\nhumanevalpack-fix-c = outsider:ALONE\nours-py = outsider:PY\nours-go = outsider:GO\n"
        "broken = nowhere_at_all:load\nhumaneval = outsider:ALONE\n"
    )
    done = subprocess.run([sys.executable, "-c", ASKED, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [
        ["broken", "humanevalpack-fix-c", "ours-go", "ours-py"],
        ["ours-go", "ours-py"],
        "humanevalpack-fix-rust",
        "humanevalpack-fix-c",
        None,
        "",
        "humanevalpack-fix-c/own/7",
        ["", ""],
        ["ours", "go"],
        None,
        ["humaneval", "python"],
        ["humanevalfix", "avg"],
    ]

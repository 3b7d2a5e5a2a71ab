"""Run folders become training rows: confirmed answers only, with provenance, and no benchmark's problems."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import wavebench
from datagen.cli import app
from datagen.config import LeakageConfig
from datagen.from_runs.gate import BenchmarkRowsError
from datagen.from_runs.make import FromRuns, rows_from_runs
from harness.files.atomic_write import OutputPathError
from tests.trainer_packages import TRAINERS, needs

ROOT = Path(__file__).parents[2]
PROBLEMS = ROOT / "tests" / "data" / "problems.jsonl"
NOT_COMPARED = LeakageConfig(checks=(), remove=())
FORGED = "    class Same(int):\n        def __eq__(self, other):\n            return True\n    return Same(7)\n"
ANSWERS = {
    "own/0": ["    return a + b\n", "    return a - b\n", FORGED, "    return a + b  # the same\n"],
    "own/1": ["    return 2 * x\n", "    return x + x\n", "    return (\n", "    while True: pass\n"],
    "own/2": ["    return items[-1]\n"] * 4,
    "own/3": ["    return 1\n", "    return None\n", "    return 1 / 0\n", "    import os; os._exit(0)\n"],
}


def answer(prompts: list[Any]) -> list[str]:
    """What a model of ours says: the next answer to the problem whose function the prompt names."""
    names = {"def add": "own/0", "def double": "own/1", "def last": "own/2", "def is_even": "own/3"}
    texts = [prompt if isinstance(prompt, str) else prompt[-1]["content"] for prompt in prompts]
    said: list[str] = []
    for text in texts:
        task_id = next(task_id for name, task_id in names.items() if name in text)
        asked[task_id] = asked.get(task_id, -1) + 1
        said.append(ANSWERS[task_id][asked[task_id] % 4])
    return said


asked: dict[str, int] = {}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "mine"
    settings = {"samples": 4, "temperature": 0.8, "cpu_seconds": 1.0, "workers": 2}
    wavebench.evaluate(answer, "humaneval", out=folder, data=PROBLEMS, model_name="mine", **settings)
    return folder


@pytest.fixture(scope="module")
def made(run: Path, tmp_path_factory: pytest.TempPathFactory) -> FromRuns:
    return rows_from_runs([run], tmp_path_factory.mktemp("rows") / "out", leakage=NOT_COMPARED)


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_only_confirmed_answers_are_learnt_each_once_hardest_first(made: FromRuns):
    rows = lines(made.folder / "trl" / "sft.jsonl")
    assert [(row["task_id"], row["pass_rate"]) for row in rows] == [
        ("own/0", 0.5),
        ("own/1", 0.5),
        ("own/1", 0.5),
        ("own/2", 1.0),
    ]
    assert all(row["verdict"] == "passed" for row in rows)
    assert not any("__eq__" in row["messages"][-1]["content"] for row in rows)
    assert rows[0]["messages"][0]["role"] == "user"
    assert rows[0]["messages"][-1]["content"].startswith("```python\ndef add(a, b):")
    assert made.dropped["the same code as another sample"] == 4
    report = json.loads((made.folder / "report.json").read_text())
    assert (report["answers"], report["pairs"]) == (4, made.pairs)


def test_every_row_says_where_it_comes_from(made: FromRuns, run: Path):
    rows = lines(made.folder / "trl" / "sft.jsonl")
    assert {(row["run"], row["run_sha256"], row["model"], row["task"]) for row in rows} == {
        ("mine", made.runs[0].sha256, "mine", "humaneval")
    }
    verdicts = {(row["task_id"], row["sample"]): row for row in lines(run / "verdicts.jsonl")}
    for row in rows:
        assert verdicts[row["task_id"], row["sample"]]["confirmed"] is True


def test_pairs_set_a_right_answer_against_a_wrong_one_and_say_why(made: FromRuns):
    rows = lines(made.folder / "trl" / "dpo.jsonl")
    kinds = sorted((row["task_id"], row["rejection"]) for row in rows)
    assert kinds == [
        ("own/0", "forged"),
        ("own/0", "wrong"),
        ("own/1", "not compiled"),
        ("own/1", "timeout"),
    ]
    for row in rows:
        assert row["chosen"] != row["rejected"]
        assert row["rejected_run_sha256"] == made.runs[0].sha256


def test_labels_and_pass_rates(made: FromRuns):
    rows = lines(made.folder / "trl" / "kto.jsonl")
    assert sum(row["label"] for row in rows) == made.answers
    forged = [row for row in rows if "__eq__" in row["completion"][0]["content"]]
    assert [row["label"] for row in forged] == [False]
    rates = {row["task_id"]: row["pass_rate"] for row in lines(made.folder / "pass_rates.jsonl")}
    assert rates == {"own/0": 0.5, "own/1": 0.5, "own/2": 1.0, "own/3": 0.0}


def test_a_problem_gives_no_more_than_its_share(run: Path, tmp_path: Path):
    few = rows_from_runs([run], tmp_path / "out", per_problem=1, leakage=NOT_COMPARED)
    assert few.answers == 3
    assert few.dropped["beyond the most of one problem"] == 1


def test_the_libraries_own_loaders_read_the_rows(made: FromRuns, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path))

    def load(file: Path, kind: str = "json") -> Any:
        return datasets.load_dataset(kind, data_files=str(file), split="train", cache_dir=str(tmp_path))

    folder = made.folder
    assert load(folder / "trl" / "sft.jsonl").column_names[0] == "messages"
    assert set(load(folder / "trl" / "dpo.jsonl").column_names) >= {"prompt", "chosen", "rejected", "rejection"}
    assert set(load(folder / "trl" / "kto.jsonl").column_names) >= {"prompt", "completion", "label"}
    assert len(load(folder / "axolotl" / "sft.jsonl")) == made.answers
    assert load(folder / "axolotl" / "dpo.jsonl")[0]["chosen"]["role"] == "assistant"
    verl = load(folder / "verl" / "train.parquet", "parquet")
    truth = json.loads(verl[0]["reward_model"]["ground_truth"])
    assert (verl[0]["data_source"], truth["task"]) == ("wavebench/humaneval", "humaneval")
    info = json.loads((folder / "llamafactory" / "dataset_info.json").read_text())
    for entry in info.values():
        rows = load(folder / "llamafactory" / entry["file_name"])
        assert set(entry["columns"].values()) <= set(rows.column_names)
        assert rows[0]["conversations"][0]["from"] == entry["tags"]["user_tag"]
    assert info["wavebench_dpo"]["ranking"] is True


@needs("llamafactory", "axolotl", "colorama", "addict")
def test_llama_factorys_and_axolotls_own_code_reads_the_rows(made: FromRuns):
    words = [sys.executable, str(Path(__file__).with_name("trainers_read.py")), str(TRAINERS), str(made.folder)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout.splitlines()[-1])
    factory, axolotl = read["LLaMA-Factory"], read["axolotl"]
    pairs = lines(made.folder / "trl" / "dpo.jsonl")
    assert factory["wavebench_sft.json"]["rows"] == made.answers
    assert factory["wavebench_sft.json"]["prompt"] == lines(made.folder / "trl" / "sft.jsonl")[0]["messages"][:-1]
    assert factory["wavebench_dpo.json"]["ranking"] is True
    assert factory["wavebench_dpo.json"]["responses"] == [[*row["chosen"], *row["rejected"]] for row in pairs]
    # KTO: an empty answer stands in the place of the kind that a row is not.
    labels = [bool(wanted["content"]) for wanted, _ in factory["wavebench_kto.json"]["responses"]]
    assert labels == [row["label"] for row in lines(made.folder / "trl" / "kto.jsonl")]
    said = [(pair["chosen"], pair["rejected"]) for pair in axolotl["pairs"]]
    assert said == [(f"{row['chosen'][0]['content']}</s>", f"{row['rejected'][0]['content']}</s>") for row in pairs]
    assert axolotl["pairs"][0]["prompt"] == f"<user>{pairs[0]['prompt'][0]['content']}</s><assistant>"
    assert axolotl["trained on"].removesuffix("</s>") == axolotl["answer"]


def test_trl_takes_the_rows(made: FromRuns):
    trl = pytest.importorskip("trl", reason="trl is not installed")
    for name in ("dpo", "kto"):
        assert trl.is_conversational(lines(made.folder / "trl" / f"{name}.jsonl")[0])


def test_a_benchmarks_own_problems_are_refused(tmp_path: Path):
    folder = tmp_path / "human"
    wavebench.evaluate(lambda prompts: ["    return 1\n"] * len(prompts), "humaneval", out=folder, limit=2)
    with pytest.raises(BenchmarkRowsError, match=r"cannot be scored on it.*--allow-benchmark"):
        rows_from_runs([folder], tmp_path / "out")
    forced = rows_from_runs([folder], tmp_path / "out", allow_benchmark=True)
    assert forced.samples == 2


def test_a_copy_of_a_benchmarks_problem_is_found_and_left_out(tmp_path: Path):
    """Under another id, and with the function renamed: its text gives it away."""
    [problem] = [each for each in wavebench.load_task("humaneval").problems if each.task_id == "HumanEval/2"]
    row = {
        "task_id": "mine/1",
        "prompt": problem.prompt,
        "entry_point": problem.entry_point,
        "canonical_solution": problem.canonical_solution,
        "test": problem.test,
    }
    own = [json.loads(line) for line in PROBLEMS.read_text().splitlines()][:1]
    file = tmp_path / "mixed.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in [row, *own]))

    def say(prompts: list[Any]) -> list[str]:
        return ["    return a + b\n" if "def add" in str(each) else problem.canonical_solution for each in prompts]

    folder = tmp_path / "run"
    wavebench.evaluate(say, "humaneval", out=folder, data=file, model_name="mine")
    checks = LeakageConfig(benchmarks=("humaneval",))
    made = rows_from_runs([folder], tmp_path / "out", leakage=checks)
    assert [row["task_id"] for row in lines(made.folder / "trl" / "sft.jsonl")] == ["own/0"] or made.answers == 0
    assert "mine/1" not in (made.folder / "trl" / "sft.jsonl").read_text()
    assert made.leaks


def test_the_command(run: Path, tmp_path: Path):
    words = ["from-runs", str(run), "--out", str(tmp_path / "out"), "--allow-benchmark"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "16 samples of 4 problems: 4 answers, 4 pairs" in done.output
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (told["answers"], told["runs"][0]["name"]) == (4, "mine")


def test_a_folder_of_something_else_is_left_alone(run: Path, tmp_path: Path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputPathError, match="name another folder"):
        rows_from_runs([run], tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]

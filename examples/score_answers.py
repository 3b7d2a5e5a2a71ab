"""Scores a list of answers: which of them solve their HumanEval problem, and what pass@k that makes.

python examples/score_answers.py
"""

from collections import Counter

import wavebench

ANSWERS = [
    ("HumanEval/53", "    return x + y\n"),
    ("HumanEval/53", "    return x - y\n"),
    ("HumanEval/23", "Here you are:\n\n```python\ndef strlen(string: str) -> int:\n    return len(string)\n```\n"),
    ("HumanEval/23", "I do not know."),
]


def main() -> None:
    task_ids = [task_id for task_id, _ in ANSWERS]
    # The sandbox stays open between calls: a training loop opens it once.
    with wavebench.open_sandbox(workers=2) as sandbox:
        verdicts = wavebench.judge([answer for _, answer in ANSWERS], task_ids, task="humaneval", sandbox=sandbox)
    for verdict in verdicts:
        print(f"{verdict.task_id}: {verdict.verdict} {verdict.detail}".rstrip())
    samples = Counter(task_ids)
    passed = Counter(verdict.task_id for verdict in verdicts if verdict.passed)
    for task_id, n in samples.items():
        print(f"{task_id}: pass@1 = {wavebench.pass_at_k(n, passed[task_id], 1):.2f} of {n} samples")


if __name__ == "__main__":
    main()

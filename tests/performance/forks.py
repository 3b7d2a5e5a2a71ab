"""What a fork of a zygote costs: fork, a small program, exit. With small pages and with large ones, taking turns.

python tests/performance/forks.py            half a minute; needs no sandbox and no root
"""

import argparse
import marshal
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORKS = 150
SOURCE = """
from typing import List
def usual(numbers: List[int], text: str = "a b c"):
    words = [word.upper() for word in text.split() if word]
    return sum(number * number for number in numbers if number % 2), sorted(words), f"{len(words):.2f}"
assert usual([1, 2, 3]) == (10, ["A", "B", "C"], "3.00")
"""


def measure() -> None:
    """In a process of its own, which is like a zygote: prints CPU ms and page faults of children, and CPU ms in all."""
    from sandbox.python import whole_program
    from sandbox.walls.syscalls import fork_bare, waiter
    from sandbox.zygote.large_pages import collapse_heap
    from sandbox.zygote.preload import preload, settle_memory

    preload()
    whole_program.WHOLE_PROGRAMS.rehearse()
    code = marshal.dumps(compile(SOURCE, "main.py", "exec"))
    settle_memory()
    collapse_heap()
    wait = waiter()
    rounds: list[tuple[float, float]] = []
    for _ in range(5):
        before = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        for _ in range(FORKS):
            pid = fork_bare()
            if pid == 0:
                exec(marshal.loads(code), {"__name__": "program"})
                os._exit(0)
            wait(pid)
        after = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        used = sum(y.ru_utime + y.ru_stime - x.ru_utime - x.ru_stime for x, y in zip(before, after, strict=True))
        rounds.append((1000 * used / FORKS, (after[1].ru_minflt - before[1].ru_minflt) / FORKS))
    print(*min(rounds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    large = "from sandbox.zygote.large_pages import enlarge_code, gather_arenas; gather_arenas(); enlarge_code(); "
    begin = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(Path(__file__).parent)!r}]; "
    found: dict[str, list[list[float]]] = {"small": [], "large": []}
    for _ in range(rounds):
        for pages, first in (("small", ""), ("large", large)):
            words = [os.path.realpath(sys.executable), "-s", "-S", "-P", "-c"]
            words.append(f"{begin}{first}from forks import measure; measure()")
            environment = {"LD_BIND_NOW": "1", "PYTHONHASHSEED": "0"}
            ran = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
            found[pages].append([float(each) for each in ran.stdout.split()])
    for pages, rows in found.items():
        milliseconds, faults = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{pages} pages: {milliseconds:.2f} ms of CPU for fork, program and exit; {faults:.0f} page faults")
    ratios = [b[0] / a[0] for a, b in zip(found["small"], found["large"], strict=True)]
    print(f"large / small: median {statistics.median(ratios):.2f}, {min(ratios):.2f} to {max(ratios):.2f}")


if __name__ == "__main__":
    main()

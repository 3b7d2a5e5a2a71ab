"""What judging beside a model on the same processor costs the model, and what it spares in the end: taking turns.

python tests/performance/overlap.py            about ten minutes on two quiet cores
python tests/performance/overlap.py --quick    one short round: does it work?
"""

import argparse
import os
import statistics
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from harness.evaluate import judge
from harness.generation.missing import missing_requests
from harness.judging.concurrent_judging import ConcurrentJudging
from harness.model import Model
from harness.models.registry import open_model
from harness.runs.config import RunConfig
from harness.runs.run import open_run


@dataclass(frozen=True, slots=True)
class Turn:
    """One run from no answer to the last verdict."""

    tokens: int
    answering_seconds: float
    whole_seconds: float
    judged_meanwhile: int

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.answering_seconds


def take_turn(model: Model, config: RunConfig, folder: Path, overlapped: bool) -> Turn:
    tokens, started = 0, time.perf_counter()
    with open_run(config, folder) as run:
        run.folder.note({"model": dict(model.facts())})
        with ConcurrentJudging(run) if overlapped else nullcontext() as concurrent:
            for completion in model.answer(missing_requests(run), config.sampling):
                run.folder.completions.append(completion)
                if concurrent:
                    concurrent.add(completion)
                tokens += completion.completion_tokens
            answered = time.perf_counter()
        meanwhile = run.folder.verdicts.path.read_bytes().count(b"\n")
        judge(run)
    return Turn(tokens, answered - started, time.perf_counter() - started, meanwhile)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.samples = 1, 4
    config = RunConfig(
        "demo", "humaneval", "complete", samples=arguments.samples, temperature=0.8, max_tokens=64, limit=8, cache=False
    )
    model = open_model(config.model)
    turns: dict[bool, list[Turn]] = {False: [], True: []}
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    with tempfile.TemporaryDirectory() as name:
        for number in range(arguments.rounds):
            for overlapped in (False, True) if number % 2 == 0 else (True, False):
                turn = take_turn(model, config, Path(name, f"{number} {overlapped}"), overlapped)
                turns[overlapped].append(turn)
                print(f"round {number + 1}, overlapped {overlapped}: {turn}", flush=True)
    rows = [
        [
            "beside the model" if overlapped else "afterwards",
            f"{statistics.median(turn.tokens_per_second for turn in found):.1f}",
            f"{statistics.median(turn.whole_seconds for turn in found):.1f}",
            found[0].judged_meanwhile,
        ]
        for overlapped, found in turns.items()
    ]
    header = ["judging", "tokens/s", "seconds in all", "verdicts before the last answer"]
    print(f"\n{8 * arguments.samples} samples, medians of {arguments.rounds} rounds\n")
    print(tabulate(rows, header, tablefmt="github", disable_numparse=True))


if __name__ == "__main__":
    main()

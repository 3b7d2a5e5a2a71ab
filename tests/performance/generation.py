"""Tokens a second of the demo model, beside a loop over `model.generate` as bigcode-evaluation-harness writes it.

python tests/performance/generation.py            about a quarter of an hour on two quiet cores
python tests/performance/generation.py --quick    a few samples of one problem: does it work?

Same weights, machine and run, taking turns. Counted are the tokens up to and with the one that brings a stop string:
what a loop computes behind that, since another row of its batch still runs, is of no use to anybody.
"""

import argparse
import os
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from tabulate import tabulate

from harness.generation.missing import sample_seed
from harness.model import Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Prompt
from tasks.registry import load

AIM = 2.0
PROMPTS = (1, 8, 32)
FIXED_TOKENS = 32


@dataclass(frozen=True, slots=True)
class Rate:
    """What one contestant did with one set of requests."""

    tokens: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.tokens / self.wall_seconds

    @property
    def per_cpu_second(self) -> float:
        return self.tokens / self.cpu_seconds


def measured(work: Callable[[], int]) -> Rate:
    wall, cpu = time.perf_counter(), time.process_time()
    tokens = work()
    return Rate(tokens, time.perf_counter() - wall, time.process_time() - cpu)


class Ours:
    def __init__(self, model: Any, sampling: Sampling) -> None:
        self._model, self._sampling = model, sampling

    def __call__(self, prompts: Sequence[Prompt], samples: int) -> int:
        requests = [
            Request(str(number), sample, 0, prompt, sample_seed(0, str(number), sample))
            for number, prompt in enumerate(prompts)
            for sample in range(samples)
        ]
        return sum(answer.completion_tokens for answer in self._model.answer(requests, self._sampling))


class GenerateLoop:
    """One prompt after the other; its samples are one batch, which ends when all of them hold a stop string."""

    def __init__(self, model: Any, tokenizer: Any, sampling: Sampling, padded: bool = False) -> None:
        self._model, self._tokenizer, self._sampling, self._padded = model, tokenizer, sampling, padded

    def __call__(self, prompts: Sequence[Prompt], samples: int) -> int:
        batches = [list(prompts)] if self._padded else [[prompt] for prompt in prompts]
        return sum(self._answer(batch, samples) for batch in batches)

    def _answer(self, prompts: Sequence[Prompt], samples: int) -> int:
        import torch

        stops = (*prompts[0].stop, *filter(None, [self._tokenizer.eos_token]))
        inputs = self._tokenizer([prompt.text for prompt in prompts], return_tensors="pt", padding=True)
        start = inputs.input_ids.shape[1]

        def all_stopped(ids: Any, *_: object, **__: object) -> Any:
            texts = self._tokenizer.batch_decode(ids[:, start:])
            done = all(any(stop in text for stop in stops) for text in texts)
            return torch.full((len(texts),), done)

        with torch.no_grad():
            whole = self._model.generate(
                **inputs,
                num_return_sequences=samples,
                do_sample=True,
                temperature=self._sampling.temperature,
                top_p=self._sampling.top_p,
                top_k=0,
                max_new_tokens=self._sampling.max_tokens,
                pad_token_id=self._tokenizer.pad_token_id,
                stopping_criteria=[all_stopped],
            )
        return sum(self._useful(row, stops) for row in whole[:, start:].tolist())

    def _useful(self, tokens: list[int], stops: Sequence[str]) -> int:
        end = self._tokenizer.eos_token_id
        kept = tokens[: tokens.index(end)] if end in tokens else tokens
        if not any(stop in self._tokenizer.decode(kept) for stop in stops):
            return len(kept)
        return next(
            count
            for count in range(1, len(kept) + 1)
            if any(stop in self._tokenizer.decode(kept[:count]) for stop in stops)
        )


def compare(contestants: dict[str, Any], prompts: Sequence[Prompt], samples: int, label: str) -> list[list[object]]:
    rates = {name: measured(lambda asked=ask: asked(prompts, samples)) for name, ask in contestants.items()}
    ours = rates["wavebench"]
    for name, rate in rates.items():
        print(f"{label}, {name}: {rate.tokens} tokens in {rate.wall_seconds:.1f} s", flush=True)
    return [
        [
            label,
            name,
            rate.tokens,
            f"{rate.per_second:.1f}",
            f"{rate.per_cpu_second:.1f}",
            f"{ours.per_second / rate.per_second:.2f}",
            f"{ours.per_cpu_second / rate.per_cpu_second:.2f}",
        ]
        for name, rate in rates.items()
    ]


@contextmanager
def endless(model: Any, tokenizer: Any) -> Generator[None]:
    """No token ends an answer, so that every contestant makes as many."""
    before = model.generation_config.eos_token_id, tokenizer.eos_token
    model.generation_config.eos_token_id = tokenizer.eos_token = None
    yield
    model.generation_config.eos_token_id, tokenizer.eos_token = before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problems", type=int, default=4, help="of the part with n = 20")
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the run")
    sampling = Sampling(temperature=0.2, top_p=0.95, max_tokens=16 if arguments.quick else arguments.max_tokens)
    opened: Any = open_model("demo", ModelOptions())
    inner, tokenizer = opened._model, opened._tokenizer  # the peer must have the very same weights in memory
    tokenizer.padding_side = "left"
    task = load("humaneval", "complete")
    asked = [prompt for problem in task.problems if (prompt := task.prompt(problem, ()))]
    ours, loop = Ours(opened, sampling), GenerateLoop(inner, tokenizer, sampling)
    ours(asked[:1], 1)
    rows: list[list[object]] = []
    with endless(inner, tokenizer):
        for count in PROMPTS[:2] if arguments.quick else PROMPTS:
            few = [replace(prompt, stop=()) for prompt in asked[:count]]
            short = replace(sampling, max_tokens=FIXED_TOKENS)
            named = {
                "wavebench": Ours(opened, short),
                "generate, prompt by prompt": GenerateLoop(inner, tokenizer, short),
                "generate, one padded batch": GenerateLoop(inner, tokenizer, short, padded=True),
            }
            rows += compare(named, few, 1, f"{count} prompts, {FIXED_TOKENS} tokens each")
    problems = 1 if arguments.quick else arguments.problems
    spread = asked[:: max(1, len(asked) // problems)][:problems]
    twenty = compare({"wavebench": ours, "generate, prompt by prompt": loop}, spread, 20, f"{problems} prompts, n = 20")
    header = ["T = 0.2", "contestant", "tokens", "tokens/s", "tokens/CPU s", "ours is x times", "by CPU"]
    print(f"\n{tabulate(rows + twenty, header, tablefmt='github', disable_numparse=True)}")
    wall, cpu = twenty[1][5:7]
    print(f"\nHumanEval, n = 20, T = 0.2: {wall} times as fast as the loop ({cpu} by processor time); aim: {AIM}")


if __name__ == "__main__":
    main()

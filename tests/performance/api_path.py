"""What one answer of a server costs this process: CPU milliseconds of `api:`, beside those of the client alone.

python tests/performance/api_path.py            2,000 answers of each, half a minute on two quiet cores
python tests/performance/api_path.py --quick    a few: does it work?

The server runs in a process of its own and answers at once. Contestants take turns, as a machine's speed drifts.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from itertools import islice
from typing import Any

from tabulate import tabulate

from harness.model import Request, Sampling
from harness.models.options import ModelOptions
from harness.models.registry import open_model
from tasks.prompt import Message, Prompt

AIM_MILLISECONDS = 2.0
AT_ONCE = 16
ROUNDS = 5
SERVER = """
import sys, time
from tests.harness.models.faulty_server import FaultyServer
with FaultyServer() as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
QUESTION = "Complete the following Python function. Reply with the complete function in a ```python block.\n" * 8


@contextmanager
def server_apart() -> Generator[str]:
    """Its address; its CPU seconds are not ours."""
    process = subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate()


def ours(url: str, count: int) -> None:
    model = open_model("api:tiny", ModelOptions(base_url=url, concurrency=AT_ONCE))
    prompt = Prompt(messages=(Message("user", QUESTION),))
    requests = (Request(f"task {n}", 0, 0, prompt, seed=n) for n in range(count))
    assert sum(1 for _ in model.answer(requests, Sampling())) == count


def client_alone(url: str, count: int) -> None:
    """The openai package's own client, with as many requests at once and nothing around it."""
    from openai import AsyncOpenAI

    async def ask_all() -> None:
        async with AsyncOpenAI(api_key="none", base_url=url, max_retries=0) as client:
            end_point: Any = client.chat.completions
            waiting = iter(range(count))

            async def ask(numbers: Iterable[int]) -> None:
                for number in numbers:
                    message = [{"role": "user", "content": QUESTION}]
                    await end_point.create(model="tiny", messages=message, temperature=0.0, seed=number, max_tokens=512)

            await asyncio.gather(*(ask(waiting) for _ in range(AT_ONCE)))

    asyncio.run(ask_all())


def bare_requests(url: str, count: int) -> None:
    """The HTTP library below that client, by itself: the least that a request costs in Python."""
    import httpx2

    async def ask_all() -> None:
        async with httpx2.AsyncClient() as client:
            waiting = iter(range(count))

            async def ask(numbers: Iterable[int]) -> None:
                for number in numbers:
                    message = [{"role": "user", "content": QUESTION}]
                    body = {"model": "tiny", "messages": message, "temperature": 0.0, "seed": number, "max_tokens": 512}
                    (await client.post(f"{url}/chat/completions", json=body)).json()

            await asyncio.gather(*(ask(waiting) for _ in range(AT_ONCE)))

    asyncio.run(ask_all())


def milliseconds(work: Callable[[str, int], None], url: str, count: int) -> float:
    """CPU time of this process for one answer."""
    begun = time.process_time()
    work(url, count)
    return (time.process_time() - begun) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, default=2000)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    count = 40 if arguments.quick else arguments.answers // ROUNDS
    contestants: dict[str, Callable[[str, int], None]] = {
        "wavebench, api:": ours,
        "the openai package's client alone": client_alone,
        "httpx2 alone": bare_requests,
    }
    costs: dict[str, list[float]] = {name: [] for name in contestants}
    with server_apart() as url:
        for work in contestants.values():
            work(url, 20)  # imports, and the code of both warm
        for _ in islice(range(ROUNDS), 1 if arguments.quick else None):
            for name, work in contestants.items():
                costs[name].append(milliseconds(work, url, count))
    rows = [(name, min(found), sorted(found)[len(found) // 2]) for name, found in costs.items()]
    print(tabulate(rows, ("contestant", "CPU ms an answer, best", "median"), tablefmt="github", floatfmt=".2f"))
    added = rows[0][1] - rows[-1][1]
    print(f"\nThe api path adds {added:.2f} ms of CPU to a bare request; aim: {AIM_MILLISECONDS}")


if __name__ == "__main__":
    main()

"""How near the LLM teacher's loop comes to the ideal: python tests/performance/llm_loop.py [--at-once 16 64 256].

A server in a process of its own answers after a time drawn by the request's seed: log-normal, median 1 s, sigma 0.5
(one answer in forty takes more than 2.7 s). One answer in twenty is no JSON and is asked for again. The ideal is the
sum of all these times over the requests at once: no loop can be faster.
"""

import argparse
import asyncio
import json
import math
import multiprocessing
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from datagen.config import parse_datagen
from datagen.rows.raw_function import Origin, RawFunction, function_id
from datagen.teachers.teach import teach

SIGMA = 0.5
MALFORMED = 0.05


def seconds_of(seed: int) -> float:
    return math.exp(random.Random(seed).gauss(0, SIGMA))


def answer_of(user: str, seed: int) -> str:
    if random.Random(f"malformed {seed}").random() < MALFORMED:
        return "I would rather talk about something else."
    rules = len(re.findall(r"^\d+\. \(step", user, re.MULTILINE))
    if rules:
        checks = [{"rule": n, "reason": "it is", "answer": "yes"} for n in range(1, rules + 1)]
        return json.dumps({"checks": checks, "reasons": "Good.", "overall": "yes"})
    number = re.findall(r"def measure_(\d+)", user.split("Input (")[-1])[0]
    row = {"task_name": "generation", "instruction": f"Write a Python function measure_{number} that sums values."}
    solution = f"def measure_{number}(values):\n    return sum(values) + {number}"
    return json.dumps({**row, "information": "<noinput>", "solution": solution, "tests": ""})


async def serve(report: Connection) -> None:
    """The smallest HTTP server that the client accepts, so that the loop is measured and not the server."""
    waited = Counter[str]()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(re.findall(rb"content-length: (\d+)", head)[0])
                body = json.loads(await reader.readexactly(length))
                seconds = seconds_of(body["seed"])
                began = time.monotonic()
                await asyncio.sleep(seconds)
                # As long as it took: on a busy machine a server wakes up late, for which no loop can help.
                waited["milliseconds"] += round(1000 * (time.monotonic() - began))
                waited["requests"] += 1
                text = answer_of(body["messages"][1]["content"], body["seed"])
                choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                whole = {"id": "1", "object": "chat.completion", "created": 0, "model": "scripted", "usage": usage}
                data = json.dumps({**whole, "choices": [choice]}).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=1024, limit=1 << 20)
    report.send(server.sockets[0].getsockname()[1])
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, report.recv)
    waited.clear()
    report.send("begun")
    await loop.run_in_executor(None, report.recv)
    report.send(dict(waited))
    server.close()


def start_server(report: Connection) -> None:
    asyncio.run(serve(report))


def functions(count: int) -> list[RawFunction]:
    codes = [f"def measure_{n}(values):\n    total = sum(values)\n    return total + {n}" for n in range(count)]
    return [
        RawFunction(function_id("python", code), "python", f"measure_{n}", code, f"def measure_{n}(values):",
                    "Adds up measured values.", Origin("t", "p"))
        for n, code in enumerate(codes)
    ]  # fmt: skip


def measure(at_once: int, rounds: int) -> None:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=start_server, args=(theirs,))
    process.start()
    address = f"http://127.0.0.1:{ours.recv()}/v1"
    role = {"model": "api:scripted", "base_url": address, "concurrency": at_once}
    values = {"sources": [{"name": "t", "path": "."}], "mixture": {"generation": 10**9}}
    config = parse_datagen({**values, "teacher": {"kind": "llm", "generator": role}}, "benchmark")
    with tempfile.TemporaryDirectory() as cache:
        # Loads the client, which takes seconds on a busy machine.
        list(teach(config, functions(1), Path(cache), Counter(), lambda _: None))
        ours.send("begin")
        ours.recv()
        began, cpu = time.monotonic(), time.process_time()
        rows = list(teach(config, functions(at_once * rounds), Path(cache), Counter(), lambda _: None))
        wall, cpu = time.monotonic() - began, time.process_time() - cpu
    ours.send("end")
    waited = ours.recv()
    process.join()
    ideal = waited["milliseconds"] / 1000 / at_once
    print(
        f"{at_once:4d} at once: {len(rows):6,} rows, {waited['requests']:6,} requests, {wall:6.1f} s, "
        f"ideal {ideal:6.1f} s, "
        f"{ideal / wall:6.1%} of the ideal, {1000 * cpu / waited['requests']:.1f} ms of processor time a request"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, nargs="+", default=[16, 64, 256])
    parser.add_argument("--rounds", type=int, default=20, help="Rows for each request at once.")
    options = parser.parse_args(arguments)
    for at_once in options.at_once:
        measure(at_once, options.rounds)


if __name__ == "__main__":
    main()

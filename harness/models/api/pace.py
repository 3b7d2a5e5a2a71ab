"""How many requests are under way at once: as many as the server bears, found out by asking."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Pace:
    """One more request at once after each round of answers, half as many when the server is full, never above `most`.

    Additive increase, multiplicative decrease (Chiu and Jain, 1989). A full server also sets the time before which
    nobody sends.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._limit = float(most)
        self._under_way = 0
        self._not_before = 0.0
        self._halved = 0.0
        self._changed = asyncio.Condition()
        self.halvings = 0

    @property
    def limit(self) -> int:
        return int(self._limit)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[float]:
        """Waits for its turn, and yields when that came by the monotonic clock."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._under_way < self.limit)
            self._under_way += 1
        try:
            while (pause := self._not_before - time.monotonic()) > 0:
                await asyncio.sleep(pause)
            yield time.monotonic()
        finally:
            async with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def answered(self) -> None:
        """A request was answered."""
        # One over the limit for each answer: one more in all for each round of them.
        self._limit = min(self._limit + 1 / self._limit, self._most)

    def is_full(self, sent: float, pause_seconds: float) -> None:
        """The server took no more at this pace, and wants a pause; of one round of refusals only the first halves."""
        # Never shortened: of several refusals the longest pause holds.
        self._not_before = max(self._not_before, time.monotonic() + pause_seconds)
        if sent >= self._halved:
            self._limit = max(1.0, self._limit / 2)
            self._halved = time.monotonic()
            self.halvings += 1

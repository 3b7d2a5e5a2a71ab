"""Good and bad rows with their analysis, drawn from as examples for later calls; bounded, per task, seeded."""

import random
from collections import deque
from dataclasses import dataclass, field

from datagen.rows.example import Example, Opinion, TaskType


@dataclass(slots=True)
class ExampleDatabase:
    """The rows that were judged so far. Its state depends only on what was filed and in which order."""

    capacity: int = 200
    """Rows kept per task and class; the oldest goes first."""
    _rows: dict[tuple[TaskType, Opinion], deque[Example]] = field(
        default_factory=dict[tuple[TaskType, Opinion], deque[Example]]
    )

    def file(self, row: Example) -> None:
        """Keeps a judged row; one with an unparseable verdict is not kept."""
        if row.review.opinion is Opinion.UNPARSEABLE:
            return
        rows = self._rows.setdefault((row.task, row.review.opinion), deque(maxlen=self.capacity))
        rows.append(row)

    def draw(self, task: TaskType, opinion: Opinion, count: int, generator: random.Random) -> tuple[Example, ...]:
        """Up to `count` whole rows of a task and class."""
        rows = self._rows.get((task, opinion), ())
        return tuple(generator.sample(list(rows), min(count, len(rows))))

    def __len__(self) -> int:
        return sum(len(rows) for rows in self._rows.values())

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
    _shelves: dict[tuple[TaskType, Opinion], deque[Example]] = field(
        default_factory=dict[tuple[TaskType, Opinion], deque[Example]]
    )

    def file(self, row: Example) -> None:
        """Keeps a judged row; an unparseable verdict says nothing and is not kept."""
        if row.review.opinion is Opinion.UNPARSEABLE:
            return
        index = self._shelves.setdefault((row.task, row.review.opinion), deque(maxlen=self.capacity))
        index.append(row)

    def draw(self, task: TaskType, opinion: Opinion, count: int, generator: random.Random) -> tuple[Example, ...]:
        """Up to `count` whole rows of a task and class."""
        index = self._shelves.get((task, opinion), ())
        return tuple(generator.sample(list(index), min(count, len(index))))

    def __len__(self) -> int:
        return sum(len(index) for index in self._shelves.values())

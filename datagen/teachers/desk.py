"""Asks models many questions at once and hands out each answer as soon as it is there, from the cache where it is."""

import os
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Self

from datagen.teachers.answer_cache import TeacherAnswers
from harness.completion import Completion
from harness.model import Model, Request, Sampling


@dataclass(slots=True)
class Slots:
    """How many questions one server is asked at once; two models behind one server share them."""

    most: int
    under_way: int = 0


@dataclass(frozen=True, slots=True)
class Speaker:
    """A model in its role."""

    model: Model
    sampling: Sampling
    slots: Slots
    alone: AbstractContextManager[object] = field(default_factory=nullcontext[None])
    """Held while the model answers at one temperature: a lock for a model in this process, nothing for a server."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question to a speaker."""

    speaker: Speaker
    sampling: Sampling
    request: Request
    key: bytes
    """Of its answer in the cache."""


class Desk(AbstractContextManager["Desk"]):
    """Questions in, answers out in any order. One thread for each model and temperature waits for its back end."""

    def __init__(self, cache: TeacherAnswers) -> None:
        self._cache = cache
        self._known: deque[tuple[Question, Completion]] = deque()
        self._arrived: SimpleQueue[tuple[Question, Completion] | BaseException] = SimpleQueue()
        self._streams: dict[tuple[int, float], _Stream] = {}
        self._closed = False
        self.changed = Condition(Lock())

    def ask(self, question: Question) -> None:
        """Hands in a question; at once answered where it was asked before."""
        known = self._cache.find(question.key)
        if known is not None:
            self._known.append((question, known))
            return
        key = (id(question.speaker), question.sampling.temperature)
        if key not in self._streams:
            stream = _Stream(self, question.speaker, question.sampling)
            self._streams[key] = stream
            stream.start()
        self._streams[key].add(question)

    def next_answer(self) -> tuple[Question, Completion]:
        """Waits for an answer; it is on disk before it is returned. Raises ModelError when the model is down."""
        if self._known:
            return self._known.popleft()
        arrived = self._arrived.get()
        if isinstance(arrived, BaseException):
            raise arrived
        return self._keep(*arrived)

    def _keep(self, question: Question, answer: Completion) -> tuple[Question, Completion]:
        return question, self._cache.keep(question.key, answer)

    @property
    def closed(self) -> bool:
        return self._closed

    def wake(self) -> None:
        """Tells every stream that questions came or slots got free."""
        for stream in list(self._streams.values()):
            stream.wake()

    def hand_out(self, arrived: tuple[Question, Completion] | BaseException) -> None:
        """Called by the streams."""
        self._arrived.put(arrived)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Asks nothing more; what is under way is waited for and kept, unless the user has interrupted."""
        with self.changed:
            self._closed = True
            self.changed.notify_all()
        self.wake()
        if isinstance(error, KeyboardInterrupt):
            return
        for stream in self._streams.values():
            stream.join()
        while not self._arrived.empty():
            arrived = self._arrived.get()
            if not isinstance(arrived, BaseException):
                self._keep(*arrived)


class _Stream:
    """The questions to one model at one temperature: the `WakingQueue` that its back end takes from."""

    def __init__(self, desk: Desk, speaker: Speaker, sampling: Sampling) -> None:
        self.speaker = speaker
        self.wake_descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._desk, self._sampling = desk, sampling
        self._waiting: deque[Question] = deque()
        self._out: dict[tuple[str, int, int], Question] = {}
        self._thread = Thread(target=self._answer_all, name="wavebench-teacher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join()
        os.close(self.wake_descriptor)

    def add(self, question: Question) -> None:
        with self._desk.changed:
            self._waiting.append(question)
            self._desk.changed.notify_all()
        self._desk.wake()

    def wake(self) -> None:
        if self._waiting or self._desk.closed:
            os.eventfd_write(self.wake_descriptor, 1)

    @property
    def closed(self) -> bool:
        return self._desk.closed

    def take(self) -> Request | None:
        """The next request, when one waits and its server has a free slot.

        Whoever comes first takes it: held free for older rows, it would stay empty until another thread wakes up.
        """
        slots = self.speaker.slots
        with self._desk.changed:
            if self.closed or not self._can_ask():
                return None
            slots.under_way += 1
            question = self._waiting.popleft()
            request = question.request
            self._out[request.task_id, request.sample, request.turn] = question
            return request

    def __iter__(self) -> Iterator[Request]:
        """The requests until there is none now."""
        return iter(self.take, None)

    def _answer_all(self) -> None:
        try:
            while self._wait_for_questions():
                with self.speaker.alone:
                    for answer in self.speaker.model.answer(self, self._sampling):
                        question = self._out.pop((answer.task_id, answer.sample, answer.turn))
                        with self._desk.changed:
                            self.speaker.slots.under_way -= 1
                            self._desk.changed.notify_all()
                        self._desk.wake()
                        self._desk.hand_out((question, answer))
        except BaseException as error:  # handed to the thread that waits for answers, which raises it
            self._desk.hand_out(error)

    def _wait_for_questions(self) -> bool:
        """Blocks until a question can be asked; False when the desk is closed."""
        with self._desk.changed:
            self._desk.changed.wait_for(lambda: self.closed or self._can_ask())
        return not self.closed

    def _can_ask(self) -> bool:
        return bool(self._waiting) and self.speaker.slots.under_way < self.speaker.slots.most

"""When a request to an API is sent again, after how long, and what is said when that does not help."""

import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import openai
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_exponential, wait_random

from harness.files.progress import warn
from harness.model import ModelError
from harness.models.api.pace import Pace
from harness.models.api.reply import UnreadableReplyError
from harness.models.options import ModelOptions

A = TypeVar("A")
LONGEST_PAUSE_SECONDS = 60.0
SECONDS_PER_LINE = 10.0
"""Least time between two lines about failed tries at one server."""
_BAD_BODIES = (json.JSONDecodeError, UnicodeDecodeError, RecursionError)
"""What reading a body raises that is cut short, in another encoding, or made to break its reader."""
_DAY_SECONDS = 86_400.0
_LONGEST_ASKED_SECONDS = 366 * _DAY_SECONDS
"""What a server asks for beyond that is taken for this: no date has room for it."""
FIRST_CONTACT_SECONDS = 15.0
"""An address that has never answered is more likely wrong than busy."""


class UnavailableError(ModelError):
    """The server had all the time that a request may take; another one of the same weights may still answer it."""


@dataclass(slots=True)
class _Try:
    """One request on its way to an answer."""

    waited_seconds: float = 0.0
    """For its turn: no fault of the server."""


@dataclass(slots=True)
class RetryPolicy:
    """One policy for all requests to one server; it knows whether that server has ever answered, and its pace."""

    options: ModelOptions
    server: str
    """The address as it may be shown."""
    key_variable: str = "OPENAI_API_KEY"
    masked: Callable[[str], str] = str
    """Takes the key out of a text that is shown."""
    answered: bool = False
    pace: Pace = field(init=False)
    _spoke: float = -SECONDS_PER_LINE
    """When the latest line about a failed try was said, by the monotonic clock."""
    _unsaid: int = 0
    """Failed tries since then."""

    def __post_init__(self) -> None:
        self.pace = Pace(self.options.concurrency)

    async def run(self, send: Callable[[], Awaitable[A]], about: str) -> A:
        """Sends until an answer arrives; raises ModelError with the remedy when that is hopeless or takes too long."""
        trial = _Try()
        # Exponential back-off with jitter, and never less than the server asks for.
        first = self.options.backoff_seconds
        backoff = wait_exponential(multiplier=first, max=LONGEST_PAUSE_SECONDS) + wait_random(0, first)
        retrying = AsyncRetrying(
            retry=retry_if_exception(may_pass),
            wait=lambda state: max(backoff(state), asked_pause_seconds(_failure(state))),
            stop=lambda state: self._budget_is_spent(state, trial),
            before_sleep=lambda state: self._speak(state, trial, about),
            reraise=True,
        )

        async def attempt() -> A:  # tenacity awaits a coroutine function only
            came = time.monotonic()
            async with self.pace.turn() as sent:
                trial.waited_seconds += sent - came
                try:
                    reply = await send()
                except Exception as error:
                    if is_full(error):
                        asked = asked_pause_seconds(error)
                        # A server may ask for more than a request may be tried again; then nobody waits for it.
                        self.pace.is_full(sent, asked if asked <= self.options.retry_seconds else 0.0)
                    raise
                self.pace.answered()
                return reply

        started = time.monotonic()
        try:
            reply: A = await retrying(attempt)
        except (openai.OpenAIError, TimeoutError, UnreadableReplyError, *_BAD_BODIES) as error:
            tries = f"{retrying.statistics['attempt_number']} tries in {time.monotonic() - started:.0f} s"
            # Another server of the same weights may help against the former, never against the latter.
            kind = UnavailableError if may_pass(error) else ModelError
            raise kind(self._sentence(error, about, tries)) from error
        # From now on silence means a busy server, not a wrong address.
        self.answered = True
        return reply

    def _left_seconds(self, state: RetryCallState, trial: _Try) -> float:
        """What is left of the patience with one request."""
        seconds = self.options.retry_seconds
        budget = seconds if self.answered else min(seconds, FIRST_CONTACT_SECONDS)
        return budget - (state.seconds_since_start or 0.0) + trial.waited_seconds

    def _budget_is_spent(self, state: RetryCallState, trial: _Try) -> bool:
        self.answered = self.answered or not _is_unreachable(_failure(state))
        return state.upcoming_sleep > self._left_seconds(state, trial)

    def _speak(self, state: RetryCallState, trial: _Try, about: str) -> None:
        """Says that a try failed; at most one line in so many seconds, as many requests may fail at once."""
        # Sixteen requests that fail at once are one event to whoever reads the lines.
        now = time.monotonic()
        if now - self._spoke < SECONDS_PER_LINE:
            self._unsaid += 1
            return
        others = f"; {self._unsaid} other tries failed since the last line" if self._unsaid else ""
        self._spoke, self._unsaid = now, 0
        error = _failure(state)
        warn(
            self.masked(
                f"{self.server}: try {state.attempt_number} of {about} failed "
                f"({describe(error, self.options.request_seconds)}). The next one is in {state.upcoming_sleep:.0f} s, "
                f"{self._left_seconds(state, trial):.0f} s of patience (retry_seconds) are left{others}."
            )
        )

    def _sentence(self, error: Exception, about: str, tries: str) -> str:
        match error:
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return f"{self.server} refuses the key ({_reason(error)}): put a valid one into {self.key_variable}"
            case openai.NotFoundError():
                return f"{self.server} does not know {about} ({_reason(error)}): fix the model's name or --base-url"
            case openai.APIStatusError() if not may_pass(error):
                return f"{self.server} refuses {about} ({_reason(error)}): fix what it names, then run again"
            case openai.APIStatusError():
                asked = asked_pause_seconds(error)
                later = "run again later to go on"
                if asked > LONGEST_PAUSE_SECONDS:
                    when = datetime.now(UTC) + timedelta(seconds=asked)
                    day = f"{when:%Y-%m-%d} " if asked > _DAY_SECONDS else ""
                    later = f"it asks to come back in {asked:,.0f} s, at {day}{when:%H:%M} UTC: run again then to go on"
                return f"{self.server} still fails {about} after {tries} ({_reason(error)}): {later}"
            case _ if _is_unreachable(error):
                return (
                    f"{self.server} cannot be reached ({tries}, {error.__cause__ or error}): "
                    "start the server or fix --base-url, then run again to go on"
                )
            case _:
                what = describe(error, self.options.request_seconds)
                return (
                    f"{self.server} gave no whole answer to {about} in {tries} ({what}): see its log, then run again "
                    "to go on"
                )


def may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed later: the server is busy, broke down, hung or was cut off."""
    if isinstance(error, openai.APIStatusError):
        busy = error.status_code in (408, 409, 425, 429) or error.status_code >= 500
        return busy and error.code != "insufficient_quota"
    return isinstance(error, (openai.APIConnectionError, TimeoutError, UnreadableReplyError, *_BAD_BODIES))


def describe(error: BaseException | None, request_seconds: float) -> str:
    """What failed, each kind of failure by its own name."""
    match error:
        case openai.APIStatusError():
            return _reason(error)
        case openai.APITimeoutError() | TimeoutError():
            return f"no whole reply within request_seconds = {request_seconds:g}"
        case openai.APIConnectionError():
            cause = error.__cause__ or error
            return f"the connection broke: {type(cause).__name__} {' '.join(str(cause).split())[:120]}".rstrip()
        case UnreadableReplyError():
            return str(error)
        case UnicodeDecodeError():
            return "a reply that is not UTF-8"
        case RecursionError():
            return "a reply nested too deeply"
        case json.JSONDecodeError():
            return "a reply that is no whole JSON"
        case _:
            return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"


def asked_pause_seconds(error: BaseException | None) -> float:
    """How long the server wants to be left alone; 0 where it does not say."""
    return retry_after_seconds(error.response.headers) if isinstance(error, openai.APIStatusError) else 0.0


def is_full(error: BaseException) -> bool:
    """Whether fewer requests at once would help: too many, overloaded, or too slow."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (429, 503, 529) and may_pass(error)
    return isinstance(error, openai.APITimeoutError | TimeoutError)


def retry_after_seconds(headers: Mapping[str, str]) -> float:
    """What `retry-after-ms` or `Retry-After` (seconds or a date, RFC 9110 section 10.2.3) asks for; 0 without them."""
    milliseconds, after = headers.get("retry-after-ms", ""), headers.get("retry-after", "")
    try:
        if milliseconds:
            seconds = float(milliseconds) / 1000
        else:
            seconds = float(after) if after[:1].isdigit() else parsedate_to_datetime(after).timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return min(seconds, _LONGEST_ASKED_SECONDS) if seconds > 0 else 0.0  # NaN is not above 0


def _failure(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _is_unreachable(error: BaseException | None) -> bool:
    """Nobody listens there. Known by name: the HTTP library below openai is httpx or httpx2, by version."""
    return isinstance(error, openai.APIConnectionError) and type(error.__cause__).__name__ == "ConnectError"


def _reason(error: openai.APIStatusError) -> str:
    """The server's own words, short enough for one sentence."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType] - JSON
    words = " ".join(str(message or error.message).split())  # pyright: ignore[reportUnknownArgumentType] - JSON
    return f"{error.status_code}, {words[:200]}"

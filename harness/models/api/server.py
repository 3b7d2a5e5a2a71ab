"""One OpenAI-compatible server: sends a request until it is answered, at the pace and in the form the server bears."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import openai

from harness.files.progress import warn
from harness.models.api.refusals import context_room, is_beyond_context, refused_fields
from harness.models.api.reply import BEYOND_CONTEXT, ApiAnswer, read_body, read_reply
from harness.models.api.request import (
    NEUTRAL,
    NEUTRAL_EXTRAS,
    ApiRequest,
    body_of,
    headers_of,
    without_login,
)
from harness.models.api.retry import RetryPolicy
from harness.models.options import ModelOptions, RequestOptions

CONNECT_SECONDS = 30.0
_CONNECTIONS_A_CLIENT = 32
_MOST_FORMS = 12
"""How often one request is sent in another form before its refusal counts."""


@dataclass(slots=True)
class FieldLimits:
    """What one server turned out not to take; found out once, and held for all its later requests."""

    left_out: dict[str, str] = field(default_factory=dict[str, str])
    """By field, the server's reason."""
    renamed: dict[str, str] = field(default_factory=dict[str, str])

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The body without what the server does not take."""
        return {self.renamed.get(name, name): value for name, value in body.items() if name not in self.left_out}


class ApiServer:
    """Holds connections until closed."""

    def __init__(
        self, base_url: str, model: str, options: ModelOptions, key: str, masked: Callable[[str], str] = str
    ) -> None:
        """`masked` takes the key out of a text that is shown."""
        from openai import AsyncOpenAI, Timeout

        self.under_way = 0
        """Requests that wait for an answer of this server."""
        self.is_lost = False
        """Whether it is asked no more."""
        self.limits = FieldLimits()
        self._model = model
        self._options = options
        self._masked = masked
        self._shown = f"the server at {without_login(base_url)!r}"
        self._policy = RetryPolicy(options, self._shown, options.key_variable, masked)
        self._clients = [
            AsyncOpenAI(
                api_key=key,
                base_url=base_url,
                timeout=Timeout(options.request_seconds, connect=CONNECT_SECONDS),
                max_retries=0,  # RetryPolicy is the only one that sends again
                default_headers=headers_of(options.request or RequestOptions()),
            )
            # A client looks at all its connections twice a request: with hundreds that is a third of a request's price.
            for _ in range(math.ceil(options.concurrency / _CONNECTIONS_A_CLIENT))
        ]
        self._turns = cycle(self._clients)

    async def ask(self, api_request: ApiRequest) -> tuple[ApiAnswer, float]:
        """The answer and the seconds it took. Raises ModelError when there is none to be had."""
        self.under_way += 1
        try:
            return await self._policy.run(
                lambda: self._answer(api_request.fields), f"{self._model!r} for {api_request.request.task_id!r}"
            )
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        for client in self._clients:
            await client.close()

    async def _answer(self, fields: Mapping[str, Any]) -> tuple[ApiAnswer, float]:
        """One try, in as many forms as the server's refusals suggest."""
        # The plain JSON body, as fields are renamed and left out by their names on the wire.
        body = body_of(fields)
        room: int | None = None
        for _ in range(_MOST_FORMS):
            sent = self.limits.applied(body)
            if room is not None:
                sent |= {name: room for name in ("max_tokens", "max_completion_tokens") if name in sent}
            try:
                return await self._send(sent)
            except openai.APIStatusError as error:
                if refusal := refused_fields(error, sent):
                    self._learn(refusal.leave_out, refusal.rename, refusal.reason)
                    if self.limits.applied(sent) != sent:  # a request beside this one may have learned it before
                        continue
                if is_beyond_context(error):
                    fits = context_room(error)
                    if fits is None or fits < 1 or room is not None:
                        return BEYOND_CONTEXT, 0.0
                    room = fits  # the prompt fits, with fewer new tokens: as every back end in this process does it
                    continue
                if error.status_code not in (400, 422) or self._policy.answered or not _extras(sent):
                    raise
                return await self._send_bare(sent, error)
        return await self._send(self.limits.applied(body))

    async def _send_bare(self, sent: Mapping[str, Any], error: openai.APIStatusError) -> tuple[ApiAnswer, float]:
        """A server may refuse a field without naming it: once without all that only keeps it from adding others."""
        extras = _extras(sent)
        try:
            reply = await self._send({name: value for name, value in sent.items() if name not in extras})
        except openai.APIStatusError:
            raise error from None  # it was something else
        self._learn(extras, None, "refused without a name")
        return reply

    def _learn(self, leave_out: frozenset[str], rename: tuple[str, str] | None, reason: str) -> None:
        new = sorted(name for name in leave_out if name not in self.limits.left_out)
        # Before anything is awaited: requests beside this one see it at their next form.
        self.limits.left_out |= dict.fromkeys(new, reason)
        if rename and rename[0] not in self.limits.renamed:
            self.limits.renamed[rename[0]] = rename[1]
            new.append(f"{rename[0]} (it takes {rename[1]})")
        if new:
            warn(
                self._masked(
                    f"{self._shown} refuses {', '.join(new)} ({reason}): the run goes on without, and the manifest "
                    "says so."
                )
            )

    async def _send(self, body: Mapping[str, Any]) -> tuple[ApiAnswer, float]:
        started = time.monotonic()
        async with asyncio.timeout(self._options.request_seconds):  # httpx limits each read, not the whole
            path = "/chat/completions" if "messages" in body else "/completions"
            content = await next(self._turns).post(path, cast_to=bytes, body=body)
        return read_reply(read_body(content)), time.monotonic() - started


def _extras(sent: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a request that hold nothing but neutral values."""
    neutral = NEUTRAL | NEUTRAL_EXTRAS
    return frozenset(name for name, value in neutral.items() if sent.get(name) == value)

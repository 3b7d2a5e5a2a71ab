"""One OpenAI-compatible server: sends a request until it is answered, at the pace the server bears."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from harness.models.api.reply import ApiAnswer, read_reply
from harness.models.api.request import ApiRequest, without_login
from harness.models.api.retry import RetryPolicy
from harness.models.options import ModelOptions

if TYPE_CHECKING:
    from openai.types import Completion as TextReply
    from openai.types.chat import ChatCompletion as ChatReply

CONNECT_SECONDS = 30.0


class ApiServer:
    """Holds connections until closed."""

    def __init__(self, base_url: str, model: str, options: ModelOptions, key: str) -> None:
        from openai import AsyncOpenAI, Timeout

        self.under_way = 0
        """Requests that wait for an answer of this server."""
        self.is_lost = False
        """Whether it is asked no more."""
        self._model = model
        self._options = options
        self._policy = RetryPolicy(options, f"the server at {without_login(base_url)!r}", options.key_variable)
        self._client = AsyncOpenAI(
            api_key=key,
            base_url=base_url,
            timeout=Timeout(options.request_seconds, connect=CONNECT_SECONDS),
            max_retries=0,  # RetryPolicy is the only one that sends again
        )

    async def ask(self, api_request: ApiRequest) -> tuple[ApiAnswer, float]:
        """The answer and the seconds it took. Raises ModelError when there is none to be had."""
        self.under_way += 1
        try:
            return await self._policy.run(
                lambda: self._send(api_request.fields), f"{self._model!r} for {api_request.request.task_id!r}"
            )
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        await self._client.close()

    async def _send(self, fields: Mapping[str, Any]) -> tuple[ApiAnswer, float]:
        started = time.monotonic()
        async with asyncio.timeout(self._options.request_seconds):  # httpx limits each read, not the whole
            end_point: Any = self._client.chat.completions if "messages" in fields else self._client.completions
            reply: ChatReply | TextReply = await end_point.create(**fields)
        return read_reply(reply), time.monotonic() - started

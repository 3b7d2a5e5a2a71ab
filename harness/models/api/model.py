"""Answers from any OpenAI-compatible server: OpenAI itself, vLLM, llama.cpp, TGI, Ollama."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, nullcontext
from datetime import date
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING

from harness.completion import Completion
from harness.files.progress import warn
from harness.model import ModelError, Request, Sampling
from harness.models.api.answer_cache import AnswerCache, answer_key
from harness.models.api.background import as_finished, wake_descriptor_of
from harness.models.api.providers import provider_of
from harness.models.api.reply import ApiAnswer
from harness.models.api.request import (
    DECODING,
    ApiRequest,
    RequestShape,
    body_of,
    headers_of,
    refuse_no_address,
    without_login,
)
from harness.models.options import ModelOptions, RequestOptions
from harness.models.prices import OPENAI_URL, load_prices
from sandbox.extras import install_command
from sandbox.sandbox import MappedQueue, as_queue

if TYPE_CHECKING:
    from harness.models.api.server import FieldLimits

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


class ApiModel:
    """A model behind one server, or behind several that serve the same weights.

    The key comes from one environment variable and stands in no file, fact or message.

    Prompts of messages go to the chat end point, prompts of text to the completions end point. The text is what the
    server sent: it has already left out the stop string that ended it.
    """

    def __init__(self, model: str, options: ModelOptions) -> None:
        """Raises PricesError for a price table that cannot be read, ModelError for what is no address."""
        self._model = model
        self._options = options
        # The client reads that variable too; here it must be known, for prices, providers and the cache.
        named = options.base_url or os.environ.get("OPENAI_BASE_URL") or OPENAI_URL
        self._urls = [url.strip() for url in named.split(",") if url.strip()]
        for url in self._urls:
            refuse_no_address(url)
        self._base_url = self._urls[0]
        self._shown_url = ",".join(map(without_login, self._urls))
        self._key = os.environ.get(options.key_variable, "")
        # Several servers of one model have one price, that of the first.
        self._price = load_prices(options.prices).find(model, self._base_url)
        if self._price and (remark := self._price.age_remark(date.today())):
            warn(remark)
        provider = provider_of(self._base_url)
        self._shape = RequestShape(model, provider, options.request or RequestOptions(), options.most_stops)
        keeps = options.answer_cache == "on" or (options.answer_cache == "auto" and provider is not None)
        self._keeps_answers = options.provider_batch or keeps
        self._sent: frozenset[str] = frozenset()
        """Names of the fields of the latest request, before a server refused some."""
        self._limits: list[FieldLimits] = []
        """What each server turned out not to take."""
        self._kept = 0
        """Answers that came from the cache."""

    @property
    def name(self) -> str:
        return self._model

    def facts(self) -> Mapping[str, str]:
        """What was sent and refused is known once something was asked; the facts then say more than before."""
        facts = {
            "kind": "api",
            "base_url": self._shown_url,
            "openai": version("openai"),
            "answers kept": "yes" if self._keeps_answers else "no",
            "asked through": "the batch API" if self._options.provider_batch else "single requests",
        }
        if self._kept:
            facts["answers kept from before"] = str(self._kept)
        if not self._sent:
            return facts
        refused = {name: reason for limits in self._limits for name, reason in limits.left_out.items()}
        renamed = {name: new for limits in self._limits for name, new in limits.renamed.items()}
        sent = {renamed.get(name, name) for name in self._sent if name not in refused} - {"messages", "prompt"}
        facts["fields sent"] = ", ".join(sorted(sent))
        # What is not sent, a server takes from its own defaults, and those perhaps from the checkpoint.
        ignored = self._shape.ignored & sent
        facts["decoding left to the server"] = ", ".join(
            name for name in DECODING if name not in sent or name in ignored
        )
        if ignored:
            facts["fields without effect"] = ", ".join(sorted(ignored))
        if refused:
            reasons = (f"{name}: {reason}" for name, reason in sorted(refused.items()))
            facts["fields refused"] = self._without_key("; ".join(reasons))
        return facts

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        """Answers that are kept from before come without a request to the server."""
        total = 0
        try:
            with nullcontext() if not self._keeps_answers else closing(AnswerCache()) as cache:
                if cache and cache.remark:
                    warn(cache.remark)
                if self._options.provider_batch and cache:
                    from harness.models.api.batch import BatchClient

                    if len(self._urls) > 1:
                        raise ModelError("a batch is handed in to one provider: name a single --base-url")
                    key = self._key or "none"
                    client = BatchClient(self._model, self._shown_url, self._options, self._base_url, key)
                    pairs = client.answers((self.api_request(request, sampling) for request in requests), cache)
                else:
                    pairs = self._answers(requests, sampling, cache)
                for api_request, answer, seconds in pairs:
                    is_new = seconds is not None  # an answer from the cache costs nothing again
                    total += 1
                    self._kept += not is_new
                    cost = answer.cost(self._price, in_batch=self._options.provider_batch) if is_new else 0.0
                    yield answer.completion(api_request.request, seconds or 0.0, cost)
        except ModelError as error:
            raise ModelError(self._without_key(str(error))) from None  # the chained ones may quote the key
        finally:
            if self._kept:
                warn(
                    f"{self._kept} of {total} answers were kept from before: no request was sent for them. To ask "
                    "again, --set answer_cache=off."
                )

    def api_request(self, request: Request, sampling: Sampling) -> ApiRequest:
        """What is sent for a request, and the key of its answer."""
        fields = self._shape.fields(request, sampling)
        self._sent = frozenset(body_of(fields))
        return ApiRequest(request, fields, answer_key(self._shown_url, fields, request.sample, request.turn))

    def _answers(
        self, requests: Iterable[Request], sampling: Sampling, cache: AnswerCache | None
    ) -> Iterator[tuple[ApiRequest, ApiAnswer, float | None]]:
        from harness.models.api.retry import UnavailableError
        from harness.models.api.server import ApiServer

        key = self._key or "none"
        servers = [ApiServer(url, self._model, self._options, key, self._without_key) for url in self._urls]
        self._limits = [server.limits for server in servers]

        async def ask(pair: tuple[ApiRequest, ApiAnswer | None]) -> tuple[ApiRequest, ApiAnswer, float | None]:
            api_request, known = pair
            if known:
                return api_request, known, None
            while True:
                # A lost server comes last and is asked only when all are lost, to raise its own error.
                idlest = min(servers, key=lambda server: (server.is_lost, server.under_way))
                try:
                    return api_request, *await idlest.ask(api_request)
                except UnavailableError as error:
                    idlest.is_lost = True
                    if all(server.is_lost for server in servers):
                        raise
                    warn(self._without_key(f"{error}. The other servers go on."))

        async def close() -> None:
            for server in servers:
                await server.close()

        # Lazily: the next request is drawn when there is room for it, and never before.
        looked_up = MappedQueue(as_queue(requests), partial(self._look_up, sampling, cache))
        at_once = self._options.concurrency * len(servers)
        for api_request, answer, seconds in as_finished(looked_up, ask, at_once, close, wake_descriptor_of(requests)):
            if cache and seconds is not None:
                cache.keep(api_request.key, answer)
            yield api_request, answer, seconds

    def _look_up(
        self, sampling: Sampling, cache: AnswerCache | None, request: Request
    ) -> tuple[ApiRequest, ApiAnswer | None]:
        api_request = self.api_request(request, sampling)
        return api_request, cache.find(api_request.key) if cache else None

    def _without_key(self, text: str) -> str:
        return text.replace(self._key, "***") if self._key else text


def open_api(model: str, options: ModelOptions) -> ApiModel:
    """A model behind an OpenAI-compatible server; asks nothing of the server yet."""
    if not (find_spec("openai") and find_spec("tenacity")):
        raise ModelError(f"'api:{model}' needs the extra 'api': {install_command('api')}")
    if not _VARIABLE.fullmatch(options.key_variable):  # not quoted: somebody may have put the key itself here
        raise ModelError("key_variable is not the name of an environment variable, such as OPENAI_API_KEY: fix it")
    if options.answer_cache not in ("auto", "on", "off"):
        raise ModelError(f"answer_cache = {options.answer_cache!r} is none of auto, on and off: fix it")
    headers_of(options.request or RequestOptions())  # a variable that is not set ends here, not in the middle of a run
    opened = ApiModel(model, options)
    if opened.facts()["base_url"] == OPENAI_URL and not os.environ.get(options.key_variable):
        raise ModelError(
            f"'api:{model}' needs a key: set {options.key_variable}, or name your own server with --base-url"
        )
    return opened

"""A provider's batch API: requests go up as a file, answers come down as one within a day, at a lower price.

Each batch is written down in the user's cache folder before it is made, so that whoever was killed finds it again and
pays for nothing twice. Answers go into the cache of answers first; only then is a batch crossed off.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from harness.files.progress import warn
from harness.model import ModelError
from harness.models.api.answer_cache import AnswerCache
from harness.models.api.batch_ledger import BatchLedger, PendingBatch
from harness.models.api.refusals import says_beyond_context
from harness.models.api.reply import BEYOND_CONTEXT, ApiAnswer, UnreadableReplyError, read_reply
from harness.models.api.request import ApiRequest, body_of, headers_of
from harness.models.options import ModelOptions, RequestOptions

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types import Batch

MOST_REQUESTS = 50_000
"""In one batch, by OpenAI's limits."""
MOST_BYTES = 100 << 20
_TRIES = 3
"""How often what a batch did not answer is asked again, and how often a file that is cut short is fetched."""
_CLIENT_RETRIES = 10
_ENDED = frozenset({"completed", "expired", "cancelled", "failed"})

Pair = tuple[ApiRequest, ApiAnswer, float | None]
"""A request, its answer, and the seconds it took; None where it was kept from before."""


class _Response(msgspec.Struct):
    status_code: int = 0
    body: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class _ResultLine(msgspec.Struct):
    """One line of what a batch brought."""

    custom_id: str
    response: _Response | None = None
    error: dict[str, Any] | None = None

    def answer(self) -> ApiAnswer:
        """Raises UnreadableReplyError with the provider's reason."""
        if self.response and self.response.status_code in (400, 413, 422):
            refusal: Any = self.response.body.get("error", {})
            if says_beyond_context(str(refusal)):
                return BEYOND_CONTEXT
        if not self.response or self.response.status_code != 200:
            raise UnreadableReplyError(json.dumps(self.error or (self.response and self.response.body)))
        return read_reply(self.response.body)


class BatchClient:
    """Where batches of one model on one server are handed in and fetched."""

    def __init__(self, model: str, server: str, options: ModelOptions, base_url: str, key: str) -> None:
        """`server` is the address as it may be shown and written down."""
        self._model = model
        self._server = server
        self._options = options
        self._base_url = base_url
        self._key = key
        self._reasons: list[str] = []

    def answers(self, api_requests: Iterable[ApiRequest], cache: AnswerCache) -> Iterator[Pair]:
        """Answers every request. Raises ModelError when the provider refuses, or when another process waits already."""
        unanswered: dict[str, list[ApiRequest]] = {}
        for api_request in api_requests:
            if known := cache.find(api_request.key):
                yield api_request, known, None
            else:
                unanswered.setdefault(api_request.key.hex(), []).append(api_request)
        if unanswered:
            from openai import OpenAI

            with (
                BatchLedger(self._server, self._model) as ledger,
                OpenAI(
                    api_key=self._key,
                    base_url=self._base_url,
                    timeout=self._options.request_seconds,
                    max_retries=_CLIENT_RETRIES,
                    default_headers=headers_of(self._options.request or RequestOptions()),
                ) as client,
            ):
                yield from self._fetch_all(unanswered, cache, ledger, client)

    def _fetch_all(
        self, unanswered: dict[str, list[ApiRequest]], cache: AnswerCache, ledger: BatchLedger, client: "OpenAI"
    ) -> Iterator[Pair]:
        import openai

        try:
            # What expired or failed in one batch is handed in again with the next.
            for _ in range(_TRIES):
                self._hand_in_rest(unanswered, ledger, client)
                yield from self._collect(unanswered, cache, ledger, client)
                if not unanswered:
                    return
        except openai.OpenAIError as error:
            raise ModelError(
                f"the batch API at {self._server!r} fails ({_words(str(error))}): fix what it names, then run again; "
                "what was handed in is found again"
            ) from error
        reasons = "; ".join(dict.fromkeys(self._reasons)) or "no reason given"
        raise ModelError(
            f"{len(unanswered)} requests to {self._model!r} stay without an answer after {_TRIES} batches "
            f"({_words(reasons)}): run again to go on, or without provider_batch"
        )

    def _hand_in_rest(self, unanswered: dict[str, list[ApiRequest]], ledger: BatchLedger, client: "OpenAI") -> None:
        """What is in no batch yet; an entry without a batch is one whose making was cut off."""
        for entry in ledger.entries():
            if not entry.batch_id:
                batches = islice(client.batches.list(limit=100), 1000)
                made = next((batch for batch in batches if (batch.metadata or {}).get("wavebench") == entry.name), None)
                if made:
                    ledger.write(msgspec.structs.replace(entry, batch_id=made.id))
                else:
                    ledger.cross_off(entry)
        handed_in = {key for entry in ledger.entries() for key in entry.keys}
        rest = [api_requests[0] for key, api_requests in unanswered.items() if key not in handed_in]
        for end_point in ("/v1/chat/completions", "/v1/completions"):
            is_chat = end_point == "/v1/chat/completions"
            chosen = [api_request for api_request in rest if ("messages" in api_request.fields) == is_chat]
            for part in _parts(chosen, end_point):
                # Written down before it is made: whoever is killed in between finds it by its name.
                entry = PendingBatch.of([key for key, _ in part])
                ledger.write(entry)
                lines = b"".join(line for _, line in part)
                file = client.files.create(file=("wavebench.jsonl", lines), purpose="batch")
                batch = client.batches.create(
                    input_file_id=file.id,
                    endpoint=end_point,
                    completion_window="24h",
                    metadata={"wavebench": entry.name},
                )
                ledger.write(msgspec.structs.replace(entry, batch_id=batch.id))
                warn(
                    f"Batch {batch.id} of {len(part)} requests is handed in; stop at will, the same command finds it "
                    "again."
                )

    def _collect(
        self, unanswered: dict[str, list[ApiRequest]], cache: AnswerCache, ledger: BatchLedger, client: "OpenAI"
    ) -> Iterator[Pair]:
        """Waits for every batch in the ledger, and crosses it off once its answers are kept."""
        waiting = [entry for entry in ledger.entries() if any(key in unanswered for key in entry.keys)]
        while waiting:
            for entry in tuple(waiting):
                batch = client.batches.retrieve(entry.batch_id)
                if batch.status not in _ENDED:
                    continue
                for key, answer in self._read(batch, client):
                    # Kept before it is yielded: a kill in between must not cost the answer, which is paid for.
                    cache.keep(bytes.fromhex(key), answer)
                    seconds = float((batch.completed_at or batch.created_at) - batch.created_at)
                    yield from ((api_request, answer, seconds) for api_request in unanswered.pop(key, ()))
                # Only now: until every answer is kept, a restart has to find the batch again.
                ledger.cross_off(entry)
                waiting.remove(entry)
                if batch.status == "failed":
                    said = batch.errors.data if batch.errors and batch.errors.data else []
                    reason = _words("; ".join(error.message or "" for error in said))
                    raise ModelError(
                        f"the batch API at {self._server!r} refuses the batch ({reason}): fix what it names"
                    )
            if waiting:
                time.sleep(self._options.poll_seconds)

    def _read(self, batch: "Batch", client: "OpenAI") -> Iterator[tuple[str, ApiAnswer]]:
        """Key and answer of every line that is whole, in whatever order they come."""
        for file_id in (batch.output_file_id, batch.error_file_id):
            lines: list[_ResultLine] = []
            for _ in range(_TRIES if file_id else 0):
                content = client.files.content(str(file_id)).content.splitlines()
                lines = []
                for line in content:
                    with suppress(msgspec.MsgspecError):  # one that is cut short
                        lines.append(msgspec.json.decode(line, type=_ResultLine))
                if len(lines) == len(content):
                    break
            for line in lines:
                try:
                    yield line.custom_id, line.answer()
                except UnreadableReplyError as error:
                    self._reasons.append(_words(str(error)))


def _parts(api_requests: Sequence[ApiRequest], end_point: str) -> Iterator[list[tuple[str, bytes]]]:
    """Key and line of each request, in parts that one batch may hold."""
    part: list[tuple[str, bytes]] = []
    size = 0
    for api_request in api_requests:
        key, body = api_request.key.hex(), body_of(api_request.fields)
        line = json.dumps({"custom_id": key, "method": "POST", "url": end_point, "body": body}).encode() + b"\n"
        # A line that is too large alone still gets a batch of its own; the provider then says so.
        if part and (len(part) == MOST_REQUESTS or size + len(line) > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append((key, line))
        size += len(line)
    if part:
        yield part


def _words(text: str) -> str:
    return " ".join(text.split())[:200]

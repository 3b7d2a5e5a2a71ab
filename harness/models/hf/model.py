"""A causal language model in this process, by transformers."""

import hashlib
import random
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.hf.adapter import adapter_identity
from harness.models.hf.stopping import StopRule
from harness.models.hf.weights import local_weights, weights_sha256
from harness.models.options import ModelOptions
from sandbox.sandbox import MappedQueue, as_queue
from tasks.prompt import Prompt

if TYPE_CHECKING:
    from harness.models.hf.decode import DecodeRow

UNBOUNDED_CONTEXT = 1 << 20
"""For models whose configuration names no longest context."""


class HuggingFaceModel:
    """Weights and tokenizer, and how they word a prompt.

    The text is all that was generated, a stop string and the rest of its token included; special tokens are left out.
    """

    def __init__(self, name: str, model: Any, tokenizer: Any, options: ModelOptions, weights: str = "") -> None:
        """`model` is a PreTrainedModel and `tokenizer` its own: Any, as the types of transformers are partial.

        `weights` identifies the weights; empty takes the commit or the files that the model was loaded from.
        """
        self._name = name
        self._model = model
        self._tokenizer = tokenizer
        self._options = options
        self._weights = weights
        # Taken now: whoever changes the files while the model answers does not change what is in memory.
        on_disk = None if weights or model is None else local_weights(str(model.config.name_or_path), options)
        self._stamp = on_disk.get("weights_files", "") if on_disk else ""

    @property
    def name(self) -> str:
        return self._name

    def facts(self) -> Mapping[str, str]:
        adapter = self._options.adapter
        if not self._weights:
            commit: str | None = getattr(self._model.config, "_commit_hash", None)
            folder = Path(self._model.config.name_or_path)
            self._weights = f"commit {commit}" if commit else f"sha256 {weights_sha256(folder)}"
        return {
            "kind": "hf",
            "weights": self._weights,
            **({"weights_files": self._stamp} if self._stamp else {}),
            **({"adapter": adapter_identity(adapter)} if adapter else {}),
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "device": str(self._model.device),
            **({"device_map": self._options.device_map} if self._options.device_map else {}),
            "attention": str(getattr(self._model.config, "_attn_implementation", "")),
            "end_tokens": ",".join(map(str, sorted(_end_tokens(self._model, self._tokenizer)))),
            "drawing": "one number per token from the sample's seed, put into the cumulative distribution",
            "filters": "temperature, top_k, top_p",
            "batch_rows": str(self._options.batch_rows),
            "batch_tokens": str(self._options.batch_tokens),
            "chat_template_sha256": hashlib.sha256(str(self._tokenizer.chat_template).encode()).hexdigest(),
            "torch": version("torch"),
            "transformers": version("transformers"),
        }

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        from harness.models.hf.batch_budget import is_out_of_memory
        from harness.models.hf.decode import Decoder

        decoder = Decoder(self._model, self._text, _end_tokens(self._model, self._tokenizer), self._options)
        try:
            for row in decoder.run(MappedQueue(as_queue(requests), partial(self._row, sampling)), sampling):
                text = self._text(row.tokens)
                yield Completion(
                    task_id=row.request.task_id,
                    sample=row.request.sample,
                    turn=row.request.turn,
                    prompt_sha256=row.request.prompt.sha256,
                    completion=text,
                    finish_reason=row.finish_reason if text or row.finish_reason == "length" else "empty",
                    prompt_tokens=len(row.prompt),
                    completion_tokens=len(row.tokens),
                    seconds=time.monotonic() - row.started if row.started else 0.0,
                )
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            raise ModelError(
                f"{self._name!r} lacks the memory for a single sequence of {sampling.max_tokens} new tokens: "
                "free some, or ask for fewer (--max-tokens N); what was answered stays"
            ) from error

    def wording(self, prompt: Prompt) -> str:
        """The very text the model reads, special tokens of a chat template included."""
        if not prompt.messages:
            return prompt.text or ""
        if not self._tokenizer.chat_template:
            raise ModelError(
                f"{self._name!r} has no chat template: ask it in a style that completes text, not in a chat"
            )
        messages = [{"role": message.role, "content": message.content} for message in prompt.messages]
        try:
            head = self._tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        except Exception as error:  # a template is a program of the model's maker and raises what it likes
            raise ModelError(
                f"the chat template of {self._name!r} refuses the prompt ({error}): use another style"
            ) from error
        return head + prompt.prefill  # appended here, as templates trim the last message

    def _row(self, sampling: Sampling, request: Request) -> "DecodeRow":
        from harness.models.hf.decode import DecodeRow

        is_chat = bool(request.prompt.messages)  # a template brings its own special tokens
        # Not apply_chat_template with tokenize: a prefill is appended to its text.
        ids = self._tokenizer(self.wording(request.prompt), add_special_tokens=not is_chat).input_ids
        config = self._model.config.get_text_config()
        room = (getattr(config, "max_position_embeddings", None) or UNBOUNDED_CONTEXT) - len(ids)
        return DecodeRow(
            request=request,
            prompt=tuple(ids),
            limit=min(sampling.max_tokens, room) if ids else 0,
            rule=StopRule(request.prompt),
            uniforms=random.Random(request.seed),
        )

    def _text(self, tokens: Sequence[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    """Every token that ends an answer, by the model's generation settings and by its tokenizer."""
    named: int | list[int] | None = getattr(model.generation_config, "eos_token_id", None)
    ids = named if isinstance(named, list) else [named]
    return frozenset(token for token in (*ids, tokenizer.eos_token_id) if token is not None)

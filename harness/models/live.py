"""Models that live in the caller's process: a function that answers, or loaded weights with their tokenizer."""

import hashlib
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeAlias, cast

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions
from tasks.prompt import Prompt

AnswerFunction: TypeAlias = Callable[[list[Any]], Sequence[str]]
"""Takes a batch of prompts, returns as many answers in the same order.

A prompt is a `str` to continue where the prompt style is a text, and a list of {"role", "content"} dicts where it is a
chat, as chat templates take it. A chat that ends with the role "assistant" is to be continued from there.
"""


class CallableModel:
    """A Python function as a model. It is called with at most `batch_rows` prompts at a time, in one thread."""

    def __init__(self, function: AnswerFunction, name: str, batch_rows: int = 64) -> None:
        self._function = function
        self._name = name
        self._batch_rows = batch_rows

    @property
    def name(self) -> str:
        return self._name

    def facts(self) -> Mapping[str, str]:
        """Without an identity of weights: nothing is known of what a function computes."""
        return {
            "kind": "callable",
            "function": function_name(self._function),
            "weights": "",
            "drawing": "left to the function; the run's sampling settings are not passed to it",
            "batch_rows": str(self._batch_rows),
        }

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:  # noqa: ARG002 - the function draws
        """Raises ModelError where the function does not return one text per prompt; its own errors pass through."""
        source = iter(requests)
        # A batch is what the function can compute at once; requests beyond it are not drawn yet.
        while batch := list(islice(source, self._batch_rows)):
            started = time.monotonic()
            returned = cast(object, self._function([as_argument(request.prompt) for request in batch]))
            is_list = isinstance(returned, Sequence) and not isinstance(returned, str)
            texts = list(cast(Sequence[Any], returned)) if is_list else []
            if len(texts) != len(batch) or not all(isinstance(text, str) for text in texts):
                shown = f"{len(texts)} items" if texts else f"{returned!r:.80}"
                raise ModelError(
                    f"{self._name!r} returned {shown} for {len(batch)} prompts: return a list of {len(batch)} str"
                )
            seconds = time.monotonic() - started
            for request, text in zip(batch, texts, strict=True):
                yield Completion(
                    task_id=request.task_id,
                    sample=request.sample,
                    turn=request.turn,
                    prompt_sha256=request.prompt.sha256,
                    completion=text,
                    finish_reason="stop" if text else "empty",
                    prompt_tokens=0,  # a function shows no tokens
                    completion_tokens=0,
                    seconds=seconds,
                )


def open_loaded(model: Any, tokenizer: Any, name: str, options: ModelOptions) -> HuggingFaceModel:
    """A loaded transformers model, on its device and in its dtype; the same decoding as `hf:`.

    Wrappers of peft, accelerate and torch.compile are taken off. Raises ModelError for weights that are sharded over
    processes, and for what is no plain decoder.
    """
    from harness.models.hf.load import refuse_unsupported

    inner = unwrapped(model)
    # FSDP and DeepSpeed's ZeRO-3: each process holds only a part of every parameter.
    is_sharded = any(type(part).__name__ == "FullyShardedDataParallel" for part in (model, *inner.modules()))
    if is_sharded or any(
        hasattr(tensor, "ds_id") or type(tensor.data).__name__ == "DTensor" for tensor in inner.parameters()
    ):
        raise ModelError(f"the weights of {name!r} are sharded over processes: save them and evaluate the files")
    if not (hasattr(inner, "config") and hasattr(inner, "generation_config")):
        raise ModelError(f"{type(model).__name__} is no transformers model that generates: pass (model, tokenizer)")
    refuse_unsupported(name, inner)
    return HuggingFaceModel(name, inner, tokenizer, options, weights=f"sha256 of tensors {tensors_sha256(inner)}")


def unwrapped(model: Any) -> Any:
    """The transformers model itself. Adapters of peft stay, as they are layers within it."""
    while True:
        if (compiled := getattr(model, "_orig_mod", None)) is not None:
            model = compiled
        elif type(model).__name__ in ("DistributedDataParallel", "DataParallel"):
            model = model.module
        else:
            break
    return model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model


@contextmanager
def borrowed(model: Any) -> Generator[None]:
    """Leaves a torch module as it was found: the training mode of each of its parts, and the random number generators.

    Evaluation mode holds within the `with`. Weights, gradients and devices are not touched.
    """
    import torch

    library: Any = torch  # its stubs leave fork_rng partly untyped
    modes = {module: module.training for module in model.modules()}
    devices = {tensor.device for tensor in model.parameters() if tensor.is_cuda}
    with library.random.fork_rng(devices=sorted(device.index for device in devices)):
        model.eval()
        try:
            yield
        finally:
            for module, training in modes.items():
                module.training = training
                # A forward pass in inference mode may make buffers, such as long rotary tables, that cannot be trained.
                for name, buffer in module.named_buffers(recurse=False):
                    if buffer.is_inference():
                        persistent = name not in module._non_persistent_buffers_set
                        module.register_buffer(name, buffer.clone(), persistent=persistent)


def tensors_sha256(model: Any) -> str:
    """Identity of loaded weights: over names, types, shapes and bytes of all tensors. About a second per GB."""
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        # Types and shapes too: equal bytes in another shape are another model.
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        # As bytes, since numpy knows no bfloat16.
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def as_argument(prompt: Prompt) -> str | list[dict[str, str]]:
    """A prompt as an `AnswerFunction` takes it."""
    if not prompt.messages:
        return prompt.text or ""
    messages = [{"role": str(message.role), "content": message.content} for message in prompt.messages]
    return [*messages, {"role": "assistant", "content": prompt.prefill}] if prompt.prefill else messages


def function_name(function: object) -> str:
    """How a function is called in its source, or the class of a callable object."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{getattr(named, '__qualname__', '')}"

"""A causal language model in this process, by vLLM: continuous batches, paged keys and values, shared prefills."""

import hashlib
import os
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.completion import Completion
from harness.model import ModelError, Request, Sampling
from harness.models.hf.load import (
    from_pretrained,
    go_offline_without_hub,
    load_errors,
    refuse_no_model,
    refuse_odd_tokenizer,
)
from harness.models.hf.model import HuggingFaceModel
from harness.models.hf.weights import local_weights, weights_sha256
from harness.models.options import ModelOptions
from sandbox.extras import install_command
from sandbox.sandbox import as_queue

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(slots=True)
class _EngineRequest:
    """A request that is with the engine."""

    request: Request
    prompt_tokens: int
    started: float


class VllmModel:
    """Weights in vLLM's engine. A prompt is worded and cut into tokens exactly as `hf:` does.

    The text holds the stop string that ended it and the rest of its token. Each sample has its own seed; which of two
    tokens that are almost equally likely is taken may still hang on what else is in the batch.
    """

    def __init__(self, name: str, engine: Any, tokenizer: Any, options: ModelOptions) -> None:
        """`engine` is a vllm.LLMEngine and `tokenizer` one of transformers: Any, as neither has whole types."""
        self._name = name
        self._engine = engine
        self._tokenizer = tokenizer
        self._options = options
        self._stamp = local_weights(name, options).get("weights_files", "")
        self._wording = HuggingFaceModel(name, None, tokenizer, options).wording

    @property
    def name(self) -> str:
        return self._name

    def facts(self) -> Mapping[str, str]:
        packages = packages_distributions().get("vllm", [])
        folder = Path(self._name)
        revision = self._options.revision or None
        weights = f"sha256 {weights_sha256(folder)}" if folder.is_dir() else f"revision {revision}"
        return {
            "kind": "vllm",
            "weights": weights,
            **({"weights_files": self._stamp} if self._stamp else {}),
            "dtype": str(self._engine.model_config.dtype).removeprefix("torch."),
            "batch_rows": str(self._options.batch_rows),
            "chat_template_sha256": hashlib.sha256(str(self._tokenizer.chat_template).encode()).hexdigest(),
            "vllm": version(packages[0]) if packages else "unknown",
            "torch": version("torch"),
            "transformers": version("transformers"),
        }

    def answer(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Completion]:
        queue = as_queue(requests)
        running: dict[str, _EngineRequest] = {}
        count = 0
        try:
            while True:
                while len(running) < self._options.batch_rows and (request := queue.take()):
                    count += 1
                    if begun := self._begin(str(count), request, sampling):
                        running[str(count)] = begun
                    else:
                        yield _completion(request, "", "length", 0, 0, 0.0)
                if not running:
                    return
                for output in self._engine.step():
                    if completion := self._look_at(output, running):
                        yield completion
        finally:
            # Whoever stops reading must not leave requests in an engine that lives on.
            self._engine.abort_request(list(running))

    def _begin(self, name: str, request: Request, sampling: Sampling) -> _EngineRequest | None:
        """Hands a request to the engine; None for a prompt that fills the model's context."""
        is_chat = bool(request.prompt.messages)  # a template brings its own special tokens
        ids = self._tokenizer(self._wording(request.prompt), add_special_tokens=not is_chat).input_ids
        # The engine refuses what does not fit as a whole; `hf:` answers within the room that is left.
        room = min(sampling.max_tokens, self._engine.model_config.max_model_len - len(ids))
        if not ids or room < 1:
            return None
        parameters = _vllm().SamplingParams(
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            seed=request.seed,
            max_tokens=room,
            stop=list(filter(None, request.prompt.stop)),
            include_stop_str_in_output=True,
        )
        self._engine.add_request(name, {"prompt_token_ids": ids}, parameters)
        return _EngineRequest(request, len(ids), time.monotonic())

    def _look_at(self, output: Any, running: dict[str, _EngineRequest]) -> Completion | None:
        """The completion of a request that is done; None while it is not."""
        if not output.finished:
            return None
        begun, found = running.pop(output.request_id), output.outputs[0]
        reason = "length" if found.finish_reason == "length" else "stop"
        tokens = list(found.token_ids)
        if reason == "stop" and not isinstance(found.stop_reason, str):
            del tokens[-1]  # an end token, which vLLM shows where it is no special one
        # The engine's own text is cut within a token; as `hf:` decodes it, runs of both can be compared row by row.
        whole: str = self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        seconds = time.monotonic() - begun.started
        return _completion(begun.request, whole, reason, begun.prompt_tokens, len(tokens), seconds)


def open_vllm(target: str, options: ModelOptions) -> VllmModel:
    """Loads a directory or a hub id into vLLM. Raises ModelError when that is not possible."""
    if not find_spec("vllm"):
        raise ModelError(
            f"'vllm:{target}' needs vLLM, in an environment of its own (make vllm, see docs/models.md; "
            f"{install_command('vllm')}), or a server of it: --model api:NAME --base-url URL"
        )
    os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")  # one engine, in this process
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as for `hf:`
    os.environ["VLLM_LOGGING_LEVEL"] = _log_level(options)  # read when vLLM is imported
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()
    target = refuse_no_model(target)
    go_offline_without_hub(target)
    has_gpu = torch.cuda.is_available()
    with load_errors(target), warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of vLLM's use of torch
        tokenizer, own_dtype = _checked_files(target, options)
        # As `hf:` chooses it. Left to itself vLLM halves float32 weights, and 2 of 10 verdicts differed.
        dtype = options.dtype if options.dtype != "auto" else own_dtype if has_gpu else "float32"
        # Of a GPU nearly all; of a CPU half of what is free, as other programs live there.
        usual = 0.9 if has_gpu else os.sysconf("SC_AVPHYS_PAGES") / os.sysconf("SC_PHYS_PAGES") / 2
        engines = _vllm()
        arguments = engines.EngineArgs(
            model=target,
            revision=options.revision or None,
            seed=0,
            dtype=dtype,
            trust_remote_code=options.trust_remote_code,
            enforce_eager=options.eager,
            max_model_len=options.context_tokens or None,
            gpu_memory_utilization=options.memory_share or usual,  # of a CPU, too
            max_num_seqs=options.batch_rows,
            enable_prefix_caching=True,
            disable_log_stats=True,
            use_tqdm_on_load=False,
        )
        return VllmModel(target, engines.LLMEngine.from_engine_args(arguments), tokenizer, options)


def _checked_files(target: str, options: ModelOptions) -> tuple[Any, str]:
    """The tokenizer and the checkpoint's own dtype, from a model without memory that transformers made of the files.

    vLLM opens a checkpoint with missing tensors, and answers by whatever its memory holds. Raises ModelError for one.
    """
    import transformers

    library: Any = transformers
    of_hub = {"revision": options.revision or None, "trust_remote_code": options.trust_remote_code}
    config: Any = library.AutoConfig.from_pretrained(target, **of_hub)
    own_dtype = str(getattr(config, "dtype", None) or "float32").removeprefix("torch.")
    # vLLM serves architectures and quantised formats that transformers does not load; their files it checks alone.
    if type(config) not in library.MODEL_FOR_CAUSAL_LM_MAPPING or getattr(config, "quantization_config", None):
        return library.AutoTokenizer.from_pretrained(target, **of_hub), own_dtype
    tokenizer, skeleton = from_pretrained(target, device_map="meta", **of_hub)
    refuse_odd_tokenizer(target, skeleton, tokenizer)
    return tokenizer, own_dtype


def _log_level(options: ModelOptions) -> str:
    # A hundred lines at a start would bury the table.
    level = (options.vllm_log_level or os.environ.get("VLLM_LOGGING_LEVEL") or "ERROR").upper()
    if level not in LOG_LEVELS:
        raise ModelError(f"unknown vllm_log_level {level!r}: use one of {', '.join(LOG_LEVELS).lower()}")
    return level


def _completion(
    request: Request, text: str, reason: str, prompt_tokens: int, completion_tokens: int, seconds: float
) -> Completion:
    return Completion(
        task_id=request.task_id,
        sample=request.sample,
        turn=request.turn,
        prompt_sha256=request.prompt.sha256,
        completion=text,
        finish_reason=reason if text or reason == "length" else "empty",
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        seconds=seconds,
    )


def _vllm() -> Any:
    """By its name, as no environment holds it beside the newest transformers."""
    return import_module("vllm")

"""How a model is reached or loaded, whatever its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RequestOptions:
    """Changes to what is sent to a server; `--set request.add.NAME=VALUE` sets a single field."""

    leave_out: tuple[str, ...] = ()
    """api: fields that are not sent, such as seed or temperature."""
    rename: Mapping[str, str] = field(default_factory=dict[str, str])
    """api: fields that are sent under another name, such as max_tokens = "max_completion_tokens"."""
    add: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """api: further fields, such as reasoning_effort = "low" or chat_template_kwargs = { enable_thinking = false }."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """api: further headers; a value $NAME is read from that environment variable, so that no secret stands here."""


@dataclass(frozen=True)  # no slots: RunConfig has several bases, and only one of them could have some
class ModelOptions:
    """Settings that change where and how fast a model answers, not what is asked of it."""

    base_url: str = ""
    """api: where the OpenAI-compatible server listens, such as http://127.0.0.1:8000/v1; several servers of the same
    weights with commas between them; empty is OPENAI_BASE_URL of the environment, or OpenAI itself."""
    concurrency: int = 16
    """api: requests under way at once, at each server."""
    request_seconds: float = 600.0
    """api: the longest one request may take before it is sent again."""
    retry_seconds: float = 900.0
    """api: how long one request is tried again before the run gives up."""
    backoff_seconds: float = 1.0
    """api: the first pause before a request is sent again; each further one is twice as long, up to a minute."""
    most_stops: int = 4
    """api: how many stop strings are sent, the first ones; OpenAI and vLLM refuse a request with more than four."""
    key_variable: str = "OPENAI_API_KEY"
    """api: the environment variable that holds the key; its name, never the key itself."""
    answer_cache: str = "auto"
    """api: on, off, or auto: answers of known providers are kept and never paid for twice, those of every other server
    not, where the same name may stand for other weights tomorrow."""
    provider_batch: bool = False
    """api: ask through the provider's batch API: cheaper, and answered within a day."""
    poll_seconds: float = 30.0
    """api: how often such a batch is looked after."""
    request: RequestOptions | None = None
    """api: changes to the fields and headers of a request; left out, there is none."""
    prices: str = ""
    """api: a TOML file of own prices; see `harness.models.prices`."""
    adapter: str = ""
    """hf: directory or hub id of a LoRA adapter for the model; empty takes the model as it is."""
    device: str = "auto"
    """hf: auto, cpu, cuda, cuda:1, mps."""
    device_map: str = ""
    """hf: auto, balanced, balanced_low_0 or sequential: spreads one model over all devices; empty takes `device`."""
    dtype: str = "auto"
    """hf: auto (float32 on a CPU, the checkpoint's own elsewhere), float32, bfloat16 or float16."""
    batch_tokens: int = 16_384
    """hf: the most tokens, prompt and answer together, that one batch may hold."""
    batch_rows: int = 64
    """hf: the most sequences in one batch."""
    memory_share: float = 0.0
    """vllm: share of the device's memory for weights and caches; 0 takes 0.9 of a GPU, half of what a CPU has free."""
    eager: bool = False
    """vllm: without CUDA graphs and compilation: starts sooner, answers slower."""
    context_tokens: int = 0
    """vllm: the longest prompt and answer together; 0 takes the model's own, which may not fit into the memory."""
    vllm_log_level: str = ""
    """vllm: the least level of its log lines that are shown: debug, info, warning or error; empty takes
    VLLM_LOGGING_LEVEL of the environment, else error."""
    trust_remote_code: bool = False
    """hf, vllm: run the Python files that come with a checkpoint, for architectures that transformers does not have."""
    revision: str = ""
    """hf: branch, tag or commit on the hub; empty takes the main branch."""

"""What a run is asked to do: one frozen RunConfig, from TOML and to TOML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from harness.completion import Completion
from harness.model import Sampling
from harness.models.options import ModelOptions
from sandbox.cache.store import MOST_MB
from sandbox.errors import WavebenchError
from sandbox.outcome import Tier
from sandbox.program import LEAST_MEMORY_MB
from tasks.task import AnswerForm


class ConfigError(WavebenchError):
    """A setting that is unknown, of the wrong kind or out of range."""


@dataclass(frozen=True, slots=True)
class RunConfig:
    """Everything that was asked. Running it again is the same run."""

    model: str
    """`demo`, `hf:ID_OR_DIR`, `api:MODEL`, `replay:FILE`, or the label of samples made elsewhere."""
    task: str
    style: str = ""
    """Name of the prompt style; empty takes the task's own."""
    split: str = ""
    """Which part of the benchmark; empty takes the task's own."""
    samples: int = 1
    """Samples per problem; 0 takes as many as `samples_file` holds."""
    temperature: float = 0.0
    """0 is greedy."""
    top_p: float = 1.0
    top_k: int = 0
    """0 keeps every token."""
    max_tokens: int = 512
    """New tokens per completion."""
    seed: int = 0
    limit: int | None = None
    """Only the first so many problems."""
    data: str = ""
    """Folder with the benchmark's files, or one file of own problems in its format; empty looks in the usual places."""
    base_url: str = ""
    """Address of the server, for `api:` models."""
    concurrency: int = 16
    """Requests on their way at once, for `api:` models."""
    request_seconds: float = 600.0
    """The longest one request may take before it is sent again, for `api:` models."""
    retry_seconds: float = 900.0
    """How long one request is tried again before the run stops, for `api:` models."""
    most_stops: int = 4
    """How many of a prompt's stop strings are sent to `api:` models: many servers refuse more than four."""
    backoff_seconds: float = 1.0
    """The first pause before a request is sent again, for `api:` models; each further one is twice as long."""
    memory_share: float = 0.0
    """Share of the device's memory for `vllm:` models; 0 takes 0.9 of a GPU, half of what a CPU has free."""
    key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the key, for `api:` models; its name, never the key itself."""
    answer_cache: str = "auto"
    """on, off, or auto: keep the answers of `api:` models where they come from a public host."""
    provider_batch: bool = False
    """Ask an `api:` model through its provider's batch API."""
    poll_seconds: float = 30.0
    """How often such a batch is looked after."""
    prices: str = ""
    """TOML file of own prices, for `api:` models."""
    revision: str = ""
    """Branch, tag or commit on the hub, for `hf:` models; empty takes the main one."""
    adapter: str = ""
    """LoRA adapter for an `hf:` model: a directory or a hub id; empty takes the model as it is."""
    dtype: str = "auto"
    device: str = "auto"
    device_map: str = ""
    """auto, balanced, balanced_low_0 or sequential spreads one `hf:` model over all devices; empty takes `device`."""
    batch_tokens: int = 16_384
    """The most tokens, prompts and answers together, that one batch may hold, for `hf:` models."""
    batch_rows: int = 64
    """The most sequences in one batch, for `hf:` models."""
    tier: Tier = Tier.NAMESPACES
    workers: int | None = None
    """Programs that run at once, on each machine; None takes one per core."""
    cluster: str = ""
    """Judges on the machines of a Ray cluster: its address, or "local" for one of this machine; empty does without."""
    cpu_seconds: float | None = None
    """Processor time of one program; None takes what the task sets. So do the next two."""
    wall_seconds: float | None = None
    memory_mb: int | None = None
    confirm: bool = True
    """Run the tests of every pass again in a process that never holds the candidate, where the task allows that."""
    cache: bool = True
    """Take outcomes of programs that ran before, in any run, from the execution cache."""
    cache_mb: int = MOST_MB
    """Size above which the cache drops what was not used for longest."""
    k: tuple[int, ...] = ()
    """Which pass@k to report; empty takes those of 1, 10 and 100 that the samples allow."""
    samples_file: str = ""
    """Where samples made elsewhere came from; empty when the model was asked."""
    samples_sha256: str = ""
    """Hash of that file's bytes."""
    allow_missing: bool = False
    """Judge such a file even where it lacks problems."""
    form: AnswerForm = AnswerForm.AUTO
    """What the texts of such a file are; of a model's answers always auto."""
    form_by_row: bool = False
    """The file mixes forms: each text is what its line in completions.jsonl says, and `form` only what the first is."""

    def __post_init__(self) -> None:
        for name, allowed, remedy in _RANGES:
            value = getattr(self, name)
            if not allowed(value):
                raise ConfigError(f"{name} = {value!r} is out of range: {remedy}.")
        too_large = [k for k in self.k if self.samples and k > self.samples]
        if too_large:
            raise ConfigError(
                f"pass@{too_large[0]} needs at least {too_large[0]} samples per problem, but samples = {self.samples}: "
                f"ask for more samples or a smaller k."
            )

    @property
    def sampling(self) -> Sampling:
        return Sampling(self.temperature, self.top_p, self.top_k, self.max_tokens, self.seed)

    @property
    def model_options(self) -> ModelOptions:
        """The part that says how the model is reached or loaded."""
        names = (field.name for field in fields(ModelOptions) if hasattr(self, field.name))
        options: dict[str, Any] = {name: getattr(self, name) for name in names}
        options |= {"base_url": self.base_url or None, "revision": self.revision or None}
        return ModelOptions(**options)

    @property
    def made_elsewhere(self) -> bool:
        """The samples were read from a file; no model is asked."""
        return bool(self.samples_file)

    def form_of(self, turns: Sequence[Completion]) -> AnswerForm:
        """What the last of a sample's answers is."""
        own = turns[-1].form if self.form_by_row and turns else UNSET
        return self.form if isinstance(own, UnsetType) else own

    def limit_changes(self) -> dict[str, Any]:
        """The limits that the run sets in place of the task's own."""
        named = {name: getattr(self, name) for name in ("cpu_seconds", "wall_seconds", "memory_mb")}
        return {name: value for name, value in named.items() if value is not None}

    def override(self, values: Mapping[str, object]) -> "RunConfig":
        """The same run but for the named fields; words such as "0.2" are converted to the field's type."""
        return parse_config({**asdict(self), **values}, "the command line")

    def difference(self, other: "RunConfig", names: frozenset[str]) -> str | None:
        """Name of the first of the fields `names` that differs."""
        return next(
            (name for name in FIELD_NAMES if name in names and getattr(self, name) != getattr(other, name)), None
        )


_MOST_SECONDS = 1_000_000
_MOST_MEMORY_MB = 1 << 24
_RANGES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("samples", lambda n: n >= 0, "at least 1 sample per problem"),
    ("temperature", lambda t: t >= 0, "0 is greedy, 0.2 to 1 is usual"),
    ("top_p", lambda p: 0 < p <= 1, "above 0 and at most 1"),
    ("top_k", lambda n: n >= 0, "0 keeps every token"),
    ("max_tokens", lambda n: n >= 1, "at least 1"),
    ("limit", lambda n: n is None or n >= 1, "at least 1 problem, or leave it out for all of them"),
    ("concurrency", lambda n: n >= 1, "at least 1 request at once"),
    ("most_stops", lambda n: n >= 0, "0 sends none"),
    ("batch_rows", lambda n: n >= 1, "at least 1 sequence in a batch"),
    ("poll_seconds", lambda n: n > 0, "above 0"),
    *(
        (name, lambda n: n is None or 0 < n <= _MOST_SECONDS, f"above 0 and at most {_MOST_SECONDS:,}")
        for name in ("cpu_seconds", "wall_seconds")
    ),
    (
        "memory_mb",
        lambda n: n is None or LEAST_MEMORY_MB <= n <= _MOST_MEMORY_MB,
        f"at least {LEAST_MEMORY_MB}, which the languages' run times need themselves, and at most {_MOST_MEMORY_MB:,}",
    ),
    ("workers", lambda n: n is None or n >= 1, "at least 1, or leave it out for one per core"),
    ("cache_mb", lambda n: n >= 1, "at least 1, or cache = false"),
    ("k", lambda ks: all(k >= 1 for k in ks), "each k is at least 1"),
)

FIELD_NAMES = tuple(field.name for field in fields(RunConfig))
JUDGING_FIELDS = frozenset({"tier", "cpu_seconds", "wall_seconds", "memory_mb", "confirm"})
"""Settle what verdicts mean; free to change until the first verdict is written."""
FREE_FIELDS = frozenset(
    {
        *("concurrency", "request_seconds", "retry_seconds", "batch_tokens", "batch_rows", "workers", "cluster"),
        *(
            "backoff_seconds",
            "memory_share",
            "key_variable",
            "answer_cache",
            "provider_batch",
            "poll_seconds",
            "prices",
        ),
        *("cache", "cache_mb", "k", "data", "samples_file", "allow_missing"),
    }
)
"""Decide how fast and from where, not what; free to change at any time. Rows and samples are held by their hashes."""
ASKING_FIELDS = frozenset(FIELD_NAMES) - JUDGING_FIELDS - FREE_FIELDS
"""Settle what is asked; fixed from the first completion on."""


def parse_config(values: Mapping[str, Any], origin: str) -> RunConfig:
    """Checks names, types and ranges. Raises ConfigError that names the setting and `origin`."""
    unknown = sorted(set(values) - set(FIELD_NAMES))
    if unknown:
        raise ConfigError(f"{origin} has the unknown setting {unknown[0]!r}; known are {', '.join(FIELD_NAMES)}.")
    missing = [name for name in ("model", "task") if not values.get(name)]
    if missing:
        raise ConfigError(f"{origin} does not say which {missing[0]} to take: add {missing[0]} (--{missing[0]}).")
    numbers = values.get("k")
    if isinstance(numbers, str):
        values = {**values, "k": [word.strip() for word in numbers.split(",") if word.strip()]}
    try:
        return msgspec.convert(values, RunConfig, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(_wrong_kind(values, origin, str(error))) from None


def _wrong_kind(values: Mapping[str, Any], origin: str, complaint: str) -> str:
    """msgspec says "Expected `float`, got `str` - at `$.temperature`"; users know the setting's name and value."""
    expected, _, place = complaint.partition(" - at ")
    name = place.strip("`$.").partition("[")[0]
    return f"{name} = {values.get(name)!r} in {origin} is of the wrong kind: {expected.replace('`', '')}."


def read_settings(file: Path) -> dict[str, Any]:
    """The settings that a TOML file names, unchecked. Raises ConfigError when it cannot be read."""
    try:
        return msgspec.toml.decode(file.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigError(f"The config file {str(file)!r} cannot be read: {error.strerror}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"The config file {str(file)!r} is not valid TOML: {error}.") from None


def to_toml(config: RunConfig) -> str:
    """The resolved config as TOML; TOML has no null, so a field that is None is left out."""
    values = {name: value for name, value in asdict(config).items() if value is not None}
    return msgspec.toml.encode(values).decode()

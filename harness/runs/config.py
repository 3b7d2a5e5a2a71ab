"""What a run is asked to do: one frozen RunConfig, from TOML and to TOML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from harness.completion import Completion
from harness.model import Sampling
from harness.models.options import ModelOptions
from harness.models.thinking import default_max_tokens
from harness.runs.settings import ConfigError, parse_settings
from sandbox.cache.store import MOST_MB
from sandbox.outcome import Tier
from sandbox.program import LEAST_MEMORY_MB
from tasks.policy import ExtractionPolicy
from tasks.task import AnswerForm


@dataclass(frozen=True)
class AskingOptions:
    """What is asked of a model."""

    model: str
    """demo, hf:ID_OR_DIR, vllm:ID_OR_DIR, api:MODEL, replay:FILE or scripted:FILE; for samples made elsewhere, a
    label."""
    task: str
    """Name of the task, as `wavebench tasks` lists it."""
    style: str = ""
    """Name of the prompt style; empty takes the task's own."""
    split: str = ""
    """Which part of the benchmark; empty takes the task's own."""
    samples: int = 1
    """Samples per problem; 0 takes as many as `samples_file` holds."""
    temperature: float = 0.0
    """Sampling temperature; 0 is greedy."""
    top_p: float = 1.0
    """Samples only from the most likely tokens that together have this probability; 1 keeps every token."""
    top_k: int = 0
    """Samples only from this many of the most likely tokens; 0 keeps every token."""
    max_tokens: int = 512
    """The most new tokens per completion. Of a model that is known to think before it answers, by its name, 16384
    where nothing is said."""
    seed: int = 0
    """Random seed of the sampling."""
    limit: int | None = None
    """Only the first so many problems; left out, all of them."""
    data: str = ""
    """Folder with the benchmark's files, or one file of own problems in its format; empty looks in the usual places."""


class Judging(StrEnum):
    """What a verdict rests on."""

    BOTH = "both"
    """The benchmark's own protocol decides; its passes are confirmed by the tests in a process of their own."""
    SPLIT = "split"
    """The tests in a process of their own decide alone: pass@k is confirmed pass@k."""
    UPSTREAM = "upstream"
    """The benchmark's own protocol alone: nothing is confirmed."""


@dataclass(frozen=True)
class JudgingOptions:
    """How and where the programs run that the verdicts rest on."""

    extraction: ExtractionPolicy = ExtractionPolicy.ROBUST
    """Which rules find the code in an answer: the task's own (robust), those of the benchmark's harness to the letter
    (upstream), or one fenced block whatever it holds."""
    tier: Tier = Tier.NAMESPACES
    """Isolation of the sandbox."""
    workers: int | None = None
    """Programs that run at once, on each machine; left out, one per core."""
    cluster: str = ""
    """Judges on the machines of a Ray cluster: its address, or "local" for one of this machine; empty does without."""
    cpu_seconds: float | None = None
    """Processor time of one program, in seconds; left out, what the task sets."""
    wall_seconds: float | None = None
    """Time of one program by the clock, in seconds; left out, what the task sets."""
    memory_mb: int | None = None
    """Memory of one program, in MB; left out, what the task sets."""
    confirm: bool = True
    """Run the tests of every pass again in a process that never holds the candidate, where the task allows that. False
    is the same as judging = "upstream"."""
    judging: Judging = Judging.BOTH
    """What decides: "upstream", the benchmark's own protocol, with candidate and tests in one process; "split", the
    tests in a process that never holds the candidate; "both", the first, confirmed by the second."""
    cache: bool = True
    """Take outcomes of programs that ran before, in any run, from the execution cache."""
    cache_mb: int = MOST_MB
    """Size in MB above which the cache drops what was not used for longest."""


@dataclass(frozen=True)
class ReportOptions:
    """What the score says."""

    k: tuple[int, ...] = ()
    """Which pass@k to report, such as 1,10; empty takes those of 1, 10 and 100 that the samples allow."""


@dataclass(frozen=True)
class SamplesFileOptions:
    """Where samples made elsewhere come from; a run that asks a model leaves all of it out."""

    samples_file: str = ""
    """File of samples made elsewhere; empty when the model was asked. `wavebench judge FILE` sets it."""
    samples_sha256: str = ""
    """Hash of that file's bytes. `wavebench judge FILE` sets it."""
    allow_missing: bool = False
    """Judge such a file even where it lacks problems."""
    form: AnswerForm = AnswerForm.AUTO
    """What the texts of such a file are; of a model's answers always auto."""
    form_by_row: bool = False
    """The file mixes forms: each text is what its line in completions.jsonl says, and `form` only what the first is."""


# A dataclass takes the fields of its last base first: the order in config.toml begins with what is asked.
@dataclass(frozen=True)
class RunConfig(SamplesFileOptions, ReportOptions, JudgingOptions, ModelOptions, AskingOptions):
    """Everything that was asked, grouped by concern. Running it again is the same run.

    The groups are base classes, so that a setting has one flat name everywhere: in Python, in config.toml and for
    `--set`. A function that needs one concern takes that group; every RunConfig is one. Raises ConfigError for a value
    out of range.
    """

    def __post_init__(self) -> None:
        for name, allowed, remedy in _RANGES:
            value = getattr(self, name)
            if not allowed(value):
                raise ConfigError(f"{name} = {value!r} is out of range: {remedy}.")
        if not self.confirm and self.judging is Judging.SPLIT:
            raise ConfigError("confirm = false and judging = 'split' contradict each other: leave one out.")
        if not self.confirm or self.judging is Judging.UPSTREAM:  # two names of one thing
            object.__setattr__(self, "confirm", False)
            object.__setattr__(self, "judging", Judging.UPSTREAM)
        too_large = [k for k in self.k if self.samples and k > self.samples]
        if too_large:
            raise ConfigError(
                f"pass@{too_large[0]} needs at least {too_large[0]} samples per problem, but samples = {self.samples}: "
                f"ask for more samples or a smaller k."
            )

    @property
    def sampling(self) -> Sampling:
        """The part that says how tokens are drawn."""
        return Sampling(self.temperature, self.top_p, self.top_k, self.max_tokens, self.seed)

    @property
    def model_options(self) -> ModelOptions:
        """The part that says how the model is reached or loaded."""
        return ModelOptions(**{each.name: getattr(self, each.name) for each in fields(ModelOptions)})

    @property
    def made_elsewhere(self) -> bool:
        """The samples were read from a file; no model is asked."""
        return bool(self.samples_file)

    @property
    def extraction_used(self) -> str:
        """The policy by which code was found; "none" where texts made elsewhere run as they are."""
        verbatim = self.made_elsewhere and self.form is not AnswerForm.AUTO and not self.form_by_row
        return "none" if verbatim else self.extraction.value

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
        return parse_config(overridden(asdict(self), values), "the command line")

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
JUDGING_FIELDS = frozenset({"extraction", "tier", "cpu_seconds", "wall_seconds", "memory_mb", "confirm", "judging"})
"""Settle what verdicts mean; free to change until the first verdict is written."""
FREE_FIELDS = (
    frozenset({"concurrency", "request_seconds", "retry_seconds", "backoff_seconds", "key_variable", "poll_seconds"})
    | {"answer_cache", "provider_batch", "prices", "memory_share", "batch_tokens", "batch_rows", "eager"}
    | {"vllm_log_level"}
    | {"workers", "cluster", "cache", "cache_mb", "k", "data", "samples_file", "allow_missing"}
)
"""Decide how fast and from where, not what; free to change at any time. Rows and samples are held by their hashes."""
ASKING_FIELDS = frozenset(FIELD_NAMES) - JUDGING_FIELDS - FREE_FIELDS
"""Settle what is asked; fixed from the first completion on."""
_REQUIRED = {"model": "model = '...' (--model)", "task": "task = '...' (--task)"}


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Names with dots, such as request.add.reasoning_effort of the command line, as tables; their words as JSON."""
    found: dict[str, Any] = {name: value for name, value in values.items() if "." not in name}
    for name, value in values.items():
        *tables, last = name.split(".")
        if not tables:
            continue
        place = found
        for table in tables:
            place[table] = dict(place.get(table) or {})  # a copy: what was given stays as it is
            place = place[table]
        try:
            place[last] = msgspec.json.decode(value) if isinstance(value, str) else value
        except msgspec.DecodeError:
            is_list = last == "leave_out"
            place[last] = [word.strip() for word in str(value).split(",") if word.strip()] if is_list else value
    return found


def overridden(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """`values` with `changes`; one that sets `judging` or `confirm`, which are two names of one thing, sets both."""
    settled = changes.keys() & {"judging", "confirm"}
    return {k: v for k, v in values.items() if not settled or k not in ("judging", "confirm")} | dict(changes)


def parse_config(values: Mapping[str, Any], origin: str) -> RunConfig:
    """Checks names, types and ranges. Raises ConfigError that names the setting and `origin`."""
    numbers = values.get("k")
    if isinstance(numbers, str):
        values = {**values, "k": [word.strip() for word in numbers.split(",") if word.strip()]}
    values = _nested(values)
    values.setdefault("max_tokens", default_max_tokens(str(values.get("model", ""))))
    # msgspec leaves defaults to a class without slots; `replace` writes them into the instance, where to_toml reads.
    return replace(parse_settings(RunConfig, values, origin, _REQUIRED, strict=False))

"""What a data set is asked to be: one frozen configuration from TOML."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from datagen.code.duplicates import DuplicatesConfig
from datagen.code.filters import RulesConfig
from datagen.coreset.choose import Method
from datagen.coreset.embed import EmbedConfig
from datagen.rows.example import TaskType
from datagen.sources.source import SourceConfig
from harness.runs.settings import ConfigError, parse_settings, read_settings
from sandbox.outcome import Tier

PAPER_MIXTURE: Mapping[TaskType, int] = {
    TaskType.GENERATION: 11_370,
    TaskType.SUMMARIZATION: 3_165,
    TaskType.REPAIR: 3_144,
    TaskType.TRANSLATION: 2_236,
}
"""CodeOcean's 19,915 rows by task (paper, section 3.3)."""


FEWEST_TESTS = 12
"""Asserts that every problem has at least."""


class TeacherKind(StrEnum):
    """Who writes the rows."""

    RULES = "rules"
    """Documentation, signatures and planted faults; needs no model."""
    LLM = "llm"
    """A generator and a discriminator, any two models."""


class LeakCheck(StrEnum):
    """How a row is compared with the benchmarks."""

    SUBSTRING = "substring"
    """The row contains a benchmark's text or solution, ignoring case and spacing."""
    NGRAM = "ngram"
    """Row and benchmark share a long run of tokens."""
    BEHAVIOUR = "behaviour"
    """A function of the row passes a benchmark's hidden tests."""
    NEIGHBOURS = "neighbours"
    """The row is among the nearest neighbours of a benchmark's solution: the paper's decontamination."""


@dataclass(frozen=True, slots=True)
class CoreSetConfig:
    """Which functions the teacher sees."""

    method: Method = Method.KCENTER
    """How functions are chosen."""
    size: int | None = None
    """None, or more than there are, takes all, in the order of choice."""


class JsonMode(StrEnum):
    """Whether a server is asked to hold its model to JSON. Which servers can is in their own documentation."""

    OFF = "off"
    """Nothing is asked; the reader finds the object in whatever stands around it."""
    OBJECT = "object"
    """response_format json_object: any JSON object."""
    SCHEMA = "schema"
    """response_format json_schema: exactly the keys that are wanted."""
    AUTO = "auto"
    """schema where the server heeds it, else object, else off: one or two short questions find out, once a data set."""


@dataclass(frozen=True, slots=True)
class RoleConfig:
    """One model of an LLM teacher."""

    model: str = ""
    """As for evaluations: `api:MODEL`, `hf:ID_OR_DIR`, `demo`, `scripted:FILE`."""
    base_url: str = ""
    """Address of the server, for an api: model; empty is OpenAI."""
    temperature: float = 1.0
    """Sampling temperature; 0 is greedy."""
    max_tokens: int = 1024
    """The most new tokens per answer."""
    concurrency: int = 16
    """Requests under way at once."""
    request_seconds: float = 600.0
    """The longest one request may take, in seconds, before it is sent again."""
    retry_seconds: float = 900.0
    """How long one request is tried again, in seconds, before the stage stops."""
    price_prompt: float = 0.0
    """Money per million prompt tokens; 0 leaves cost out of the card."""
    price_completion: float = 0.0
    """Money per million tokens of answers."""
    json_mode: JsonMode = JsonMode.OFF
    """off, object, schema or auto: whether an api: server is asked to hold its model to JSON."""


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How the loop runs."""

    round_rows: int | None = None
    """Rows under way at most; the examples of a row come from rows at least so far before it. Left out, four times the
    requests under way, at least 64."""
    attempts: int = 2
    """How often a malformed answer is asked for again, first try included; each time with what was wrong, at another
    temperature."""
    good_examples: int = 1
    """Accepted rows shown to the generator with each request."""
    bad_examples: int = 1
    """Rejected rows shown to the generator with each request."""
    database_capacity: int = 200
    """Most rows of each kind that examples are drawn from."""
    stop_after_unusable: int = 100
    """So many functions in a row without a usable answer stop the stage: the model or its server is at fault."""
    most_cost: float = 0.0
    """Most money that the answers of a data set may cost, by the roles' prices; 0 sets no limit."""


@dataclass(frozen=True, slots=True)
class TeacherConfig:
    """Who writes and who judges."""

    kind: TeacherKind = TeacherKind.RULES
    """Who writes the rows: rules without a model, or language models."""
    generator: RoleConfig = field(default_factory=RoleConfig)
    """The model that writes rows."""
    discriminator: RoleConfig = field(default_factory=lambda: RoleConfig(temperature=0.0))
    """Without a model of its own, the generator's also judges."""
    loop: LoopConfig = field(default_factory=LoopConfig)
    """How rows are asked for."""
    wording: str = ""
    """Folder with own wordings; tasks that have no file there keep the shipped one."""

    def __post_init__(self) -> None:
        if self.kind is TeacherKind.LLM and not self.generator.model:
            raise ConfigError("teacher: kind = 'llm' needs a model: add [teacher.generator] with model = 'api:...'.")
        prices = (self.generator.price_prompt, self.generator.price_completion)
        if self.loop.most_cost and not any(prices):
            raise ConfigError("teacher: most_cost needs prices: set price_prompt and price_completion of each role.")
        if self.kind is TeacherKind.RULES and (self.generator.model or self.discriminator.model):
            raise ConfigError("teacher: kind = 'rules' asks no model, but one is named: set kind = 'llm' or remove it.")


@dataclass(frozen=True, slots=True)
class ExecutionConfig:
    """Where rows run."""

    tier: Tier = Tier.NAMESPACES
    """Isolation of the sandbox."""
    workers: int | None = None
    """Programs that run at once; left out, one per core."""


@dataclass(frozen=True, slots=True)
class LeakageConfig:
    """Which benchmarks rows are compared with, and which finds are removed."""

    benchmarks: tuple[str, ...] = ("humaneval", "mbpp")
    """Benchmarks that rows are compared with."""
    data: str = ""
    """Folder with the benchmarks' files; empty looks in the usual places."""
    checks: tuple[LeakCheck, ...] = (LeakCheck.SUBSTRING, LeakCheck.NGRAM, LeakCheck.BEHAVIOUR)
    """Which comparisons are made and reported."""
    remove: tuple[LeakCheck, ...] = (LeakCheck.SUBSTRING, LeakCheck.NGRAM, LeakCheck.BEHAVIOUR)
    """Which comparisons' finds are removed; each must be among `checks`."""
    ngram_tokens: int = 13
    """Length in tokens of a run that counts as a leak."""
    neighbours: int = 3
    """Nearest neighbours removed per problem, where that check is among `remove`."""

    def __post_init__(self) -> None:
        unchecked = [check.value for check in self.remove if check not in self.checks]
        if unchecked:
            raise ConfigError(f"leakage: remove names {unchecked[0]!r}, which is not among checks: add it there too.")


@dataclass(frozen=True, slots=True)
class ProblemsConfig:
    """Problems in HumanEval's format, made of pure functions of the core set."""

    functions: int = 1000
    """Functions tried at most, in the order of the core set; 0 makes no problems."""
    inputs: int = 400
    """Inputs drawn for each, of which the tests are chosen."""
    most_tests: int = 30
    """Asserts of a problem at most; a function that needs more to tell its wrong versions gives none."""

    def __post_init__(self) -> None:
        for name, value, least in (("functions", self.functions, 0), ("inputs", self.inputs, 20)):
            if value < least:
                raise ConfigError(f"problems: {name} = {value!r}: use at least {least}.")
        if self.most_tests < FEWEST_TESTS:
            raise ConfigError(f"problems: most_tests = {self.most_tests!r}: use at least {FEWEST_TESTS}.")


def check_name(what: str, name: str) -> None:
    """Raises ConfigError for a name that cannot be a folder of its own below another."""
    bad = not name.strip() or name in (".", "..") or len(name.encode()) > _LONGEST_NAME
    if bad or any(sign in "/\\" or unicodedata.category(sign) in _SIGNS_REFUSED for sign in name):
        raise ConfigError(
            f"{what} {name!r} cannot name a folder: use 1 to {_LONGEST_NAME} bytes without slash, line break or other "
            f"control sign."
        )


_LONGEST_NAME = 200
_SIGNS_REFUSED = ("Cc", "Cs", "Zl", "Zp")
"""Control signs, halves of characters, line and paragraph separators."""


@dataclass(frozen=True, slots=True)
class VariantConfig:
    """Another data set that differs in a few settings; finished stages are shared."""

    name: str
    """Name of the variant's folder."""
    without: tuple[TaskType, ...] = ()
    """Kinds of rows to leave out."""
    size_matched: bool = False
    """Fill up with the other tasks, so that size and task are not confounded."""
    use_discriminator: bool = True
    """False takes every well-formed row, whatever the discriminator's opinion."""
    use_execution: bool = True
    """False also takes rows that execution refutes or cannot confirm."""
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Other settings by dotted name, such as "core_set.method"."""

    def __post_init__(self) -> None:
        check_name("The variant", self.name)


@dataclass(frozen=True, slots=True)
class DatagenConfig:
    """Everything that decides a data set. The same configuration over the same sources gives the same bytes."""

    sources: tuple[SourceConfig, ...]
    name: str = "codeocean"
    """Name of the data set."""
    seed: int = 42
    """Random seed of every stage."""
    rules: RulesConfig = field(default_factory=RulesConfig)
    duplicates: DuplicatesConfig = field(default_factory=DuplicatesConfig)
    embed: EmbedConfig = field(default_factory=EmbedConfig)
    core_set: CoreSetConfig = field(default_factory=CoreSetConfig)
    teacher: TeacherConfig = field(default_factory=TeacherConfig)
    mixture: Mapping[TaskType, int] = field(default_factory=lambda: dict(PAPER_MIXTURE))
    """Rows wanted of each task, at most."""
    execution: ExecutionConfig = field(default_factory=ExecutionConfig)
    leakage: LeakageConfig = field(default_factory=LeakageConfig)
    problems: ProblemsConfig = field(default_factory=ProblemsConfig)
    variants: tuple[VariantConfig, ...] = ()

    def __post_init__(self) -> None:
        if not self.sources:
            raise ConfigError("The configuration names no source of raw code: add [[sources]].")
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ConfigError(f"Two sources have the same name among {names!r}: give each its own.")
        if any(count < 0 for count in self.mixture.values()) or not any(self.mixture.values()):
            raise ConfigError(
                f"mixture = {dict(self.mixture)!r} asks for no rows: give at least one task a number above 0."
            )
        if self.core_set.size is not None and self.core_set.size < 1:
            raise ConfigError(
                f"core_set: size = {self.core_set.size!r}: at least 1, or leave it out for all functions."
            )
        check_name("The data set", self.name)
        # Some file systems take names for equal that differ in case or Unicode form alone.
        folders = [unicodedata.normalize("NFC", each.name).casefold() for each in self.variants]
        taken = unicodedata.normalize("NFC", self.name).casefold()
        for place, variant in enumerate(self.variants):
            if folders[place] in (taken, *folders[:place]):
                raise ConfigError(f"The name {variant.name!r} is taken twice: give each variant a name of its own.")
            if {task for task, count in self.mixture.items() if count} <= set(variant.without):
                raise ConfigError(f"The variant {variant.name!r} leaves out every task of the mixture.")


def load_config(file: Path) -> DatagenConfig:
    """Reads and checks a configuration. Raises ConfigError with the setting's name."""
    return parse_datagen(read_settings(file), str(file))


def parse_datagen(values: Mapping[str, Any], origin: str) -> DatagenConfig:
    """Checks names, kinds and contradictions. Raises ConfigError with the setting's name."""
    return parse_settings(DatagenConfig, values, origin, {"sources": "[[sources]] with raw code"})


def override(config: DatagenConfig, settings: Mapping[str, Any]) -> DatagenConfig:
    """The same configuration but for settings given by dotted names."""
    values = msgspec.to_builtins(config)
    for dotted, value in settings.items():
        *path, last = dotted.split(".")
        table = values
        for name in path:
            table = table.setdefault(name, {})
        table[last] = value
    return parse_datagen(values, "the variant's settings")

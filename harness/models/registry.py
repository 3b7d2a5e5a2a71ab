"""Which model a spec such as `hf:DIR` names: a table of back ends by the spec's first part."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias

from harness.model import Model, ModelError
from harness.models.options import ModelOptions
from sandbox.extras import entry_points_of

ENTRY_POINT_GROUP = "wavebench.models"
"""Another package's back end: its entry point is an `Opener`, named as the spec's first part."""

Opener: TypeAlias = Callable[[str, ModelOptions], Model]
"""Takes what stands behind the spec's colon. Raises ModelError."""

Identifier: TypeAlias = Callable[[str, ModelOptions], Mapping[str, str]]
"""Takes the same, and says quickly which weights are there, without loading them; empty where it cannot."""
_ON_DISK = "harness.models.hf.weights:local_weights"


@dataclass(frozen=True, slots=True)
class BackEnd:
    """One kind of model."""

    target: str
    """What the spec names behind its colon, as help shows it; empty for a kind that names nothing."""
    opener: str
    """MODULE:FUNCTION of an `Opener`; imported when a model is opened, since some import torch."""
    takes_adapter: bool = False
    identifier: str = ""
    """MODULE:FUNCTION of an `Identifier`; empty where nothing is known of the weights before they are loaded."""


BACK_ENDS: Mapping[str, BackEnd] = {
    "demo": BackEnd("", "harness.models.demo:open_demo", takes_adapter=True),
    "hf": BackEnd("ID_OR_DIR", "harness.models.hf.load:open_huggingface", takes_adapter=True, identifier=_ON_DISK),
    "vllm": BackEnd("ID_OR_DIR", "harness.models.vllm_engine:open_vllm", identifier=_ON_DISK),
    "api": BackEnd("MODEL", "harness.models.api.model:open_api"),
    "replay": BackEnd("FILE", "harness.models.replay:open_replay"),
    "scripted": BackEnd("FILE", "harness.models.scripted:open_scripted"),
}


def model_kinds() -> tuple[str, ...]:
    """How models are named: `hf:ID_OR_DIR` and so on, then the kinds of other packages."""
    own = (f"{kind}:{back_end.target}" if back_end.target else kind for kind, back_end in BACK_ENDS.items())
    return (*own, *(point.name for point in entry_points_of(ENTRY_POINT_GROUP)))


def identify_model(spec: str, options: ModelOptions) -> Mapping[str, str]:
    """What is known of a model's weights before they are loaded; empty where that is nothing."""
    kind, _, target = spec.partition(":")
    back_end = BACK_ENDS.get(kind)
    if back_end is None or not back_end.identifier:
        return {}
    module, _, function = back_end.identifier.partition(":")
    return getattr(import_module(module), function)(target, options)


def open_model(spec: str, options: ModelOptions | None = None) -> Model:
    """The model that `spec` names; loads it, so that a wrong name ends here and not in the middle of a run.

    Raises ModelError when the kind is unknown, the target is missing or an extra is not installed.
    """
    kind, _, target = spec.partition(":")
    options = options or ModelOptions()
    back_end = BACK_ENDS.get(kind)
    if options.adapter and not (back_end and back_end.takes_adapter):
        raise ModelError(f"{spec!r} takes no adapter: leave --adapter out, or name its base as hf:ID_OR_DIR")
    # `demo:x` and `hf:` fall through to the sentence at the end.
    if back_end and bool(target) == bool(back_end.target):
        module, _, function = back_end.opener.partition(":")
        return getattr(import_module(module), function)(target, options)
    for entry_point in entry_points_of(ENTRY_POINT_GROUP):
        if entry_point.name == kind:
            return entry_point.load()(target, options)
    raise ModelError(f"unknown model {spec!r}: use one of {', '.join(model_kinds())}")

"""Which model a spec such as `hf:DIR` names."""

from importlib.metadata import entry_points

from harness.model import Model, ModelError
from harness.models.options import ModelOptions

ENTRY_POINT_GROUP = "wavebench.models"
"""A third party's kind: its entry point is a callable (target, options) -> Model, named as the spec's first part."""

WITH_ADAPTERS = ("hf", "demo")
KINDS = "demo, hf:ID_OR_DIR, vllm:ID_OR_DIR, api:MODEL, replay:FILE, scripted:FILE"


def open_model(spec: str, options: ModelOptions | None = None) -> Model:
    """The model that `spec` names; loads it, so that a wrong name ends here and not in the middle of a run.

    Raises ModelError when the kind is unknown, the target is missing or an extra is not installed.
    """
    kind, _, target = spec.partition(":")
    options = options or ModelOptions()
    if options.adapter and kind not in WITH_ADAPTERS:
        raise ModelError(f"{spec!r} takes no adapter: leave --adapter out, or name its base as hf:ID_OR_DIR")
    match kind, bool(target):
        case "demo", False:
            from harness.models.demo import open_demo

            return open_demo(options)
        case "hf", True:
            from harness.models.hf.load import open_huggingface

            return open_huggingface(target, options)
        case "vllm", True:
            from harness.models.vllm_engine import open_vllm

            return open_vllm(target, options)
        case "api", True:
            from harness.models.api.model import open_api

            return open_api(target, options)
        case "replay", True:
            from harness.models.replay import open_replay

            return open_replay(target)
        case "scripted", True:
            from harness.models.scripted import open_scripted

            return open_scripted(target)
        case _:
            for entry_point in entry_points(group=ENTRY_POINT_GROUP, name=kind):
                return entry_point.load()(target, options)
    others = sorted(entry_points(group=ENTRY_POINT_GROUP).names)
    raise ModelError(f"unknown model {spec!r}: use one of {', '.join([KINDS, *others])}")

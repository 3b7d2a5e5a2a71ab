"""A model on a task: asked, judged and scored in one call."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias, cast

from harness.evaluate import evaluate as evaluate_config
from harness.model import Model
from harness.models.live import AnswerFunction, CallableModel, borrowed, function_name, open_loaded
from harness.runs.config import ConfigError, RunConfig, parse_config
from harness.runs.manifest import read_manifest
from harness.runs.run_folder import RunFolderError
from harness.scoring.score import Score
from tasks.task import Task
from wavebench.opening import ORIGIN, whole_path

LiveModel: TypeAlias = AnswerFunction | tuple[Any, Any] | Model
"""A function, a loaded transformers model with its tokenizer, or an object with the methods of `Model`."""


def evaluate(
    model: str | LiveModel,
    task: str | Task[Any] = "",
    *,
    config: RunConfig | None = None,
    out: str | Path | None = None,
    model_name: str = "",
    **settings: object,
) -> Score:
    """The score of a model on a task.

    model: one of
        a spec as on the command line: "hf:DIR_OR_ID", "api:NAME", "vllm:DIR", "demo", "replay:FILE", "scripted:FILE";
        a pair (model, tokenizer) of transformers, already on its device. It is put into evaluation mode and back,
            computes no gradients, and leaves torch's random numbers as they were;
        a function that takes a list of prompts, at most `batch_rows`, and returns as many str in the same order. A
            prompt is a str to continue where the style is a text, and a list of {"role", "content"} dicts where it is
            a chat. Sampling settings are not passed to it;
        an object with the methods of `Model`.
    task: a task's name, "humaneval" when left out, or a `Task` of your own.
    config: settings to start from; what is named besides replaces them.
    out: run folder. With the same model and settings it goes on where it stopped. None takes a temporary folder that
        is removed afterwards.
    model_name: the name of a live model in the run folder and its report.
    settings: any setting of `RunConfig` by its name: samples, temperature, max_tokens, limit, style, seed, tier...

    `score.pass_rates[1].value` is pass@1 as a share of 1, `.low` and `.high` its 95 % interval. A live model goes on
    with the answers in `out` only where they are known to be its own: the weights of a loaded model must be the same,
    and a function must be named by `model_name`. Raises WavebenchError for settings that are wrong, a model that
    cannot answer, and a folder that belongs to another run; errors of your own function pass through.
    """
    values: dict[str, Any] = {**settings}
    if "data" in values:
        values["data"] = whole_path(values["data"])
    own_task = None if isinstance(task, str) else task
    name = own_task.name if own_task else str(task)
    values |= {"task": name} if name or config is None else {}
    values["task"] = values.get("task") or (config.task if config else "humaneval")
    if isinstance(model, str):
        if model_name:
            raise ConfigError(f"model_name = {model_name!r} names a live model; {model!r} has a name already.")
        values["model"] = model
    else:
        values["model"] = model_name or _usual_name(model)
    chosen = config.override(values) if config else parse_config(values, ORIGIN)
    with ExitStack() as stack:
        path = Path(out).expanduser() if out else Path(stack.enter_context(TemporaryDirectory(prefix="wavebench-")))
        if isinstance(model, str):
            return evaluate_config(chosen, path, task=own_task)
        live = _open_live(model, chosen, stack)
        _refuse_answers_of_another(path, live.facts(), named=bool(model_name))
        return evaluate_config(chosen, path, model=live, task=own_task)


def _usual_name(model: LiveModel) -> str:
    if isinstance(model, tuple):
        loaded = cast(tuple[Any, ...], model)[0]
        return str(getattr(getattr(loaded, "config", None), "name_or_path", "")) or type(loaded).__name__
    return cast(Model, model).name if _is_model(model) else function_name(model)


def _open_live(model: LiveModel, config: RunConfig, stack: ExitStack) -> Model:
    """Raises ConfigError for what is no model. A loaded one is borrowed until `stack` is closed."""
    if isinstance(model, tuple):
        parts = cast(tuple[Any, ...], model)
        if len(parts) != 2:
            raise ConfigError(f"a loaded model is a pair (model, tokenizer), not a tuple of {len(parts)}.")
        loaded, tokenizer = parts
        opened = open_loaded(loaded, tokenizer, config.model, config.model_options)
        stack.enter_context(borrowed(loaded))
        return opened
    if _is_model(model):
        return cast(Model, model)
    if hasattr(model, "generation_config"):
        raise ConfigError("a loaded transformers model comes with its tokenizer: pass (model, tokenizer).")
    if not callable(model):
        raise ConfigError(f"{model!r:.80} is no model: pass a spec, a function, (model, tokenizer) or a Model.")
    return CallableModel(model, config.model, config.batch_rows)


def _is_model(model: object) -> bool:
    return hasattr(model, "answer") and hasattr(model, "facts")


def _refuse_answers_of_another(path: Path, facts: Mapping[str, str], *, named: bool) -> None:
    """Raises RunFolderError where `path` holds answers of which nobody can say that this model gave them."""
    answers = path / "completions.jsonl"
    if not answers.exists() or not answers.stat().st_size:
        return
    now, earlier = _identity(facts), _identity(read_manifest(path / "manifest.json").get("model") or {})
    if now and now == earlier:
        return
    if now or earlier:
        raise RunFolderError(
            f"{str(path)!r} holds answers of other weights ({earlier or 'unknown'}, now {now or 'unknown'}): "
            f"choose another out folder."
        )
    if not named:
        raise RunFolderError(
            f"{str(path)!r} holds answers, and a function does not show whether they are its own: "
            f"name it by model_name=, the same each time, or choose another out folder."
        )


def _identity(facts: Mapping[str, Any]) -> str:
    return str(facts.get("weights") or facts.get("sha256") or "")

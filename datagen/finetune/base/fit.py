"""Refuses a base model that cannot learn these rows as they are: each fault that would train, or crash, in silence."""

from collections.abc import Sequence
from typing import Any

from datagen.finetune.config import FinetuneConfig, FinetuneError, LoraSettings
from datagen.finetune.rows.encode import EncodedRow

_POSITION_FIELDS = ("max_position_embeddings", "n_positions", "max_seq_len", "max_sequence_length", "seq_length")
"""Names that architectures give to the most positions they learned."""
_LINEAR = ("Linear", "Conv1D")
"""Conv1D is GPT-2's name for a linear layer."""


def refuse_unfit(model: Any, tokenizer: Any, rows: Sequence[EncodedRow], config: FinetuneConfig) -> None:
    """Raises FinetuneError for tokens without an embedding and for positions that the base never saw."""
    known = int(model.get_input_embeddings().weight.shape[0])
    largest = max(max(max(row.ids) for row in rows), tokenizer.pad_token_id)
    if largest >= known:
        raise FinetuneError(
            f"The tokenizer of {config.base!r} has tokens that the model has no embedding for: {largest} "
            f"({tokenizer.convert_ids_to_tokens(largest)!r}) of {known}: resize the model's embeddings, or use its own "
            f"tokenizer."
        )
    longest, most = max(map(len, rows)), learned_positions(model)
    if most is not None and longest > most:
        raise FinetuneError(
            f"The longest row has {longest} tokens, but {config.base!r} learned {most} positions: set sequence = {most}"
            f", or raise the limit in its config.json if it shall learn more."
        )


def learned_positions(model: Any) -> int | None:
    """The most positions of the model; None for architectures without a limit."""
    shape = model.config.get_text_config()
    stated = [getattr(shape, name, None) for name in _POSITION_FIELDS]
    most = next((int(value) for value in stated if isinstance(value, int) and value > 0), None)
    scaling: dict[str, Any] = getattr(shape, "rope_scaling", None) or getattr(shape, "rope_parameters", None) or {}
    factor, original = scaling.get("factor"), scaling.get("original_max_position_embeddings")
    # Some state the positions before they were stretched, some after.
    return max(most, int(factor * original)) if most and factor and original else most


def refuse_bad_adapter(model: Any, lora: LoraSettings, base: str) -> None:
    """Raises FinetuneError for layers that do not exist, and for tied ones: merging would change the other too."""
    names = [name for name, _ in model.named_modules()]
    for target in lora.targets:
        if not any(name == target or name.endswith(f".{target}") for name in names):
            found = sorted(
                {name.rpartition(".")[2] for name, each in model.named_modules() if type(each).__name__ in _LINEAR}
            )
            raise FinetuneError(
                f"lora: {base!r} has no layer {target!r}: its linear layers are {', '.join(found)}; leave targets out "
                f"to take all but the last."
            )
    if not model.config.get_text_config().tie_word_embeddings:
        return
    tied = {id(each) for each in (model.get_input_embeddings(), model.get_output_embeddings()) if each is not None}
    for name, module in model.named_modules():
        if id(module) in tied and any(name == target or name.endswith(f".{target}") for target in lora.targets):
            raise FinetuneError(
                f"lora: {base!r} uses one weight for input and output, so an adapter on {name!r} cannot be merged "
                f"without changing the other: take {name.rpartition('.')[2]!r} out of targets."
            )

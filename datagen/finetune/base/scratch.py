"""A new model: a Llama with random weights and a byte-level BPE tokenizer trained on the rows it will learn."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datagen.finetune.config import ScratchSettings
from datagen.finetune.rows.template import Template
from datagen.rows.instruction_rows import InstructionRow

END, PAD = "<|endoftext|>", "<|pad|>"


def build_scratch(folder: Path, settings: ScratchSettings, texts: Iterable[str]) -> None:
    """Writes tokenizer and model, as `hf:` loads them; the same texts and settings give the same bytes."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    tokenizer = train_tokenizer(settings, texts)
    wanted: Any = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=settings.hidden,
        intermediate_size=settings.intermediate or 4 * settings.hidden,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.key_value_heads or settings.heads,
        max_position_embeddings=settings.context,
        tie_word_embeddings=settings.tie_embeddings,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    library: Any = torch
    with library.random.fork_rng():
        library.manual_seed(settings.seed)
        model: Any = LlamaForCausalLM(wanted)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def train_tokenizer(settings: ScratchSettings, texts: Iterable[str]) -> Any:
    """Byte-level, so that no text is lost; a PreTrainedTokenizerFast."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer: Any = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer: Any = trainers.BpeTrainer(
        vocab_size=settings.vocabulary,
        special_tokens=[END, PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=END, pad_token=PAD, model_max_length=settings.context
    )


def texts_of(rows: Iterable[InstructionRow], template: Template) -> Iterator[str]:
    """What a tokenizer of these rows should know."""
    return (template.prompt(row) + row.output for row in rows)

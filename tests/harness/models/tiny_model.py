"""Models of a few thousand random weights with a tokenizer trained on the spot: the real classes, in seconds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CORPUS = [
    "def add(a, b):\n    return a + b\n",
    "class Point:\n    def __init__(self, x, y):\n        self.x, self.y = x, y\n",
    "```python\nfor number in range(10):\n    print(number)\n```\n",
] * 20
CONTEXT_TOKENS = 768
"""Of a model that was taught."""
END_TOKENS = [1, *range(60, 80)]
"""Many, so that random texts end at all sorts of lengths."""


def save_tokenizer(folder: Path, corpus: Sequence[str] = CORPUS) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    inner: Any = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=["<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(corpus, trainer)
    tokenizer: Any = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|im_end|>")
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)


def save_tiny_model(
    folder: Path, kind: str = "LlamaForCausalLM", corpus: Sequence[str] = CORPUS, **changes: Any
) -> Path:
    """Float64, so that batches of another shape cannot swap two tokens by rounding."""
    import torch
    import transformers

    save_tokenizer(folder, corpus)
    torch.manual_seed(7)
    model_class: Any = getattr(transformers, kind)
    settings: dict[str, Any] = {
        "vocab_size": 320,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 256,
        "initializer_range": 0.3,  # sharp enough logits that texts differ
        "bos_token_id": None,
    }
    model = model_class(model_class.config_class(**settings | changes)).double()
    model.generation_config.eos_token_id = END_TOKENS
    model.save_pretrained(folder)
    return folder

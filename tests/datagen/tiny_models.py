"""One small model with random weights of each architecture that tests of training name."""

from typing import Any

import torch
import transformers

SIZES: dict[str, dict[str, Any]] = {
    "llama": {"num_key_value_heads": 2},
    "qwen2": {"num_key_value_heads": 2},
    "gemma2": {"num_key_value_heads": 2, "head_dim": 16},
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2},
    "gpt_neox": {},
    "phi": {},
    "opt": {"ffn_dim": 64, "word_embed_proj_dim": 32},
    "bloom": {"n_layer": 2, "n_head": 2},
    "mpt": {"d_model": 32, "n_heads": 2, "n_layers": 2},
    "falcon": {},
    "mamba": {"state_size": 8},
    "mamba2": {"num_heads": 4, "head_dim": 16, "n_groups": 1, "state_size": 8},
    "rwkv": {"attention_hidden_size": 32},
    "recurrent_gemma": {"num_hidden_layers": 3, "lru_width": 32, "num_key_value_heads": 1},
    "qwen3_next": {
        **{"num_key_value_heads": 1, "head_dim": 16, "num_experts": 2, "num_experts_per_tok": 1},
        **{"linear_num_value_heads": 2, "linear_num_key_heads": 2, "linear_key_head_dim": 8},
        **{"linear_value_head_dim": 8, "num_hidden_layers": 4, "moe_intermediate_size": 16},
        **{"shared_expert_intermediate_size": 16},
    },
    "falcon_h1": {"num_key_value_heads": 2, "mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8},
}


def tiny_model(kind: str, **changes: Any) -> Any:
    """Weights large enough that a leak shows as in a trained model."""
    common = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    values = {**common, "vocab_size": 128, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    library: Any = transformers
    config = library.AutoConfig.for_model(kind, **{**values, **SIZES[kind], **changes})
    torch.manual_seed(0)
    model = library.AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.mul_(3)
    model.config.use_cache = False  # as in training; with a cache transformers separates nothing
    return model.float()

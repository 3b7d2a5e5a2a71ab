"""A tiny model that has learned a few answers by heart, so that what it says is known: the real classes, in seconds."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.harness.models.tiny_model import CONTEXT_TOKENS, save_tiny_model

MOST_STEPS = 400
SURE_LOSS = 0.01
"""Of a token: what was learned then stands far above every other, whatever the rounding."""


def save_taught_model(folder: Path, chats: Mapping[str, str], starts: Mapping[str, str]) -> Path:
    """Answers each question of `chats` by heart, and goes on after each of `starts` with any one of its letters."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)  # on a busy machine two wait for each other, and so small a model gains nothing by them
    corpus = [*chats, *chats.values(), *starts]
    shape: dict[str, Any] = {"hidden_size": 128, "intermediate_size": 256, "num_key_value_heads": 2}
    save_tiny_model(folder, max_position_embeddings=CONTEXT_TOKENS, initializer_range=0.05, corpus=corpus, **shape)
    # One end token: servers keep the text of others.
    settings = json.loads((folder / "generation_config.json").read_text())
    # What a checkpoint may ship, and no back end may apply.
    settings |= {"eos_token_id": 1, "repetition_penalty": 1.3, "top_k": 2, "temperature": 0.5, "do_sample": True}
    (folder / "generation_config.json").write_text(json.dumps(settings))
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    rows: list[tuple[list[int], list[int]]] = []
    for question, answer in chats.items():
        message = [{"role": "user", "content": question}]
        prompt = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
        rows.append((tokenizer(prompt).input_ids, [*tokenizer(answer).input_ids, tokenizer.eos_token_id]))
    rows += [(tokenizer(start).input_ids, tokenizer(letter).input_ids) for start in starts for letter in starts[start]]
    longest = max(len(prompt) + len(answer) for prompt, answer in rows)
    ids = torch.tensor([(prompt + answer + [0] * longest)[:longest] for prompt, answer in rows])
    ignored = [-100] * longest
    labels = torch.tensor([(ignored[: len(prompt)] + answer + ignored)[:longest] for prompt, answer in rows])
    by_heart = slice(0, len(chats))
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    worst = float("inf")
    for step in range(MOST_STEPS):
        logits = model(ids).logits[:, :-1].transpose(1, 2)
        losses = torch.nn.functional.cross_entropy(logits, labels[:, 1:], reduction="none")
        optimizer.zero_grad()
        (losses.sum() / (labels != -100).sum()).backward()
        optimizer.step()
        if step % 10 == 0 and (worst := losses[by_heart].max().item()) < SURE_LOSS:
            break
    assert worst < SURE_LOSS, f"not learned in {MOST_STEPS} steps: {worst:.3f}"
    model.save_pretrained(folder)
    (folder / "generation_config.json").write_text(json.dumps(settings))  # saved anew with the model
    return folder

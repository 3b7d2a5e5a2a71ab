"""How nearly a model chose another token: the weights asked again at the place where two answers part."""

from collections.abc import Callable

from harness.models.hf.load import from_pretrained
from harness.models.hf.model import HuggingFaceModel
from harness.models.options import ModelOptions
from tasks.prompt import Prompt


def open_logit_gap(target: str) -> Callable[[Prompt, str, str], float]:
    """A function (prompt, one answer, other answer) -> nats between their next tokens where they part, in float32."""
    import torch

    tokenizer, model = from_pretrained(target, dtype=torch.float32)
    wording = HuggingFaceModel(target, model, tokenizer, ModelOptions()).wording

    def logit_gap(prompt: Prompt, one: str, other: str) -> float:
        head = wording(prompt)
        special = not prompt.messages  # a template brings its own
        first, second = (
            [*tokenizer(head + text, add_special_tokens=special).input_ids, tokenizer.eos_token_id]
            for text in (one, other)
        )
        # Where one is a beginning of the other, they part at its end token.
        place = next(
            (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)) - 1
        )
        with torch.inference_mode():
            logits = model.eval()(torch.tensor([first[:place]], device=model.device)).logits[0, -1]
        scores = torch.log_softmax(logits.float(), dim=-1)
        return abs(float(scores[first[place]] - scores[second[place]]))

    return logit_gap

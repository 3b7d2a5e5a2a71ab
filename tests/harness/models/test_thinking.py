import pytest

from harness.models.thinking import default_max_tokens, is_known_to_think
from harness.runs.config import parse_config


@pytest.mark.parametrize(
    "spec",
    [
        *("api:o3", "api:o4-mini", "api:gpt-5-mini", "api:openai/gpt-oss-120b", "api:deepseek-reasoner"),
        *("hf:Qwen/Qwen3-8B", "hf:/models/Qwen3-235B-A22B-Thinking-2507", "vllm:Qwen/QwQ-32B", "api:openai/o1-mini"),
        *("hf:deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "api:magistral-medium", "api:google/gemini-2.5-pro"),
        *(
            "api:gpt-6-sol",
            "api:deepseek-flash",
            "api:moonshotai/kimi-k2.6",
            "api:GLM-5.1",
            "api:grok-4-fast-reasoning",
        ),
    ],
)
def test_models_that_think_get_a_limit_that_leaves_room_for_it(spec: str):
    assert is_known_to_think(spec)
    assert parse_config({"model": spec, "task": "humaneval"}, "x").max_tokens == default_max_tokens(spec) == 16_384
    assert parse_config({"model": spec, "task": "humaneval", "max_tokens": 99}, "x").max_tokens == 99


@pytest.mark.parametrize(
    "spec",
    [
        *("demo", "api:gpt-4o-mini", "api:gpt-5-chat-latest", "hf:Qwen/Qwen2.5-Coder-7B-Instruct", "scripted:o3"),
        *("hf:Qwen/Qwen3-Coder-30B-A3B-Instruct", "hf:Qwen/Qwen3-8B-Base", "hf:/home/thinking/models/codellama-7b"),
        *("api:mistral-large", "hf:bigcode/starcoder2-3b", "hf:./r1/tiny"),
        *("api:grok-4-fast-non-reasoning", "api:deepseek-v3.1", "api:moonshotai/kimi-k2"),
    ],
)
def test_every_other_model_keeps_the_usual_limit(spec: str):
    assert parse_config({"model": spec, "task": "humaneval"}, "x").max_tokens == 512

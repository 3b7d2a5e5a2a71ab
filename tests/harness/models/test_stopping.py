import pytest

from harness.models.hf.stopping import StopRule, closes_fence
from tasks.prompt import Message, Prompt


@pytest.mark.parametrize(
    ("text", "is_closed"),
    [
        ("```python\nx = 1\n```", True),
        ("Sure:\n\n```Python\nx = 1\n```\nThis", True),
        ("```\nx = 1\n```", True),
        ("```python title=a.py\nx = 1\n```", True),
        ("```python\nx = 1\n", False),
        ("```python\ns = '''a ``` b'''\n", False),
        ("```python", False),
        ("```bash\npip install x\n```\n", False),
        ("```bash\npip install x\n```\n```python\nx = 1\n", False),
        ("```bash\npip install x\n```\n```python\nx = 1\n```", True),
        ("no code at all", False),
    ],
)
def test_a_fence_of_the_language_closes(text: str, is_closed: bool):
    assert closes_fence(text, "python") == is_closed


def test_a_fence_may_be_opened_by_the_prefill():
    rule = StopRule(Prompt(messages=(Message("user", "x"),), prefill="```python\n", fence_language="python"))
    assert not rule.ends("x = 1\n")
    assert rule.ends("x = 1\n```")


def test_without_a_fence_language_fences_pass_and_stop_strings_end():
    rule = StopRule(Prompt(text="x", stop=("\ndef", "")))
    assert not rule.ends("```python\nx\n```\n")
    assert rule.ends("    return 1\n\ndef g():")
    assert not rule.may_end("anything else")

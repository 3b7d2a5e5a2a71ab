"""Raw code that a tiny model can learn by heart, problems about it in HumanEval's format, and an ablation over it."""

import json
from pathlib import Path

_FUNCTIONS = (
    ("double_value", "value", "Return twice the value.", "value * 2", (("4", "8"), ("0", "0"))),
    ("last_item", "items", "Return the last item of the list.", "items[-1]", (("[1, 2]", "2"),)),
    ("first_item", "items", "Return the first item of the list.", "items[0]", (("[7, 2]", "7"),)),
    ("is_even", "number", "Tell whether the number is even.", "number % 2 == 0", (("4", "True"), ("3", "False"))),
    ("is_odd", "number", "Tell whether the number is odd.", "number % 2 == 1", (("4", "False"), ("3", "True"))),
    ("negate", "number", "Return the number with its sign turned.", "-number", (("4", "-4"),)),
    ("square", "number", "Return the number times itself.", "number * number", (("4", "16"),)),
    ("cube", "number", "Return the third power of the number.", "number * number * number", (("3", "27"),)),
    ("reverse_text", "text", "Return the text read backwards.", "text[::-1]", (("'abc'", "'cba'"),)),
    ("count_items", "items", "Return how many items the list has.", "len(items)", (("[1, 2]", "2"),)),
    ("sum_items", "items", "Return the sum of all items in the list.", "sum(items)", (("[1, 2]", "3"),)),
    ("largest_item", "items", "Return the largest item of the list.", "max(items)", (("[1, 2]", "2"),)),
)

_DATAGEN = """
name = "small"
seed = 7
[[sources]]
name = "small"
path = "raw"
[rules]
min_characters = 20
[embed]
encoder = "hashed"
[leakage]
benchmarks = []
checks = []
remove = []
"""

ABLATION = """
name = "small"
datagen = "datagen.toml"
reference = "all"
bases = ["scratch"]
at_once = 1
[scratch]
hidden = 96
layers = 3
heads = 4
vocabulary = 600
[[variants]]
name = "all"
[[variants]]
name = "no-generation"
without = ["generation"]
[[variants]]
name = "only-generation"
without = ["repair", "summarization"]
[recipes.tiny]
preset = "tiny"
batch_rows = 6
epochs = 24
held_out = 0.1
save_steps = 20
evaluate_steps = 200
[[evaluations]]
task = "humaneval"
style = "alpaca"
data = "problems.jsonl"
max_tokens = 60
workers = 2
"""


def write_library(folder: Path) -> Path:
    """Raw code, problems and the configurations; returns that of the ablation."""
    (folder / "raw").mkdir(parents=True)
    code, problems = ['"""A small library."""\n'], list[str]()
    for number, (name, argument, about, value, cases) in enumerate(_FUNCTIONS):
        examples = "".join(f"\n    >>> {name}({given})\n    {wanted}" for given, wanted in cases)
        code.append(f'\n\ndef {name}({argument}):\n    """{about}\n{examples}\n    """\n    return {value}\n')
        asserts = "".join(f"    assert candidate({given}) == {wanted}\n" for given, wanted in cases)
        problem = {
            "task_id": f"own/{number}",
            "prompt": f'def {name}({argument}):\n    """{about}\n    """\n',
            "entry_point": name,
            "canonical_solution": f"    return {value}\n",
            "test": f"def check(candidate):\n{asserts}",
        }
        problems.append(json.dumps(problem) + "\n")
    (folder / "raw" / "small.py").write_text("".join(code))
    (folder / "problems.jsonl").write_text("".join(problems))
    (folder / "datagen.toml").write_text(_DATAGEN)
    (folder / "ablate.toml").write_text(ABLATION)
    return folder / "ablate.toml"

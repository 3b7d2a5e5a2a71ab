"""Reads rows of `datagen from-runs` by the code of LLaMA-Factory and axolotl alone: trainers_read.py LIBRARIES ROWS.

Their packages lie in LIBRARIES without what else they need. What a package's own __init__ imports is not needed to read
rows, so it is not run. Prints what the libraries made of the rows as JSON.
"""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

WORDING = (
    "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def without_init(libraries: Path, *names: str) -> None:
    for name in names:
        module = sys.modules[name] = ModuleType(name)
        module.__path__ = [str(libraries.joinpath(*name.split(".")))]


def by_llama_factory(rows: Path) -> dict[str, Any]:
    """The first row of each data set, in the form that its trainers take, and how many there are."""
    parser: Any = importlib.import_module("llamafactory.data.parser")
    converter: Any = importlib.import_module("llamafactory.data.converter")
    found: dict[str, Any] = {}
    folder = rows / "llamafactory"
    for about in parser.get_dataset_list(["wavebench_sft", "wavebench_dpo", "wavebench_kto"], str(folder)):
        read = json.loads((folder / about.dataset_name).read_text())
        convert = converter.get_dataset_converter(about.formatting, about, SimpleNamespace(media_dir=""))
        made = [convert(row) for row in read]
        found[about.dataset_name] = {"ranking": about.ranking, "prompt": made[0]["_prompt"], "rows": len(made)}
        found[about.dataset_name]["responses"] = [row["_response"] for row in made]
    return found


def by_axolotl(rows: Path, tokenizer: Any) -> dict[str, Any]:
    """The pairs as texts, and what of the first answer is trained on."""
    pairs: Any = importlib.import_module("axolotl.prompt_strategies.dpo.chat_template")
    chats: Any = importlib.import_module("axolotl.prompt_strategies.chat_template")
    settings: Any = importlib.import_module("axolotl.utils.dict").DictDefault
    config = settings({"datasets": [{"type": "chat_template.default"}], "sequence_len": 4096})
    transform, _ = pairs.default(config)
    lines = (rows / "axolotl" / "dpo.jsonl").read_text().splitlines()
    strategy = chats.load(tokenizer, config, {"field_messages": "messages"})
    first = json.loads((rows / "axolotl" / "sft.jsonl").read_text().splitlines()[0])
    tokens = strategy.tokenize_prompt(first)
    trained = [token for token, label in zip(tokens["input_ids"], tokens["labels"], strict=True) if label != -100]
    return {
        "pairs": [transform(json.loads(line), tokenizer=tokenizer) for line in lines],
        "answer": first["messages"][-1]["content"],
        "trained on": tokenizer.decode(trained),
    }


def byte_tokenizer() -> Any:
    """One token for each byte: no model has to be at hand."""
    tokenizers: Any = importlib.import_module("tokenizers")
    transformers: Any = importlib.import_module("transformers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    model = tokenizers.models.BPE(vocab={sign: number for number, sign in enumerate(["</s>", *alphabet])}, merges=[])
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="</s>")
    fast.chat_template = WORDING
    return fast


if __name__ == "__main__":
    place, made = Path(sys.argv[1]), Path(sys.argv[2])
    sys.path.append(str(place))
    without_init(place, "llamafactory", "llamafactory.data", "axolotl.prompt_strategies")
    print(json.dumps({"LLaMA-Factory": by_llama_factory(made), "axolotl": by_axolotl(made, byte_tokenizer())}))

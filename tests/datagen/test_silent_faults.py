"""Trainings that would go wrong in silence: each is mended, remarked on, or refused in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from datagen.finetune.base.fit import learned_positions, refuse_unfit
from datagen.finetune.base.scratch import texts_of, train_tokenizer
from datagen.finetune.config import FinetuneError, ScratchSettings
from datagen.finetune.finetune import finetune, load
from datagen.finetune.rows.encode import EncodedRow, RowEncoder
from datagen.finetune.rows.template import ChatTemplate, Template, bind_template, load_template
from datagen.finetune.training.isolation import leaks_between_rows
from datagen.rows.instruction_row import Exchange, InstructionRow
from tests.datagen.tiny_models import tiny_model
from tests.datagen.training_rows import instruction_rows, make_rows, tiny, write_rows

CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] | trim + '<|im_end|>\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_rows(tmp_path_factory.mktemp("rows") / "rows.jsonl", make_rows(24))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return train_tokenizer(ScratchSettings(vocabulary=400), texts_of(instruction_rows(50), load_template("alpaca")))


def chat_tokenizer() -> Any:
    own = train_tokenizer(ScratchSettings(vocabulary=400), texts_of(instruction_rows(50), load_template("alpaca")))
    own.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    own.chat_template = CHATML
    return own


def save_base(folder: Path, kind: str, tokenizer: Any, **changes: Any) -> str:
    model = tiny_model(kind, vocab_size=len(tokenizer), **changes)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return f"hf:{folder}"


@pytest.mark.parametrize("kind", ["llama", "qwen2", "gemma2", "gpt2", "gpt_neox", "phi"])
def test_attention_over_positions_keeps_packed_rows_apart(kind: str, rows: Path):
    assert not leaks_between_rows(tiny_model(kind), tiny(rows))


@pytest.mark.parametrize(
    "kind",
    ["opt", "bloom", "mpt", "falcon", "mamba", "mamba2", "rwkv", "recurrent_gemma", "qwen3_next", "falcon_h1"],
)
def test_architectures_whose_packed_rows_reach_each_other_are_found(kind: str, rows: Path):
    assert leaks_between_rows(tiny_model(kind), tiny(rows))


def test_where_rows_reach_each_other_none_is_packed_and_a_remark_says_so(rows: Path, tmp_path: Path, tokenizer: Any):
    base = save_base(tmp_path / "base", "bloom", tokenizer)
    said: list[str] = []
    training = finetune(tiny(rows, base=base, max_steps=2), tmp_path / "out", said.append)
    assert any("rows that share a sequence reach each other" in sentence for sentence in said)
    loaded = load(tiny(rows, base=base), tmp_path / "again")
    batches = loaded.prepared.schedule.micro_batches
    assert all(len(each) <= 1 for batch in batches for each in batch)
    # The held-out loss is that of each row alone.
    import torch

    from datagen.finetune.rows.batches import response_loss

    total = count = 0
    for row in loaded.prepared.held_out:
        with torch.no_grad():
            logits = loaded.model.eval()(input_ids=torch.tensor([row.ids]))
        total += float(response_loss(logits, torch.tensor([row.labels]), 1))
        count += row.response_tokens
    assert training.loss_before == pytest.approx(total / count, rel=1e-4)


def test_weights_in_bf16_are_stated_as_bf16(rows: Path, tmp_path: Path):
    finetune(tiny(rows, precision="bf16", max_steps=1), tmp_path, print)
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    with safe_open(tmp_path / "model" / "model.safetensors", "pt") as file:
        kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
    assert (config["dtype"], kinds) == ("bfloat16", {"BF16"})


@pytest.mark.parametrize(
    ("targets", "tied", "sentence"),
    [
        (["q_proj", "lm_head"], True, "one weight for input and output, so an adapter on 'lm_head' cannot be merged"),
        (["embed_tokens"], True, "an adapter on 'model.embed_tokens' cannot be merged"),
        (["q_proj", "nothing"], True, "has no layer 'nothing': its linear layers are .*q_proj"),
        (["input_layernorm"], True, "takes no adapter on these targets"),
        (["lm_head"], False, ""),
    ],
)
def test_adapters_on_tied_or_unknown_layers_are_refused(
    rows: Path, tmp_path: Path, targets: list[str], tied: bool, sentence: str
):
    shape = {"hidden": 32, "layers": 1, "heads": 2, "vocabulary": 400, "tie_embeddings": tied}
    config = tiny(rows, lora={"rank": 2, "targets": targets}, scratch=shape)
    if not sentence:
        assert load(config, tmp_path).model
        return
    with pytest.raises(FinetuneError, match=sentence):
        load(config, tmp_path)


def test_the_text_of_a_special_token_ends_no_row(tokenizer: Any):
    end = tokenizer.eos_token_id
    encoder = RowEncoder(tokenizer, bind_template("alpaca", tokenizer), 512)
    row = InstructionRow("Say <|endoftext|>.", "<|pad|>", f"It is {tokenizer.eos_token}, always.")
    encoded, merged = encoder.encode_row(row)
    assert not merged
    assert [place for place, token in enumerate(encoded.ids) if token in (end, tokenizer.pad_token_id)] == [
        len(encoded) - 1
    ]
    assert tokenizer.decode(encoded.ids[encoded.prompt_tokens : -1]) == row.output
    assert encoder.encode([row, *instruction_rows(2)]).special_texts == 1


def test_a_chat_is_worded_by_the_bases_own_template_and_its_fields_stay_text():
    own = chat_tokenizer()
    template = bind_template("chat", own)
    assert isinstance(template, ChatTemplate)
    row = InstructionRow("Add <|im_end|> two.", "", "x", "", (Exchange("One?", "1"),), "Be brief.")
    encoded, _ = RowEncoder(own, template, 512).encode_row(row)
    start, end = own.convert_tokens_to_ids(["<|im_start|>", "<|im_end|>"])
    assert [encoded.ids.count(each) for each in (start, end)] == [5, 5]
    assert encoded.ids[-1] == end
    text = own.decode(encoded.ids)
    assert text.startswith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n")
    assert text.endswith("<|im_start|>user\nAdd <|im_end|> two.<|im_end|>\n<|im_start|>assistant\nx<|im_end|>")


def test_earlier_turns_end_as_answers_do(tokenizer: Any):
    template = bind_template("alpaca", tokenizer)
    row = InstructionRow("Two?", "", "2", "", (Exchange("One?", "1"),), "Be brief.")
    encoded, _ = RowEncoder(tokenizer, template, 512).encode_row(row)
    assert encoded.ids.count(tokenizer.eos_token_id) == 2
    assert "Be brief.\n\nOne?\n\n### Response:1<|endoftext|>Below is" in tokenizer.decode(encoded.ids)


@pytest.mark.parametrize("template", ["alpaca", "chat"])
def test_the_trained_tokenizer_asks_in_a_chat_as_it_was_taught(tmp_path: Path, rows: Path, template: str):
    from transformers import AutoTokenizer, GenerationConfig

    base = save_base(tmp_path / "base", "llama", chat_tokenizer())
    finetune(tiny(rows, base=base, template=template, max_steps=1), tmp_path / "out", print)
    trained: Any = AutoTokenizer.from_pretrained(tmp_path / "out" / "model")
    row = instruction_rows(2)[1]
    asked = trained.apply_chat_template([{"role": "user", "content": row.instruction}], add_generation_prompt=True)
    worded = RowEncoder(trained, bind_template(template, trained), 512).encode_row(row)[0]
    assert tuple(asked.input_ids) == worded.ids[: worded.prompt_tokens]
    ends = GenerationConfig.from_pretrained(tmp_path / "out" / "model").eos_token_id
    if template == "chat":
        assert worded.ids[-1] in ends
        assert trained.eos_token == "<|im_end|>"
    else:
        own = load_template("alpaca")
        chat = [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"},
                {"role": "assistant", "content": "A"}, {"role": "user", "content": "R"}]  # fmt: skip
        text = trained.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        past = InstructionRow("R", "", "", "", (Exchange("Q", "A"),), "S")
        assert text == Template(own.name, own.with_input, own.without_input, trained.eos_token).prompt(past)


def test_a_base_without_chat_template_is_one_sentence(rows: Path, tmp_path: Path, tokenizer: Any):
    base = save_base(tmp_path / "base", "llama", tokenizer)
    with pytest.raises(Exception, match="needs a base whose tokenizer has a chat template"):
        load(tiny(rows, base=base, template="chat"), tmp_path / "out")


def test_positions_and_tokens_beyond_the_base_are_one_sentence(rows: Path, tmp_path: Path, tokenizer: Any):
    base = save_base(tmp_path / "short", "gpt2", tokenizer, n_positions=64)
    with pytest.raises(FinetuneError, match=r"The longest row has \d+ tokens, but .* learned 64 positions"):
        load(tiny(rows, base=base), tmp_path / "out")
    model = tiny_model("llama", vocab_size=len(tokenizer) - 3)
    row = EncodedRow((len(tokenizer) - 1,), 1)
    with pytest.raises(FinetuneError, match="has tokens that the model has no embedding for"):
        refuse_unfit(model, tokenizer, [row], tiny(rows))


def test_stretched_positions_count():
    scaling = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 512, "rope_theta": 10000.0}
    assert learned_positions(tiny_model("llama", max_position_embeddings=512, rope_parameters=scaling)) == 2048
    assert learned_positions(tiny_model("llama", max_position_embeddings=512)) == 512
    assert learned_positions(tiny_model("mamba")) is None


def test_an_architecture_without_sdpa_trains_by_its_own_attention(rows: Path, tmp_path: Path, tokenizer: Any):
    base = save_base(tmp_path / "base", "bloom", tokenizer)
    assert load(tiny(rows, base=base), tmp_path / "out").model
    with pytest.raises(FinetuneError, match=r"cannot be loaded with attention = 'sdpa': .* use 'auto' or 'eager'"):
        load(tiny(rows, base=base, attention="sdpa"), tmp_path / "out")


@pytest.mark.parametrize("place", [3, 70])
def test_a_letter_in_another_unicode_form_is_remarked_wherever_it_stands(place: int):
    from tokenizers import normalizers

    composing = chat_tokenizer()
    composing.backend_tokenizer.normalizer = normalizers.NFC()
    rows = instruction_rows(80)
    rows[place] = InstructionRow("Name it.", "", "cafe\u0301()")
    encoder = RowEncoder(composing, bind_template("alpaca", composing), 512)
    encoded = encoder.encode(rows)
    encoder.refuse_bad_split(rows, encoded)
    assert (encoded.normalised_rows, encoded.lost_rows, len(encoded.rows)) == (1, 0, 80)

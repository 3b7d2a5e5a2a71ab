import hashlib
import random

import pytest

from datagen.finetune.base.scratch import texts_of, train_tokenizer
from datagen.finetune.config import FinetuneError, LongRows, ScratchSettings
from datagen.finetune.rows.encode import IGNORED, EncodedRow, RowEncoder
from datagen.finetune.rows.schedule import lay_out, pack
from datagen.finetune.rows.template import Template, load_template
from datagen.rows.instruction_rows import InstructionRow
from tests.datagen.training_rows import instruction_rows

ALPACA = load_template("alpaca")


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(ScratchSettings(vocabulary=400), texts_of(instruction_rows(50), ALPACA))


def encoder(tokenizer: object, sequence: int = 512, **changes: object) -> RowEncoder:
    return RowEncoder(tokenizer, ALPACA, sequence, **changes)  # pyright: ignore[reportArgumentType]


def refuse(encoder: RowEncoder, rows: list[InstructionRow]) -> None:
    encoder.refuse_bad_split(rows, encoder.encode(rows))


def test_the_templates_are_wavecoders_to_the_byte():
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in (ALPACA.with_input, ALPACA.without_input)]
    assert hashes == [
        "28811e9850d9511bab334d167a03a8a37614535fdb28d645492efac8e9951c0f",
        "35101bc36d10997c7d926d8f21f7d173aec6523f3a57d78821b944a89925cdca",
    ]


def test_braces_in_a_row_are_text():
    row = InstructionRow("Print {input} and {instruction}.", "{'a': {instruction}}", "x")
    prompt = ALPACA.prompt(row)
    assert "### Instruction:\nPrint {input} and {instruction}.\n" in prompt
    assert prompt.endswith("### Input:\n{'a': {instruction}}\n\n### Response:")


@pytest.mark.parametrize("row", instruction_rows(12))
def test_the_loss_is_on_the_response_and_its_end_token_by_token(tokenizer, row: InstructionRow):
    encoded, merged = encoder(tokenizer).encode_row(row)
    prompt, text = ALPACA.prompt(row), ALPACA.prompt(row) + row.output
    offsets = tokenizer(text, return_offsets_mapping=True).offset_mapping
    assert not merged
    assert len(offsets) == len(encoded) - 1
    for (begin, _), token, label in zip(offsets, encoded.ids, encoded.labels, strict=False):
        assert label == (token if begin >= len(prompt) else IGNORED), text[begin:]
    assert encoded.ids[-1] == encoded.labels[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(encoded.ids[encoded.prompt_tokens : -1]) == row.output


def test_a_pad_token_that_is_the_end_token_leaves_the_true_end_its_label(tokenizer):
    from datagen.finetune.rows.batches import to_batch

    rows = [encoder(tokenizer).encode_row(row)[0] for row in instruction_rows(4)]
    batch = to_batch([[row] for row in rows], tokenizer.eos_token_id)
    for line, row in enumerate(rows):
        assert batch["labels"][line, len(row) - 1] == tokenizer.eos_token_id
        assert (batch["labels"][line, len(row) :] == IGNORED).all()


def test_a_response_that_melts_into_the_prompt_is_read_apart():
    rows = [InstructionRow(f"Say {i}.", "", "::: yes") for i in range(30)]
    tokenizer = train_tokenizer(ScratchSettings(vocabulary=600), texts_of(rows, ALPACA))
    encoded, merged = encoder(tokenizer).encode_row(rows[0])
    assert merged
    assert list(encoded.ids[: encoded.prompt_tokens]) == tokenizer(ALPACA.prompt(rows[0])).input_ids
    assert tokenizer.decode(encoded.ids[encoded.prompt_tokens : -1]) == "::: yes"


def test_too_long_rows_are_cut_or_left_out_and_counted(tokenizer):
    rows = instruction_rows(30)
    whole = [encoder(tokenizer).encode_row(row)[0] for row in rows]
    limit = sorted(map(len, whole))[15]
    cut = encoder(tokenizer, limit).encode(rows)
    excess = [len(row) - limit for row in whole if len(row) > limit and row.prompt_tokens < limit]
    assert (cut.truncated_rows, cut.truncated_tokens) == (len(excess), sum(excess))
    assert cut.without_label == sum(row.prompt_tokens >= limit for row in whole)
    assert max(map(len, cut.rows)) == limit
    dropped = encoder(tokenizer, limit, long_rows=LongRows.DROP).encode(rows)
    assert (dropped.truncated_rows, dropped.dropped_rows) == (0, len(excess))
    assert len(dropped.rows) + dropped.dropped_rows + dropped.without_label == 30


def test_a_tokenizer_that_loses_text_is_one_sentence():
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = {word: i for i, word in enumerate(["<e>", "<u>", "def", "return"])}
    own = Tokenizer(models.WordLevel(words, unk_token="<u>"))
    own.pre_tokenizer = pre_tokenizers.Whitespace()  # pyright: ignore[reportAttributeAccessIssue]
    lossy = PreTrainedTokenizerFast(tokenizer_object=own, eos_token="<e>", unk_token="<u>")
    with pytest.raises(
        FinetuneError, match=r"does not give the response back behind template 'alpaca' in 3 of 3 rows: .*choose a tok"
    ):
        refuse(encoder(lossy), instruction_rows(3))


def test_a_template_that_ends_in_a_space_is_one_sentence():
    rows = [InstructionRow(f"Say {i}", "", f"{word} and a Zebra") for i, word in enumerate(["a", "Z"] * 20)]
    spaced = Template("spaced", "{instruction} {input} Answer: ", "{instruction} Answer: ")
    own = train_tokenizer(ScratchSettings(vocabulary=600), texts_of(rows, spaced))
    with pytest.raises(FinetuneError, match="ends in 'y 0 Answer: ', which this tokenizer joins"):
        refuse(RowEncoder(own, spaced, 512), rows)
    refuse(encoder(own), rows)


def test_the_paper_takes_117_steps():
    draw = random.Random(1)
    lengths = [draw.randrange(50, 1500) for _ in range(19_915)]
    shared = {"epochs": 3, "sequence": 2048, "seed": 42}
    for packing in (True, False):
        schedule = lay_out(lengths, batch_rows=512, micro_batch=4, processes=8, packing=packing, **shared)
        assert schedule.steps == 117
        assert len(schedule.micro_batches) == 117 * schedule.accumulation * 8
    assert schedule.accumulation == 16
    assert lay_out(lengths, batch_rows=256, micro_batch=4, processes=8, packing=False, **shared).steps == 234


def test_every_epoch_meets_every_row_once_and_packing_moves_none_to_another_step():
    draw = random.Random(2)
    lengths = [draw.randrange(5, 100) for _ in range(101)]
    shared = {"batch_rows": 10, "epochs": 3, "sequence": 128, "micro_batch": 2, "seed": 7}

    def by_step(packing: bool, processes: int) -> list[list[int]]:
        schedule = lay_out(lengths, packing=packing, processes=processes, **shared)
        size = schedule.per_step
        steps = [schedule.micro_batches[i : i + size] for i in range(0, len(schedule.micro_batches), size)]
        for step in steps:
            assert all(len(batch) <= 2 for batch in step)
            assert all(sum(lengths[row] for row in each) <= 128 for batch in step for each in batch)
        return [sorted(row for batch in step for each in batch for row in each) for step in steps]

    steps = by_step(packing=True, processes=1)
    assert steps == by_step(packing=False, processes=1) == by_step(packing=True, processes=3)
    for epoch in range(3):
        assert sorted(row for step in steps[11 * epoch : 11 * epoch + 11] for row in step) == list(range(101))
    assert steps[0] != steps[11]


def test_packing_wastes_little():
    draw = random.Random(3)
    lengths = [min(2048, int(draw.lognormvariate(5, 0.7))) for _ in range(512)]
    bins = pack(range(512), lengths, 2048)
    assert sorted(row for each in bins for row in each) == list(range(512))
    assert sum(lengths) / (2048 * len(bins)) > 0.95


def test_an_empty_micro_batch_has_no_label():
    from datagen.finetune.rows.batches import to_batch

    batch = to_batch([], 3)
    assert batch["input_ids"].tolist() == [[3]]
    assert batch["labels"].tolist() == [[IGNORED]]
    assert EncodedRow((3,), 1).response_tokens == 0

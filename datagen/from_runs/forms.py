"""The rows in the forms of TRL, LLaMA-Factory, axolotl and verl."""

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from datagen.from_runs.samples import JudgedSample
from datagen.from_runs.select import SampleSelection
from harness.files.atomic_write import write_whole

Row = dict[str, Any]
_SHAREGPT_ROLES = {"user": "human", "assistant": "gpt", "system": "system"}
_SHAREGPT_TAGS = {
    "role_tag": "from",
    "content_tag": "value",
    "user_tag": "human",
    "assistant_tag": "gpt",
    "system_tag": "system",
}


def write_forms(selection: SampleSelection, folder: Path) -> None:
    """Writes trl/, llamafactory/, axolotl/ and verl/ below `folder`. verl's file needs pyarrow."""
    _write_trl(selection, folder / "trl")
    _write_llama_factory(selection, folder / "llamafactory")
    _write_axolotl(selection, folder / "axolotl")
    _write_verl(selection, folder / "verl")


def provenance(sample: JudgedSample, selection: SampleSelection) -> Row:
    """Where a row comes from: run, sample, verdict, and how often its problem was solved."""
    return {
        "run": sample.run.name,
        "run_sha256": sample.run.sha256,
        "model": sample.run.model,
        "task": sample.run.task,
        "task_id": sample.task_id,
        "sample": sample.number,
        "verdict": str(sample.verdict),
        "pass_rate": round(selection.rates[sample.problem].rate, 6),
    }


def _said(text: str) -> list[Row]:
    return [{"role": "assistant", "content": text}]


def _asked(sample: JudgedSample) -> list[Row]:
    return [dict(message) for message in sample.prompt]


def _write_trl(selection: SampleSelection, folder: Path) -> None:
    """SFT: messages; DPO: prompt, chosen, rejected; KTO: prompt, completion, label."""
    _lines(
        folder / "sft.jsonl",
        (
            {"messages": [*_asked(each), *_said(each.response)], **provenance(each, selection)}
            for each in selection.answers
        ),
    )
    _lines(
        folder / "dpo.jsonl",
        (
            {
                "prompt": _asked(pair.chosen),
                "chosen": _said(pair.chosen.response),
                "rejected": _said(pair.rejected.response),
                **provenance(pair.chosen, selection),
                "rejection": str(pair.rejected.verdict),
                "rejected_run": pair.rejected.run.name,
                "rejected_run_sha256": pair.rejected.run.sha256,
                "rejected_sample": pair.rejected.number,
            }
            for pair in selection.pairs
        ),
    )
    _lines(
        folder / "kto.jsonl",
        (
            {"prompt": _asked(each), "completion": _said(each.response), "label": label, **provenance(each, selection)}
            for each, label in selection.labelled
        ),
    )
    _lines(folder / "grpo.jsonl", _problems(selection))


def _problems(selection: SampleSelection) -> Iterable[Row]:
    """One row for each problem: what the reward needs to find it again, the hardest first."""
    seen: set[tuple[str, str, str]] = set()
    for sample, _ in selection.labelled:
        if sample.problem not in seen:
            seen.add(sample.problem)
            rate = selection.rates[sample.problem].rate
            named = {"task": sample.run.task, "data": sample.run.data, "task_id": sample.task_id}
            yield {"prompt": _asked(sample), **named, "pass_rate": rate}


def _write_llama_factory(selection: SampleSelection, folder: Path) -> None:
    """Sharegpt files and the dataset_info.json that describes them."""
    columns = {"messages": "conversations"}
    entries: dict[str, tuple[list[Row], Row]] = {
        "wavebench_sft": (
            [{"conversations": _sharegpt([*_asked(each), *_said(each.response)])} for each in selection.answers],
            {"columns": columns},
        ),
        "wavebench_dpo": (
            [
                {
                    "conversations": _sharegpt(_asked(pair.chosen)),
                    "chosen": _sharegpt(_said(pair.chosen.response))[0],
                    "rejected": _sharegpt(_said(pair.rejected.response))[0],
                }
                for pair in selection.pairs
            ],
            {"ranking": True, "columns": {**columns, "chosen": "chosen", "rejected": "rejected"}},
        ),
        "wavebench_kto": (
            [
                {"conversations": _sharegpt([*_asked(each), *_said(each.response)]), "kto_tag": label}
                for each, label in selection.labelled
            ],
            {"columns": {**columns, "kto_tag": "kto_tag"}},
        ),
    }
    info: Row = {}
    for name, (rows, entry) in entries.items():
        _json(folder / f"{name}.json", rows)
        info[name] = {"file_name": f"{name}.json", "formatting": "sharegpt", **entry, "tags": _SHAREGPT_TAGS}
    _json(folder / "dataset_info.json", info)


def _sharegpt(messages: Sequence[Mapping[str, Any]]) -> list[Row]:
    return [{"from": _SHAREGPT_ROLES[each["role"]], "value": each["content"]} for each in messages]


def _write_axolotl(selection: SampleSelection, folder: Path) -> None:
    """Files for `type: chat_template` and, as pairs, `chat_template.default`, with the lines of a config for them."""
    _lines(
        folder / "sft.jsonl",
        ({"messages": [*_asked(each), *_said(each.response)]} for each in selection.answers),
    )
    _lines(
        folder / "dpo.jsonl",
        (
            {
                "messages": _asked(pair.chosen),
                "chosen": _said(pair.chosen.response)[0],
                "rejected": _said(pair.rejected.response)[0],
            }
            for pair in selection.pairs
        ),
    )
    write_whole(
        folder / "datasets.yml",
        "# Supervised fine-tuning\n"
        "datasets:\n  - path: sft.jsonl\n    ds_type: json\n    type: chat_template\n    field_messages: messages\n"
        "# For `rl: dpo`, in place of the above\n"
        "# datasets:\n#   - path: dpo.jsonl\n#     ds_type: json\n#     split: train\n"
        "#     type: chat_template.default\n",
    )


def _write_verl(selection: SampleSelection, folder: Path) -> None:
    """Prompts for verl's reward function: `ground_truth` names the problem."""
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    rows = [
        {
            "data_source": f"wavebench/{problem['task']}",
            "prompt": problem["prompt"],
            "ability": "code",
            "reward_model": {
                "style": "rule",
                "ground_truth": json.dumps({name: problem[name] for name in ("task", "data", "task_id")}),
            },
            "extra_info": {"index": index, "split": "train", "pass_rate": problem["pass_rate"]},
        }
        for index, problem in enumerate(_problems(selection))
    ]
    if rows:
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "train.parquet")


def _lines(file: Path, rows: Iterable[Row]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, (json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _json(file: Path, content: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

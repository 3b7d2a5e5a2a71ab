"""The held-out loss of models on rows of several kinds: what each of an ablation's models makes of every data set.

python tests/performance/held_out_loss.py --models demo hf:FOLDER ... --rows FILE_OR_FOLDER ... [--share 0.03]

Of each file the rows that `wavebench finetune` would hold out at that share: rows of one function are held out in every
data set, so no model of an ablation with the same share has trained on them.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from tabulate import tabulate

from datagen.finetune.base.model import find_base, load_model, load_tokenizer
from datagen.finetune.config import parse_finetune
from datagen.finetune.rows.encode import RowEncoder
from datagen.finetune.rows.template import bind_template
from datagen.finetune.rows.training_rows import load_training_rows
from datagen.finetune.training.held_out import held_out_loss
from harness.files.progress import progress_bar


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--rows", nargs="+", required=True)
    parser.add_argument("--share", type=float, default=0.03)
    parser.add_argument("--most", type=int, default=64, help="Rows of each file.")
    parser.add_argument("--sequence", type=int, default=384)
    asked = parser.parse_args()
    common = {"device": "cpu", "sequence": asked.sequence, "held_out": asked.share, "held_out_rows": asked.most}
    table: list[list[str | float]] = []
    with tempfile.TemporaryDirectory() as work, progress_bar("Losses", len(asked.models) * len(asked.rows)) as advance:
        for spec in asked.models:
            line: list[str | float] = [spec]
            for rows_file in asked.rows:
                config = parse_finetune({**common, "base": spec, "data": rows_file}, "held-out loss")
                rows = load_training_rows(config)
                base = find_base(config, rows.train, Path(work))
                tokenizer = load_tokenizer(base, config)
                template = bind_template(config.template, tokenizer)
                encoded = RowEncoder(tokenizer, template, config.sequence, config.long_rows).encode(rows.held_out)
                model = load_model(base, config).to(torch.device("cpu"))
                line.append(held_out_loss(model, encoded.rows, tokenizer.pad_token_id, config))
                advance()
            table.append(line)
    print(tabulate(table, headers=["model", *asked.rows], floatfmt=".4f"))


if __name__ == "__main__":
    main()

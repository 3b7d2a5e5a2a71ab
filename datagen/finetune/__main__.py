"""`python -m datagen.finetune CONFIG --out DIR`: one of several processes, as torchrun and accelerate start them."""

from datagen.finetune.command import finetune
from datagen.finetune.training.processes import end_with_starter
from harness.cli.errors import stop_on_terminate

if __name__ == "__main__":
    import typer

    end_with_starter()
    stop_on_terminate()
    typer.run(finetune)

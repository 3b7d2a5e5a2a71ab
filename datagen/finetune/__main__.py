"""`python -m datagen.finetune CONFIG --out DIR`: one of several processes, as torchrun and accelerate start them."""

from datagen.finetune.command import finetune
from harness.sentences import stop_on_terminate

if __name__ == "__main__":
    import typer

    stop_on_terminate()
    typer.run(finetune)

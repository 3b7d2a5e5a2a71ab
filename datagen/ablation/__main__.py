"""`python -m datagen.ablation CONFIG --out DIR --step NAME`: one step, as the schedule starts it."""

from datagen.ablation.command import ablate
from harness.cli.errors import stop_on_terminate

if __name__ == "__main__":
    import typer

    stop_on_terminate()
    typer.run(ablate)

"""The `wavebench` command, also as `python -m wavebench`."""

from collections.abc import Sequence

from wavebench.import_path import drop_current_folder


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; `arguments` None takes those of this process."""
    drop_current_folder()
    from harness.cli.main import main as run

    run(arguments)


if __name__ == "__main__":
    main()

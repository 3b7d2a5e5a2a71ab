"""`python -m harness` is the `wavebench` command."""

from harness.cli.main import main

if __name__ == "__main__":
    main()

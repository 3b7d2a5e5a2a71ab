"""One training in several processes: started by torch's own launcher, or found already started by accelerate's."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from datagen.child_environment import child_environment
from datagen.finetune.config import FinetuneConfig, FinetuneError
from harness.runs.settings import to_toml
from sandbox.walls.syscalls import die_with_parent

_WORLD, _RANK = "WORLD_SIZE", "RANK"
_OURS = "WAVEBENCH_LAUNCHED"
"""Set for processes whose folder their starter has locked."""


def rank() -> int:
    """Number of this process among those of the training; 0 alone."""
    return int(os.environ.get(_RANK, "0"))


def is_launched() -> bool:
    """Whether torchrun or accelerate started this process as one of several."""
    return _WORLD in os.environ and _RANK in os.environ


def owns_folder() -> bool:
    """Whether this process is the one to lock the training's folder."""
    return rank() == 0 and _OURS not in os.environ


def end_with_parent() -> None:
    """So that nothing trains on when the command is killed, however it is killed."""
    die_with_parent(signal.SIGKILL)


def end_with_starter() -> None:
    """The same for a process that our launcher started."""
    if _OURS in os.environ:
        end_with_parent()


def as_launched(config: FinetuneConfig) -> FinetuneConfig:
    """The configuration with as many processes as there really are."""
    return replace(config, processes=int(os.environ[_WORLD])) if is_launched() else config


def launch(config: FinetuneConfig, out: Path) -> None:
    """Trains in `config.processes` processes of this machine and waits. Raises FinetuneError if one fails."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / ".launched.toml"
    file.write_text(to_toml(config))
    words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(config.processes)]
    worker = ["-m", "datagen.finetune", str(file), "--out", str(out)]
    done = subprocess.run(
        [sys.executable, *words, *worker],
        env={**child_environment(), _OURS: "1"},
        check=False,
        preexec_fn=end_with_parent,
    )
    if done.returncode:
        raise FinetuneError(
            f"One of the {config.processes} training processes ended with code {done.returncode}; its own error is "
            f"above: fix it and run the same command again to resume from the last checkpoint."
        )

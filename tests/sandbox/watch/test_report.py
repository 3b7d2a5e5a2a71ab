"""What a death means depends on who could have caused it."""

import os
import signal

import pytest

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.watch.report import StageReport, classify
from sandbox.watch.supervisor import Watched
from sandbox.wire.captured_output import CapturedOutput
from sandbox.wire.texts import STARTED

LIMITS = Limits(cpu_seconds=10, memory_mb=100)
KILLED = int(signal.SIGKILL)


def watched(
    status: int, *, cpu_seconds: float = 1.0, limit_hit: Ending | None = None, proof_output: bytes = STARTED
) -> Watched:
    proof = CapturedOutput(4096)
    reader, writer = os.pipe()
    os.write(writer, proof_output)
    os.close(writer)
    proof.drain(reader)
    os.close(reader)
    return Watched(limit_hit, status, cpu_seconds, 1.0, 50.0, CapturedOutput(1), CapturedOutput(1), proof)


def ran(status: int | None) -> StageReport:
    return StageReport(started=True, status=status)


@pytest.mark.parametrize(
    ("seen", "peak_mb", "memory_kills", "stage", "ending"),
    [
        (watched(0), 50, 0, None, Ending.EXITED),
        (watched(0, cpu_seconds=10), 50, 0, None, Ending.CPU_LIMIT),
        (watched(KILLED, cpu_seconds=10), 50, 0, None, Ending.CPU_LIMIT),
        (watched(0, cpu_seconds=10), 50, 0, ran(KILLED), Ending.CPU_LIMIT),
        (watched(0, cpu_seconds=11, limit_hit=Ending.OUTPUT_LIMIT), 50, 0, None, Ending.OUTPUT_LIMIT),
        (watched(KILLED), 95, 1, None, Ending.OUT_OF_MEMORY),
        (watched(KILLED), 50, 1, None, Ending.SANDBOX_FAILED),
        (watched(KILLED), 50, 0, None, Ending.SANDBOX_FAILED),
        (watched(KILLED), 50, 0, ran(None), Ending.SANDBOX_FAILED),
        (watched(0), 50, 0, ran(KILLED), Ending.SIGNALLED),
        (watched(0), 95, 1, ran(KILLED), Ending.OUT_OF_MEMORY),
        (watched(0), 50, 1, ran(KILLED), Ending.SANDBOX_FAILED),
        (watched(0), 50, None, ran(KILLED), Ending.SANDBOX_FAILED),
        (watched(0), 50, None, ran(40), Ending.SIGNALLED),
        (watched(24), 50, 0, None, Ending.SIGNALLED),
        (watched(0), 50, 0, ran(125 << 8), Ending.EXITED),
        (watched(125 << 8, proof_output=b"OSError: no tmpfs"), 50, 0, None, Ending.SANDBOX_FAILED),
        (watched(125 << 8, proof_output=b"MemoryError: "), 50, 0, None, Ending.OUT_OF_MEMORY),
        (watched(KILLED, proof_output=b""), 95, 1, None, Ending.OUT_OF_MEMORY),
        (watched(KILLED, proof_output=b"", limit_hit=Ending.CPU_LIMIT), 50, 0, None, Ending.CPU_LIMIT),
        (watched(KILLED, proof_output=b"", limit_hit=Ending.WALL_LIMIT), 50, 0, None, Ending.SANDBOX_FAILED),
        (watched(KILLED, proof_output=STARTED), 50, 0, StageReport(), Ending.SANDBOX_FAILED),
        (watched(125 << 8), 50, 0, StageReport(started=True, failed="node: not there"), Ending.SANDBOX_FAILED),
        (watched(0), 50, 0, StageReport(started=True, status=125 << 8, refused="no room"), Ending.NOT_COMPILED),
    ],
)
def test_a_death_has_its_cause(
    seen: Watched, peak_mb: float, memory_kills: int | None, stage: StageReport | None, ending: Ending
):
    assert classify(seen, LIMITS, peak_mb, memory_kills, stage)[0] is ending

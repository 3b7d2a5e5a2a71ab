"""What a request may ask for at most."""

from dataclasses import dataclass

from sandbox.program import LEAST_MEMORY_MB, Limits


@dataclass(frozen=True, slots=True)
class ServiceLimits:
    """The server's bounds. A request that asks for more gets these."""

    run_seconds: float = 60.0
    compile_seconds: float = 60.0
    memory_mb: int = 2048
    body_mb: int = 16
    """Size of a request's body; a larger one is refused."""
    threads: int = 64
    """Requests that are worked on at once; the others wait. More of them where there are many workers."""

    def of(self, base: Limits, seconds: float, memory_mb: int) -> Limits:
        """`base` with what a request asks for, as far as the server allows it."""
        return Limits(
            cpu_seconds=min(seconds, self.run_seconds),
            wall_seconds=min(seconds, self.run_seconds),
            memory_mb=max(LEAST_MEMORY_MB, min(memory_mb, self.memory_mb) if memory_mb > 0 else self.memory_mb),
            output_kb=base.output_kb,
            processes=base.processes,
            disk_mb=base.disk_mb,
        )

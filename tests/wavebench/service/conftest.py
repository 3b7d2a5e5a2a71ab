"""A server of our own in a process of its own, on a free port."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[3]
START = "import typer; from wavebench.service.command import serve; typer.run(serve)"


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        return requests.post(self.url + path, json=body, headers=headers, timeout=100)

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)[1]

    @property
    def metrics(self) -> str:
        return requests.get(self.url + "/metrics", timeout=10).text

    @property
    def memory_mb(self) -> float:
        """Resident memory of the server's own process."""
        [line] = [x for x in Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if x.startswith("VmRSS")]
        return int(line.split()[1]) / 1024


StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def start_server() -> Iterator[StartServer]:
    running: list[subprocess.Popen[str]] = []

    def start(*words: object) -> Server:
        port = () if "--port" in words else ("--port", "0")
        command = [sys.executable, "-c", START, *port, "--workers", "2", *map(str, words)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
        running.append(process)
        assert process.stderr
        line = process.stderr.readline()
        found = re.search(r"http://[\d.]+:\d+", line)
        assert found, line + process.stderr.read()
        return Server(found[0], process)

    yield start
    for process in running:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def server(start_server: StartServer) -> Server:
    return start_server("--task", "humaneval", "--data", ROOT / "tests" / "data" / "problems.jsonl")

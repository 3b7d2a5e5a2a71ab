"""The plain way to run a program: its language's usual commands, in a folder of the worker's own, without any wall."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from humanevalpack_parts.assemble import Reference

from sandbox.languages import SOURCES, language

LIMIT_SECONDS = 120
CARGO = """\
[package]
name = "program"
version = "0.1.0"
edition = "2021"
[dependencies]
md5 = "0.7"
rand = {{ package = "rand_04", path = "{sources}/rust/rand_04" }}
regex = "1"
"""
CARGO_SOURCE = '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "/usr/share/cargo/registry"\n'
GO = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode"}

COMMANDS: dict[str, list[list[str]]] = {
    "python": [[sys.executable, "main.py"]],
    "javascript": [["node", "main.js"]],
    "java": [["javac", "Main.java"], ["java", "Main"]],
    "go": [["go", "test"]],
    "cpp": [["g++", "-std=c++17", "-O0", "-w", "main.cpp", "-o", "program", "-lcrypto", "-lssl"], ["./program"]],
    "rust": [["cargo", "test", "--offline", "--quiet"]],
}
MAIN_FILES = {"rust": "src/main.rs"}
"""Where a program's file lies when that is not its own name."""


@dataclass(frozen=True)
class PlainWay:
    """One language's folders, one per worker, warmed up by a first program."""

    name: str
    folders: tuple[Path, ...]
    environment: dict[str, str]

    @classmethod
    def prepare(cls, name: str, folder: Path, workers: int) -> "PlainWay":
        folders = tuple(folder / f"{name}-{n}" for n in range(workers))
        environment = {**os.environ, **GO, "NODE_PATH": str(SOURCES / "javascript")}
        way = cls(name, folders, environment)
        row = language(name)
        for each in folders:
            (each / "src").mkdir(parents=True)
            (each / ".cargo").mkdir()
            (each / "Cargo.toml").write_text(CARGO.format(sources=SOURCES))
            (each / ".cargo" / "config.toml").write_text(CARGO_SOURCE)
            way.run_text(row.right, each)
        return way

    def run_text(self, text: str, folder: Path) -> bool:
        """Whether a program's commands all ended with code 0."""
        (folder / MAIN_FILES.get(self.name, language(self.name).main_file)).write_text(text)
        for words in COMMANDS[self.name]:
            try:
                ran = subprocess.run(
                    words, cwd=folder, env=self.environment, capture_output=True, timeout=LIMIT_SECONDS, check=False
                )
            except subprocess.TimeoutExpired:
                return False
            if ran.returncode or (self.name == "javascript" and ran.stdout + ran.stderr):
                return False
        return True

    def run(self, references: list[Reference]) -> tuple[float, list[bool]]:
        """Wall seconds for all of them, as many at once as there are folders, and which passed."""
        free: SimpleQueue[Path] = SimpleQueue()
        for folder in self.folders:
            free.put(folder)

        def run_one(reference: Reference) -> bool:
            folder = free.get()
            try:
                return self.run_text(next(iter(reference.program.files.values())), folder)
            finally:
                free.put(folder)

        begin = time.perf_counter()
        with ThreadPoolExecutor(len(self.folders)) as threads:
            passed = list(threads.map(run_one, references))
        return time.perf_counter() - begin, passed

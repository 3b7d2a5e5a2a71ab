"""The documentation is true where a program can tell: its links, anchors, files and commands exist."""

import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(
    r"\b((?:sandbox|tasks|harness|datagen|leaderboards|wavebench|tests|scripts|docs|examples)/[\w./-]+\.\w+)"
)
FOLDER = re.compile(r"`((?:sandbox|tasks|harness|datagen|leaderboards|wavebench|tests|docs)/[\w/]*)`")
PLACEHOLDER = re.compile(r"/[A-Z]+/")
COMMAND = re.compile(r"\bwavebench ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")
CALL = re.compile(r"\bwavebench ([^\n`]+)")
OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]+")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", page.read_text())


def code(page: Path) -> list[str]:
    """Fenced blocks, indented lines, and what stands between backticks."""
    text = page.read_text()
    blocks = [block[0] for block in FENCE.finditer(text)]
    return [*blocks, *re.findall(r"`([^`\n]+)`", text), *re.findall(r"^ {4,}.*$", text, re.MULTILINE)]


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        words = re.sub(r"[`*_]|\]\([^)]*\)|\[", "", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")
        copies = sum(each == anchor or each.startswith(f"{anchor}-") for each in found)
        found.add(f"{anchor}-{copies}" if anchor in found else anchor)
    return found


def broken(page: Path, target: str) -> bool:
    file, _, anchor = target.partition("#")
    goal = (page.parent / file).resolve() if file else page
    return not goal.exists() or bool(anchor and goal.suffix == ".md" and anchor not in anchors(goal))


@cache
def help_of(*words: str) -> str:
    """What a command says of itself, its table reduced to words."""
    command = [sys.executable, "-m", "harness", *words, "--help"]
    wide = {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=wide, timeout=120, check=False)
    return done.stdout if done.returncode == 0 else ""


@cache
def subcommands(*words: str) -> frozenset[str]:
    """The commands below a command, by its own help."""
    _, _, listed = help_of(*words).partition("Commands")
    return frozenset(re.findall(r"^\W*([a-z][a-z-]*) ", listed, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path):
    targets = [each for each in LINK.findall(prose(page)) if not re.match(r"[a-z]+:", each)]
    assert [target for target in targets if broken(page, target)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path):
    named = {*PATH.findall(page.read_text()), *FOLDER.findall(page.read_text())}
    absent = {path for path in named if not (ROOT / path).exists()}
    assert sorted(path for path in absent if not PLACEHOLDER.search(path)) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_that_is_named_exists(page: Path):
    unknown: set[str] = set()
    for first, second in COMMAND.findall("\n".join(code(page))):
        below = subcommands(first) if first in subcommands() else frozenset[str]()
        if first not in subcommands() or (below and second and second not in below):
            unknown.add(f"wavebench {first} {second}".strip())
    assert unknown == set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_option_that_is_named_exists(page: Path):
    unknown: set[str] = set()
    for call in CALL.findall("\n".join(code(page)).replace("\\\n", " ")):
        first, second, *_ = [*call.split("#")[0].split(), "", ""]
        words = (first, second) if second in subcommands(first) else (first,)
        if first in subcommands():
            said = help_of(*words)
            unknown |= {f"{' '.join(words)} {option}" for option in OPTION.findall(call) if option not in said}
    assert unknown == set()


def test_every_page_is_in_the_index():
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md", "glossary.md"}
    assert sorted(name for name in pages if f"({name})" not in index) == []


def test_pictures_are_small():
    images = [file for name in ("images", "pictures") for file in (ROOT / "docs" / name).iterdir()]
    heavy = [file.name for file in images if file.stat().st_size > 150_000]
    assert heavy == []


def test_the_citation_names_this_version():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert (citation["cff-version"], citation["type"], citation["version"]) == ("1.2.0", "software", version)
    assert citation["message"]
    assert citation["title"] == "wavebench"
    assert citation["authors"]
    assert f"\n## {version} " in (ROOT / "CHANGELOG.md").read_text()

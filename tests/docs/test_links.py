"""Every relative link of every page leads to a file, and to a heading where it names one."""

import re
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.docs.fences import ROOT

PAGES: Final = sorted(
    path
    for part in ("*.md", "docs/**/*.md", "deploy/**/*.md", "tests/**/*.md")
    for path in ROOT.glob(part)
)
_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCED: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_PATH: Final = re.compile(
    r"`((?:bench|consent|deploy|docs|examples|gateway|mappings|tests|tools)/[\w./-]+)`"
)


@cache
def prose(path: Path) -> str:
    """The page without its blocks."""
    return _FENCED.sub("", path.read_text("utf-8"))


@cache
def anchors(path: Path) -> set[str]:
    """What a link can name on a page: headings as they are written in addresses."""
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


def broken(path: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = []
    for link in _LINK.findall(prose(path)):
        if "://" in link or link.startswith("mailto:"):
            continue
        place, _, anchor = link.partition("#")
        target = (path.parent / place).resolve() if place else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            found.append(link)
    return found


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path):
    assert broken(path) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_exists(path):
    named = {name.rstrip("/.") for name in _PATH.findall(prose(path))}
    there = {
        name for name in named if any((ROOT / name).with_name(n).exists() for n in _forms(name))
    }
    assert named - there == set()


def _forms(name: str) -> tuple[str, str]:
    """A file or folder as named, or a module named without its ending."""
    last = name.rpartition("/")[2]
    return last, f"{last}.py"


@pytest.mark.parametrize("path", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_every_page_is_linked_from_the_readme(path):
    assert f"(docs/{path.name})" in (ROOT / "README.md").read_text("utf-8")


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[a](#one-thing) [b](#two) [c](none.md) [d](https://x.example)\n")
    assert broken(page) == ["#two", "none.md"]

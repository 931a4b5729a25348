"""Every feed has the same shape, so that two can be compared file by file."""

import ast
from typing import Final

import pytest

from tests.architecture.repository import ROOT, tree

MAPPINGS: Final = ROOT / "mappings"
KNOWN: Final = {"gp", "hospital", "community", "mental_health", "social_care"}
PARTS: Final = {"message", "codes", "rows"}
OPTIONAL_PARTS: Final = {"ack", "assemble"}
NOT_FEEDS: Final = {"core", "plan_document", "terms"}
FEEDS: Final = sorted({p.parent.name for p in MAPPINGS.glob("*/__init__.py")} - NOT_FEEDS)


def _names(folder) -> set[str]:
    """Modules and packages directly in a folder, by the name they are imported by."""
    files = {p.stem for p in folder.glob("*.py") if p.stem != "__init__"}
    return files | {p.parent.name for p in folder.glob("*/__init__.py")}


def _assigned(module: ast.Module) -> set[str]:
    names = [t for n in module.body if isinstance(n, ast.Assign) for t in n.targets]
    names += [n.target for n in module.body if isinstance(n, ast.AnnAssign)]
    return {name.id for name in names if isinstance(name, ast.Name)}


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_is_its_four_parts(feed):
    folder = MAPPINGS / feed
    assert (folder / "__init__.py").is_file()
    parts = _names(folder)
    assert parts >= PARTS, f"missing: {sorted(PARTS - parts)}"
    assert parts <= PARTS | OPTIONAL_PARTS, f"unknown: {sorted(parts - PARTS - OPTIONAL_PARTS)}"


@pytest.mark.parametrize("feed", FEEDS)
def test_a_feed_is_one_value(feed):
    assert "FEED" in _assigned(tree(MAPPINGS / feed / "__init__.py"))


def test_there_are_no_other_packages_among_the_feeds():
    assert FEEDS, "there is at least one feed"
    assert set(FEEDS) <= KNOWN, "a new kind of feed is a decision: docs/adr"


def test_every_feed_is_registered():
    imported = {
        f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree(MAPPINGS / "registry.py"))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    reached = {name.split(".")[1] for name in imported if name.startswith("mappings.")}
    assert set(FEEDS) <= reached

"""Documents that would go stale in silence: each is compared with what it describes."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.repository import PRODUCT, ROOT, modules, relative

PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
RECORDS: Final = sorted((ROOT / "docs" / "adr").glob("*.md"))
MARKDOWN: Final = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("d*/**/*.md"))]
WORDS: Final = {
    word for path in modules(*PRODUCT) for word in re.findall(r"[\w-]+", path.read_text("utf-8"))
}


def _table(text: str) -> list[list[str]]:
    """The cells of every row of every table, without headings and the rules below them."""
    lines = text.splitlines()
    rules = {n for n, line in enumerate(lines) if re.fullmatch(r"[| -]*-[| -]*", line)}
    left_out = rules | {n - 1 for n in rules}
    return [
        line.strip("| ").split(" | ")
        for n, line in enumerate(lines)
        if line.startswith("|") and n not in left_out
    ]


def _text(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def _names(requirements: list[str]) -> list[str]:
    return [canonicalize_name(Requirement(text).name) for text in requirements]


def test_every_dependency_has_its_reason():
    reasons = {
        canonicalize_name(row[0]): row[1]
        for row in _table(_text("docs", "adr", "0002-dependencies.md"))
    }
    project = PROJECT["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    asked += PROJECT["build-system"]["requires"]
    assert set(reasons) == set(_names(asked))
    assert all(len(reason) > 10 for reason in reasons.values())


def test_every_package_that_runs_has_its_licence():
    locked = re.findall(r"^([a-z0-9.-]+)==", _text("requirements-runtime.lock"), re.MULTILINE)
    packages = _table(_text("THIRD_PARTY.md").split("## Data", maxsplit=1)[0])
    assert [row[0] for row in packages] == sorted(locked)
    strong = re.compile(r"\b(?:A?GPL|SSPL|BUSL|UNKNOWN)")
    assert [row for row in packages if not row[1] or strong.search(row[1])] == []


def test_the_licence_is_the_one_declared():
    assert PROJECT["project"]["license"] == "Apache-2.0"
    text = _text("LICENSE")
    assert "Apache License\n" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_decision_records_are_numbered_without_gaps():
    assert [path.name[:4] for path in RECORDS] == [f"{n + 1:04}" for n in range(len(RECORDS))]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_decision_record_has_its_parts(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.search(r"^- Status: (proposed|accepted|superseded by \d{4})$", text, re.MULTILINE)
    assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE)
    for part in ("## Context", "## Decision", "## Consequences"):
        assert part in text


def test_the_changelog_has_a_place_for_what_is_next():
    text = _text("CHANGELOG.md")
    assert "## [Unreleased]" in text
    kinds = set(re.findall(r"^### (\w+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("row", _table(_text("docs", "glossary.md")), ids=lambda row: row[0])
def test_the_glossary_uses_the_words_of_the_code(row):
    term, meaning, name = row
    assert meaning
    assert name == "–" or name.strip("`") in WORDS, f"{term}: {name} is not in the code"


def test_a_term_is_explained_once():
    terms = [row[0].lower() for row in _table(_text("docs", "glossary.md"))]
    assert len(terms) == len(set(terms))
    assert len(terms) >= 65


@pytest.mark.parametrize("path", MARKDOWN, ids=relative)
def test_no_link_leads_nowhere(path: Path):
    links = re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_every_make_target_that_is_promised_exists():
    makefile = _text("Makefile")
    told = {
        name
        for path in MARKDOWN
        for name in re.findall(r"`make ([a-z]+)", path.read_text(encoding="utf-8"))
    }
    missing = {name for name in told if not re.search(rf"^{name}:", makefile, re.MULTILINE)}
    assert missing == set()

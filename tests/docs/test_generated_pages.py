"""The generated pages are what would be written now; the schema is what is enforced."""

import difflib
import json

import jsonschema
import pytest

from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN
from tools.write_docs import DOCS, PAGES

EXAMPLES = DOCS.parent / "examples"
PLANS = sorted(
    path
    for path in (
        *EXAMPLES.glob("social-care/*.json"),
        *GOLDEN.glob("social-care/*/input/*.json"),
    )
    if b'"support-plan"' in path.read_bytes()
)
SCHEMA = json.loads(PAGES["schemas/support-plan.schema.json"]())


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name):
    path = DOCS / name
    assert path.is_file(), "run: python -m tools.write_docs"
    stands, would = path.read_text("utf-8").splitlines(), PAGES[name]().splitlines()
    difference = list(difflib.unified_diff(stands, would, "docs", "now", n=1, lineterm=""))
    assert not difference, "run: python -m tools.write_docs\n" + "\n".join(difference[:30])


def test_no_page_is_left_from_a_feed_that_is_gone():
    pages = {path.stem for path in (DOCS / "mappings").glob("*.md")}
    assert pages == set(FEEDS)


@pytest.mark.parametrize("feed", FEEDS)
def test_the_page_holds_every_row_field_and_code(feed):
    text = (DOCS / f"mappings/{feed}.md").read_text("utf-8")
    for kind in FEEDS[feed].kinds.values():
        for target in kind.targets:
            for row in target.rows:
                assert f"`{row.id}`" in text
        for path, why in kind.ignored.items():
            assert f"| `{path}` | {' '.join(why.split())} |" in text.replace("\\|", "|")


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["required"][:3] == ["document", "version", "written_at"]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: "/".join(path.parts[-3:]))
def test_schema_and_reader_agree(path):
    """Written by pydantic, judged by an independent validator."""
    from mappings.social_care.message import support_plan

    body = path.read_bytes()
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(json.loads(body))
    item = next(iter(support_plan.read({"": body})))
    assert valid is not any(issue.code in ("missing", "wrong-type") for issue in item.issues)
    assert valid is ("wrong-types" not in path.parts)

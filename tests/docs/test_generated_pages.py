"""The generated pages are what would be written now; the schema is what is enforced."""

import difflib
import json
import re

import jsonschema
import pytest

from gateway.settings import Limits
from mappings.core.applying.apply import map_item
from mappings.plan_document import codes
from mappings.plan_document.message import document as support_plan
from mappings.registry import FEEDS
from tests.golden.cases import GOLDEN
from tools.write_docs import DOCS, PAGES

EXAMPLES = DOCS.parent / "examples"
PLANS = sorted(
    path
    for path in (
        *EXAMPLES.glob("*/*.json"),
        *GOLDEN.glob("*/*/input/*.json"),
    )
    if b'"support-plan"' in path.read_bytes()
)
SCHEMA = json.loads(PAGES["schemas/support-plan.schema.json"]())
SETTINGS = PAGES["settings.md"]()
BEYOND_A_SCHEMA = ("contradictions", "names-nobody", "unknown-reference")
"""Golden cases that are quarantined for what no schema can say."""


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
    lines = [line.rsplit(" | ", 1) for line in text.replace("\\|", "|").splitlines()]
    said = {
        (path, line[1].removesuffix(" |"))
        for line in lines
        if len(line) > 1
        for path in re.findall(r"`([^`]+)`", line[0])
    }
    for kind in FEEDS[feed].kinds.values():
        for target in kind.targets:
            for row in target.rows:
                assert f"`{row.id}`" in text
        for path, why in kind.ignored.items():
            assert (path, " ".join(why.split())) in said


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["required"][:3] == ["document", "version", "written_at"]


@pytest.mark.parametrize("path", PLANS, ids=lambda path: "/".join(path.parts[-3:]))
def test_schema_and_reader_agree(path):
    """Written by pydantic, judged by an independent validator."""
    body = path.read_bytes()
    valid = jsonschema.Draft202012Validator(SCHEMA).is_valid(json.loads(body))
    item = next(iter(support_plan.read({"": body})))
    taken = not map_item(FEEDS["social-care"].kinds["support-plan"], item).quarantined
    assert valid or not taken
    if taken is not valid:
        assert path.parts[-3] in BEYOND_A_SCHEMA


@pytest.mark.parametrize(
    ("part", "table"),
    [("Plan", codes.PLAN_STATE), ("Goal", codes.GOAL_STATE), ("Action", codes.ACTION_STATE)],
)
def test_the_schema_binds_where_a_table_is_required(part, table):
    assert SCHEMA["$defs"][part]["properties"]["state"]["enum"] == list(table.rows)


def test_a_goal_of_blanks_is_not_to_the_schema():
    plan = json.loads(next(p for p in PLANS if "full" in p.parts).read_bytes())
    judge = jsonschema.Draft202012Validator(SCHEMA)
    assert judge.is_valid(plan)
    plan["goals"][0]["words"] = "  "
    assert [list(fault.path) for fault in judge.iter_errors(plan)] == [["goals", 0, "words"]]


def test_the_limit_named_on_the_settings_page_is_one():
    named = re.search(r"variable of its own, such as `GATEWAY_LIMITS__(\w+)=(\d+)`", SETTINGS)
    assert named is not None
    assert getattr(Limits(), named[1].lower()) == int(named[2])

"""The pages for callers name what the service has, and no more."""

import ast
import re
from pathlib import Path
from typing import Final

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route

from consent import from_fhir, provisions
from consent.rule import Meaning
from gateway.api.around import errors
from gateway.api.fhir.records import READABLE
from gateway.api.search import audit_params
from gateway.api.search.search_params import MOST, PARAMETERS
from gateway.flows.intake.delivery_answer import MOST_LISTED
from gateway.main import create_app
from gateway.settings import Settings
from mappings.core.sets import national_rules
from mappings.plan_document.message import workbook
from mappings.registry import FEEDS
from tests.docs.fences import ROOT

API: Final = (ROOT / "docs" / "api.md").read_text("utf-8")
PAGE: Final = (ROOT / "docs" / "feeds.md").read_text("utf-8")
_RAISERS: Final = {"error": 1, "warning": 1, "UnreadableValueError": 0, "Lost": 0}
_FLOWS: Final = (
    "prepare", "map_items", "recognise", "delivery_answer", "absence_words", "set_aside",
)  # fmt: skip
_LISTED: Final = {
    *(("warning", code) for code in (*national_rules.CODES.values(), national_rules.REFUSES)),
    *(("warning", code) for code in workbook.SHEETS.values()),
    *(("error", code) for code in workbook.FAULTS),
}
"""Codes that stand in a table, and are raised from it."""


def routes() -> list[tuple[frozenset[str], str]]:
    """Methods and path of every route, with those of the routers that were put in."""
    return sorted(_within(create_app(Settings()).routes, ""), key=lambda one: one[1])


def _within(found, prefix):
    for route in found:
        if isinstance(route, APIRoute | Route):
            yield (
                frozenset(route.methods or ()),
                prefix + re.sub(r":record_\w+}", "}", route.path),
            )
        else:
            inner = route.original_router
            yield from _within(inner.routes, prefix)


ROUTES: Final = routes()


def _named() -> set[tuple[frozenset[str], str]]:
    rows = re.findall(r"^\| ([A-Z, ]+) \| `(/[^`]+)` \|", API, re.MULTILINE)
    return {(frozenset(methods.split(", ")), path) for methods, path in rows}


def test_every_route_is_found():
    assert len(set(ROUTES)) == len(ROUTES) >= 18
    assert {"/livez", "/fhir/R4/metadata", "/access/permission"} <= {path for _, path in ROUTES}


def test_the_page_names_every_route_and_no_other():
    assert _named() == set(ROUTES)


def test_the_page_names_every_type_that_is_read():
    told = API.split("Read are ")[1].split(".")[0].replace(" and ", ", ").replace("\n", " ")
    assert {one.strip() for one in told.split(",")} == set(READABLE)


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_page_names_every_search_parameter(name):
    (row,) = re.findall(rf"^\| {name} \| (.+) \|$", API, re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", row)) == set(PARAMETERS[name])


def test_the_page_names_the_parameters_of_the_log():
    (row,) = re.findall(r"search, newest first: (.+) \|$", API, re.MULTILINE)
    assert set(re.findall(r"`([\w-]+)`", row)) == {*audit_params.PARAMETERS, "_count"}


def test_the_page_has_every_status_of_the_table():
    told = set(re.findall(r"^\| (\d{3}) \|", API, re.MULTILINE))
    table = {status for status, _, _ in errors.TABLE.values()} | set(errors.FAULTY.values())
    assert told == {str(status) for status in table}
    for status, code, _ in errors.TABLE.values():
        assert re.search(rf"^\| {status} \| .*`{code}`", API, re.MULTILINE)


def test_the_page_has_the_limits():
    assert f"`_count` is at most {MOST} " in API
    assert f"the first {MOST_LISTED:,} are listed" in PAGE


@pytest.mark.parametrize("feed", FEEDS)
def test_the_feeds_page_has_every_format(feed):
    assert f"| `{feed}` |" in PAGE
    assert f"](mappings/{feed}.md)" in PAGE
    for carrier in FEEDS[feed].formats:
        (row,) = re.findall(rf"^\| [^|]*\| `{carrier.name}`.*$", PAGE, re.MULTILINE)
        for media_type in carrier.media_types:
            assert f"`{media_type}`" in row


def _codes() -> set[tuple[str, str]]:
    """Severity (or the name of what raises) and code of every issue the mappings can make."""
    found = set(_LISTED)
    flows = [ROOT / "gateway" / "flows" / "intake" / f"{name}.py" for name in _FLOWS]
    flows.append(ROOT / "gateway" / "store" / "intake" / "apply.py")
    sources = [*(ROOT / "mappings").rglob("*.py"), *flows]
    for path in sources:
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            place = _RAISERS.get(call.func.id)
            if place is None or len(call.args) <= place:
                continue
            for node in ast.walk(call.args[place]):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add((call.func.id, node.value))
    return found


@pytest.mark.parametrize(("raiser", "code"), sorted(_codes()))
def test_the_feeds_page_explains_every_issue_code(raiser, code):
    errors_part, warnings_part = PAGE.split("### Warnings")
    where = {"error": errors_part, "warning": warnings_part}
    assert f"`{code}`" in where.get(raiser, PAGE)


def test_the_feeds_page_explains_no_code_that_is_gone():
    cells = re.findall(r"^\| ((?:`[a-z-]+`(?:, )?)+) \|", PAGE.split("## Issue codes")[1], re.M)
    told = {code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)}
    assert len(told) > 50
    assert told <= {code for _, code in _codes()}


def test_the_pages_are_about_files_that_exist():
    assert Path(ROOT / "docs" / "feeds.md").is_file()


def _consent_row(name: str) -> set[str]:
    """The codes that the table of Consents says are taken of an element."""
    (row,) = (line for line in API.splitlines() if line.startswith(f"| `{name}`"))
    return set(re.findall(r"`([^`]+)`", row.split("|")[2]))


def test_the_table_of_consents_says_what_is_taken():
    assert _consent_row("category") == {code for _, code in from_fhir.CATEGORIES}
    assert _consent_row("provision.action") == set(provisions.ACTIONS)
    assert _consent_row("provision.actor.role") == {code for _, code in provisions.ROLES}
    assert _consent_row("provision.data") == set(Meaning) - {Meaning.AUTHORED_BY}
    assert _consent_row("modifierExtension") == {from_fhir.BINDS_BREAK_GLASS.rpartition("/")[2]}

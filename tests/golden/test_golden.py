"""Every golden case comes to what its expected file says, and no feed lacks a required case."""

import difflib
import json
from typing import Any

import pytest

from mappings.core.model import systems
from mappings.registry import FEEDS
from tests.golden.cases import REQUIRED, Case, cases, written

LINES_SHOWN = 80
WITHDRAWN = {
    "entered-in-error", "cancelled", "revoked", "rejected", "inactive", "stopped", "resolved",
    "refuted", "not-done",
}  # fmt: skip


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_comes_to_what_is_expected(case):
    assert case.expected.is_file(), f"run: python -m tests.golden.rewrite {case.feed}"
    expected = case.expected.read_text("utf-8")
    difference = _difference(expected, written(case, FEEDS[case.feed]))
    if difference:
        pytest.fail(f"{case} comes to something else:\n{difference}", pytrace=False)


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("name", REQUIRED)
def test_no_feed_lacks_a_required_case(feed, name):
    folder = Case(feed, name).folder / "input"
    assert folder.is_dir(), f"missing: tests/golden/{feed}/{name}/input"
    assert any(path.is_file() for path in folder.rglob("*")), f"empty: {folder.name}"


@pytest.mark.parametrize("feed", FEEDS)
def test_minimal_and_full_are_taken(feed):
    for name in ("minimal", "full"):
        assert _resources(feed, name), name
        assert not any(item.get("quarantined") for item in _items(feed, name)), name


@pytest.mark.parametrize("feed", FEEDS)
def test_an_unmapped_code_is_kept_as_text_and_reported(feed):
    found = [issue for issue in _issues(feed, "unmapped-code") if issue["code"] == "unmapped-code"]
    assert found
    assert {issue["severity"] for issue in found} == {"warning"}
    assert _resources(feed, "unmapped-code")


@pytest.mark.parametrize("feed", FEEDS)
def test_an_unmapped_status_is_refused(feed):
    found = [
        issue
        for issue in _issues(feed, "unmapped-status")
        if issue["code"] == "unmapped-code" and issue["severity"] == "error"
    ]
    assert found
    assert all(issue["path"] for issue in found)


@pytest.mark.parametrize("feed", FEEDS)
def test_restricted_is_labelled(feed):
    codes = {
        coding["code"]
        for one in _resources(feed, "restricted")
        for coding in one["resource"]["meta"]["security"]
        if coding["system"] == systems.CONFIDENTIALITY
    }
    assert codes & {"R", "V"}


@pytest.mark.parametrize("feed", FEEDS)
def test_withdrawn_says_so(feed):
    statuses = {status for one in _resources(feed, "withdrawn") for status in _statuses(one)}
    assert statuses & WITHDRAWN


@pytest.mark.parametrize("feed", FEEDS)
def test_a_bad_nhs_number_is_reported_and_the_rest_taken(feed):
    assert any("nhs-number" in issue["code"] for issue in _issues(feed, "bad-nhs-number"))
    assert _resources(feed, "bad-nhs-number")
    numbers = {
        identifier.get("value")
        for one in _resources(feed, "bad-nhs-number")
        for identifier in one["resource"].get("identifier", ())
        if identifier.get("system") == systems.NHS_NUMBER
    }
    assert numbers == set()


@pytest.mark.parametrize("feed", FEEDS)
def test_a_repeat_names_nothing_new(feed):
    once = {(one["type"], one["key"]) for one in _resources(feed, "minimal")}
    again = {(one["type"], one["key"]) for one in _resources(feed, "repeat-of-minimal")}
    assert once == again


def test_the_difference_is_shown_by_line():
    assert _difference("a\nb\n", "a\nb\n") == ""
    assert "-b\n+c" in _difference("a\nb\n", "a\nc\n")


def _difference(expected: str, found: str) -> str:
    if expected == found:
        return ""
    lines = list(
        difflib.unified_diff(
            expected.splitlines(), found.splitlines(), "expected", "found", n=4, lineterm=""
        )
    )
    rest = len(lines) - LINES_SHOWN
    more = [f"... and {rest} lines more"] if rest > 0 else []
    return "\n".join([*lines[:LINES_SHOWN], *more])


def _items(feed: str, name: str) -> list[dict[str, Any]]:
    text = Case(feed, name).expected.read_text("utf-8")
    items: list[dict[str, Any]] = json.loads(text)["items"]
    return items


def _issues(feed: str, name: str) -> list[dict[str, str]]:
    return [issue for item in _items(feed, name) for issue in item["issues"]]


def _resources(feed: str, name: str) -> list[dict[str, Any]]:
    return [one for item in _items(feed, name) for one in item.get("resources", ())]


def _statuses(one: dict[str, Any]) -> set[str]:
    resource = one["resource"]
    found = {resource.get(name) for name in ("status", "lifecycleStatus")}
    for name in ("clinicalStatus", "verificationStatus"):
        found |= {coding["code"] for coding in (resource.get(name) or {}).get("coding", ())}
    return {str(status) for status in found if status}

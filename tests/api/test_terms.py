"""The language of every sector, served without a token and without a person."""

import pytest

from mappings.core.validate import validate
from tests.api.service import is_outcome, resources

TYPES = ("CodeSystem", "ConceptMap")


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", TYPES)
def test_each_is_found_read_and_valid(gateway, kind):
    before = gateway.size()
    found = gateway.get(kind).json()
    assert found["total"] == len(resources(found)) > 3
    for one in resources(found):
        read = gateway.get(f"{kind}/{one['id']}")
        assert read.json() == one
        assert validate(one, local_references=False) == ()
        (by_url,) = resources(gateway.get(kind, params={"url": one["url"]}).json())
        assert by_url == one
    assert gateway.size() == before


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", TYPES)
def test_pages_hold_each_once(gateway, kind):
    pages = gateway.walk(f"{kind}?_count=2", {})
    ids = [one["id"] for page in pages for one in resources(page)]
    assert len(ids) == len(set(ids)) == pages[0]["total"]
    assert all(len(resources(page)) <= 2 for page in pages)


@pytest.mark.changes_nothing
@pytest.mark.parametrize("kind", TYPES)
def test_what_is_not_there_or_not_taken_is_said(gateway, kind):
    assert is_outcome(gateway.get(f"{kind}/none"), 404)
    assert is_outcome(gateway.get(f"{kind}?title=x"), 400, "invalid")
    assert resources(gateway.get(f"{kind}?url=x").json()) == []

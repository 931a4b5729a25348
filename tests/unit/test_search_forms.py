"""What a SearchParameter says of how the record is asked is what the search takes, and no less."""

from datetime import UTC, datetime

import pytest

from gateway.api.search.search_forms import forms
from gateway.api.search.search_params import parse
from gateway.errors import FaultyRequestError
from gateway.store.clear.search_table import PARAMETERS
from gateway.store.keyring.keys import KeyedHasher

HASHER = KeyedHasher([b"k" * 32], b"i" * 32)
MODIFIERS = ("missing", "exact", "contains", "not", "text", "in", "not-in", "below", "above")
BESIDE = ("type", "identifier", "ofType", "Nosuch")
VALUES = {"token": "a", "string": "a", "date": "2026", "reference": "a", "uri": "urn:a"}
EACH = [one for several in PARAMETERS.values() for one in several.values()]


def taken(one, modifier, value):
    """Whether a search by it is read so."""
    name = f"{one.name}:{modifier}" if modifier else one.name
    base = "https://care.example"
    try:
        parse((one.owner,), [(name, value)], HASHER, str, base, datetime(2026, 1, 1, tzinfo=UTC))
    except FaultyRequestError:
        return False
    return True


@pytest.mark.parametrize("one", EACH, ids=lambda one: f"{one.owner}-{one.name}")
def test_each_is_asked_by_what_is_named_and_by_nothing_else(one):
    form = forms()[one.definition]
    assert taken(one, "", VALUES[one.fhir])
    for modifier in (*MODIFIERS, *BESIDE):
        named = modifier
        if modifier == "type":
            named = min(form.get("target", ["Goal"]))
        value = "true" if modifier == "missing" else VALUES[one.fhir]
        value = "a|b" if modifier == "identifier" else value
        assert taken(one, named, value) == (modifier in form.get("modifier", ())), modifier


@pytest.mark.parametrize("prefix", ["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"])
def test_each_date_takes_every_prefix(prefix):
    dates = [one for one in EACH if one.fhir == "date"]
    assert dates
    assert all(prefix in forms()[one.definition]["comparator"] for one in dates)
    assert all(taken(one, "", f"{prefix}2026-11") for one in dates)

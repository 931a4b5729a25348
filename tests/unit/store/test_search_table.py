"""The table of search parameters against R4, and what is kept of a resource to find it by."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.periods import MAX_MICROS, micros_covered
from gateway.store.clear.columns import PERIOD_ELEMENTS
from gateway.store.clear.cutting import _NEEDED
from gateway.store.clear.search_index import EVERY, Indexed, indexed
from gateway.store.clear.search_table import PARAMETERS, SORTED, Parameter
from gateway.store.clear.spoken import SPEAKS
from gateway.store.keyring.keys import KeyedHasher
from mappings.core.checking.shapes import Field, shape_of
from mappings.core.model import systems
from tests.unit.consent.world import policy

HASHER = KeyedHasher([b"k" * 32], b"i" * 32)
INDEXED = [one for several in PARAMETERS.values() for one in several.values() if one.paths]
FITS = {
    "code": {"code", "boolean"},
    "token": {"CodeableConcept", "Coding"},
    "identifier": {"Identifier"},
    "uri": {"uri"},
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "reference": {"Reference"},
    "who": {"Reference"},
    "patient": {"Reference"},
}


def _field(owner: str, path: tuple[str, ...]) -> Field:
    first, *rest = path
    field = shape_of(owner).fields[first]
    return _field(field.type, tuple(rest)) if rest else field


def _named(parameter: Parameter) -> str:
    return f"{parameter.owner}-{parameter.name}"


@pytest.mark.parametrize("parameter", INDEXED, ids=_named)
def test_every_path_leads_to_an_element_of_r4_that_fits(parameter):
    for path in parameter.paths:
        field = _field(parameter.owner, path)
        assert field.type in FITS[parameter.kind], path
        if field.targets is not None:
            assert parameter.targets - {"*"} <= field.targets
        if parameter.kind == "patient" and field.targets is not None:
            assert "Patient" in field.targets


@pytest.mark.parametrize("parameter", INDEXED, ids=_named)
def test_nothing_is_searched_that_goes_with_a_hidden_reference_beside_it(parameter):
    for path in parameter.paths:
        if parameter.kind not in ("reference", "patient", "who"):
            beside = [pair for pair in _NEEDED if pair[0] in path[:-1]]
            assert all(path[-1] in SPEAKS.get(one, {}).get(of, ()) for one, of in beside), path


def test_every_type_of_a_record_is_of_some_days():
    assert set(PARAMETERS) - set(PERIOD_ELEMENTS) == {"Patient"}


@pytest.mark.parametrize("owner", SORTED)
def test_an_order_is_by_a_date_that_nothing_masks(owner):
    parameter = PARAMETERS[owner][SORTED[owner]]
    assert parameter.kind == "date"
    first, *_ = PERIOD_ELEMENTS[owner][0]
    assert any(first.startswith(".".join(path)) for path in parameter.paths)
    shipped = policy()
    assert not parameter.is_within((*shipped.location_mask, *shipped.reason_mask))


def test_what_a_mask_takes_out_is_known_by_its_path():
    encounter, code = PARAMETERS["Observation"]["encounter"], PARAMETERS["Observation"]["code"]
    for masks, hidden in (
        (("*.encounter",), True),
        (("Observation.encounter",), True),
        (("Condition.encounter",), False),
        (("*.enc",), False),
        (("*.encounter.type",), False),
        ((), False),
    ):
        assert encounter.is_within(masks) is hidden
        assert not code.is_within(masks)
    manifestation = PARAMETERS["AllergyIntolerance"]["manifestation"]
    assert manifestation.is_within(("*.reaction",))
    assert PARAMETERS["Goal"]["identifier"].is_within(("*.@Organization",))


def test_identifiers_are_kept_as_keyed_hashes_and_words_not_at_all():
    body = {
        "resourceType": "RelatedPerson",
        "identifier": [{"system": systems.NHS_NUMBER, "value": "9990000077"}],
        "name": [{"family": "ASHDOWN"}],
        "birthDate": "1943-03-04",
        "telecom": [{"value": "020 7946 0901"}],
        "gender": "female",
        "patient": {"reference": "Patient/p", "display": "Norma"},
    }
    kept = repr(indexed(body, HASHER, ["Patient/p"]))
    for words in ("9990000077", "ASHDOWN", "1943", "7946", "Norma"):
        assert words not in kept
    assert "|gender:female|" in kept
    other = indexed(body, KeyedHasher([b"o" * 32], b"i" * 32), [])
    assert other.codes != indexed(body, HASHER, []).codes


def test_a_code_that_names_an_organisation_is_not_kept():
    for system in (systems.ODS, "urn:care-gateway:xk1:local-id"):
        body = {
            "resourceType": "Condition",
            "code": {"coding": [{"system": system, "code": "RAX"}, {"system": "s", "code": "c"}]},
        }
        kept = indexed(body, HASHER, []).codes
        assert "RAX" not in kept
        assert "|code:c|" in kept


def test_a_system_and_a_code_never_run_into_one_another():
    def kept(system: str, code: str) -> str:
        coding = {"system": system, "code": code}
        return indexed(
            {"resourceType": "Condition", "code": {"coding": [coding]}}, HASHER, []
        ).codes

    pairs = [("a", "b#c"), ("a#b", "c"), ("a=b", "c"), ("a", "b=c"), ("ab", "c"), ("a", "bc")]
    assert len({kept(*pair) for pair in pairs}) == len(pairs)
    assert kept("a|", "b|x|code:y") == kept("a", "bxcode:y")


@pytest.mark.parametrize(
    ("timing", "day", "end"),
    [
        ({"repeat": {"boundsPeriod": {"start": "2026-10-19", "end": "2026-11-30"}}}, 19, "period"),
        ({"event": ["2026-10-21", "2026-10-19", "2026-11-30"]}, 19, "period"),
        (
            {"event": ["2026-10-21"], "repeat": {"boundsPeriod": {"start": "2026-10-19"}}},
            19,
            "open",
        ),
        ({"event": ["never", "2026-10-20"], "repeat": {"frequency": 1}}, 20, "day"),
        ({"repeat": {"boundsDuration": {"value": 1}}}, None, ""),
        ({"code": {"text": "mornings"}}, None, ""),
        ({"event": "2026-10-19", "repeat": []}, None, ""),
    ],
)
def test_a_timing_is_found_by_its_outer_limits(timing, day, end):
    dated = indexed(
        {"resourceType": "ServiceRequest", "occurrenceTiming": timing}, HASHER, []
    ).dates
    ends = {"period": "2026-11-30", "day": "2026-10-20"}
    assert dated == (
        ()
        if day is None
        else (
            (
                "occurrence",
                micros_covered(f"2026-10-{day}")[0],
                micros_covered(ends[end])[1] if end in ends else MAX_MICROS,
            ),
        )
    )


def test_a_provenance_has_every_link_and_no_person():
    body = {
        "resourceType": "Provenance",
        "target": [{"reference": "Goal/g"}, {"reference": "Patient/p"}],
        "agent": [{"who": {"reference": "Practitioner/x"}}],
    }
    refs = ["Goal/g", "Patient/p", "Practitioner/x"]
    links = indexed(body, HASHER, refs).links
    assert {one[1:] for one in links if one[0] == EVERY} == {("Goal", "g"), ("Practitioner", "x")}


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "coding",
                    "code",
                    "system",
                    "value",
                    "reference",
                    "start",
                    "end",
                    "identifier",
                    "type",
                    "actor",
                    "detail",
                    "condition",
                    "member",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(PARAMETERS)), st.data())
def test_nothing_that_is_written_makes_it_raise(owner, data):
    elements = sorted({path[0] for one in PARAMETERS[owner].values() for path in one.paths})
    made = data.draw(st.dictionaries(st.sampled_from([*elements, "x"]), anything, max_size=5))
    found = indexed({"resourceType": owner, **made}, HASHER, [])
    assert isinstance(found, Indexed)
    assert json.dumps([found.codes, found.dates, found.links])

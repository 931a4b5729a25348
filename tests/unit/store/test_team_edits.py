"""A team's edits over what a feed states, as values."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.flows.writing.write_merging import rejoined
from gateway.store.clear.columns import references
from gateway.store.clear.cutting import cut
from gateway.store.team.team_edits import laid, stated
from gateway.store.team.team_statements import Beside, Statement, beside_in, refs_in, source_part
from gateway.store.writing.team_versions import own_words

LEVEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"}
META = {"security": [LEVEL], "source": "urn:care-gateway:source:XK1:social-care"}
HIDDEN = frozenset({"Goal/h1", "Goal/h2"})
BY = Statement("H85001", "gp-1", "request", 1_000_000, "", False, None, None)
OTHER = replace(BY, org="RAX", author="hd-1", at=2_000_000)
_words = st.sampled_from(["a", "b", "c"])
_notes = st.lists(st.fixed_dictionaries({"text": _words}), min_size=1, max_size=3, unique_by=str)
_goals = st.lists(
    st.sampled_from(sorted([*HIDDEN, "Goal/s1", "Goal/s2"])), min_size=1, max_size=3, unique=True
)
_parts = st.fixed_dictionaries(
    {"status": st.sampled_from(["active", "on-hold", "revoked"])},
    optional={
        "title": _words,
        "note": _notes,
        "goal": _goals.map(lambda names: [{"reference": one} for one in names]),
        "period": st.fixed_dictionaries({"start": st.sampled_from(["2026-01-01", "2026-02-01"])}),
    },
)


def _plan(parts: dict[str, Any]) -> dict[str, Any]:
    head = {"resourceType": "CarePlan", "id": "p", "meta": META, "intent": "plan"}
    return {**head, "subject": {"reference": "Patient/x"}, **parts}


def _source(parts: dict[str, Any]) -> Beside:
    return Beside(_plan(parts), (), {})


def _edited(beside: Beside, wanted: dict[str, Any], by: Statement) -> Beside:
    """Once somebody who sees all wants this."""
    seen = beside.statements
    return replace(beside, statements=stated(beside, seen, laid(beside), _plan(wanted), by))


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both say the same; a list is of its entries, whatever their order."""

    def plain(body: dict[str, Any]) -> dict[str, Any]:
        return {
            name: sorted(map(json.dumps, value)) if isinstance(value, list) else value
            for name, value in body.items()
        }  # fmt: skip

    return own_words(plain(one)) == own_words(plain(other))


@given(_parts, _parts)
def test_what_is_shown_is_what_the_writer_wanted(before, wanted):
    beside = _edited(_source(before), wanted, BY)
    assert _same(laid(beside), _plan(wanted))
    assert beside.source == _plan(before), "the source's own words stay"


@given(_parts, _parts, _parts)
def test_two_organisations_edit_one_after_the_other(before, first, second):
    beside = _edited(_edited(_source(before), first, BY), second, OTHER)
    assert _same(laid(beside), _plan(second))


@given(_parts, _parts)
@example(
    {"status": "active", "note": [{"text": "a"}, {"text": "b"}]},
    {"status": "active", "note": [{"text": "c"}, {"text": "a"}]},
)
def test_what_is_taken_back_leaves_no_trace(before, wanted):
    beside = _edited(_edited(_source(before), wanted, BY), before, BY)
    assert beside.statements == ()
    assert _same(laid(beside), _plan(before))


@given(_parts, _parts, _parts)
def test_nothing_that_either_says_is_lost_in_silence(before, wanted, later):
    """Once the source says another thing, each of its own words stands or was taken out by the
    edit, and each word of the edit stands or is told in a note."""
    edited = _edited(_source(before), wanted, BY)
    shown = laid(replace(edited, source=_plan(later)))
    told = [one["extension"][0]["valueString"] for one in shown.get("note", ()) if "time" in one]
    for name in ("status", "title", "period"):
        said, was = later.get(name), before.get(name)
        changed = wanted.get(name) != was
        if not changed or said not in (was, wanted.get(name)):
            assert shown.get(name) == said, "the source's newer word"
        else:
            assert shown.get(name) == wanted.get(name)
        both = changed and said not in (was, wanted.get(name))
        assert (f"CarePlan.{name}" in told) == both
    for one in wanted.get("goal", ()):
        if one not in before.get("goal", ()):
            assert one in shown["goal"]


@given(_parts, _parts, _parts)
def test_what_the_writer_cannot_see_survives_the_edit_and_the_next_message(before, wanted, later):
    source = _source(before)
    shown = cut(laid(source), HIDDEN)
    whole = rejoined(laid(source), shown, cut(_plan(wanted), HIDDEN).resource)
    statements = stated(source, (), laid(source), whole, BY)
    for body in (before, later):
        made = laid(replace(source, source=_plan(body), statements=statements))
        hidden = {one for one in references(body) if one in HIDDEN}
        assert {one for one in references(made) if one in HIDDEN} == hidden


@given(_parts, _parts)
def test_what_is_sealed_is_read_again(before, wanted):
    beside = replace(_edited(_source(before), wanted, BY), since={"title": 5})
    plain = beside.sealed(laid(beside))
    assert beside_in(plain) == beside
    assert json.loads(source_part(plain)) == _plan(before)
    assert set(references(_plan(wanted))) <= set(refs_in(beside, laid(beside)))


def test_a_note_tells_no_words_of_what_refers_to_something():
    source = _source({"status": "active", "author": {"reference": "CareTeam/1"}})
    wanted = {"status": "active", "author": {"reference": "CareTeam/2", "display": "Secret team"}}
    edited = _edited(source, wanted, BY)
    later = _plan({"status": "active", "author": {"reference": "CareTeam/3"}})
    shown = laid(replace(edited, source=later))
    (note,) = shown["note"]
    assert "Secret" not in note["text"]
    assert "CareTeam/2" not in note["text"]
    assert "note" not in laid(replace(edited, source=later), tell=False)


@pytest.mark.parametrize(
    ("was", "later", "shown"),
    [("2026-01-01", "2026-01-01", {"startDate": "2026-03-01"}), ("2026-01-01", None, {})],
)
def test_of_a_choice_of_types_one_is_shown(was, later, shown):
    def goal(**parts):
        head = {"resourceType": "Goal", "id": "g", "meta": META, "lifecycleStatus": "active"}
        more = {"description": {"text": "x"}, "subject": {"reference": "Patient/x"}}
        return {**head, **more, **parts}

    source = Beside(goal(startDate=was), (), {})
    statements = stated(source, (), source.source, goal(startDate="2026-03-01"), BY)
    coded = {"text": "on admission"}
    now = goal(startDate=later) if later else goal(startCodeableConcept=coded)
    made = laid(Beside(now, statements, {}))
    starts = {name: value for name, value in made.items() if name.startswith("start")}
    assert starts == (shown or {"startCodeableConcept": coded})
    assert ("note" in made) == (not shown)


def test_what_would_not_be_valid_together_is_told_and_does_not_stand():
    head = {"resourceType": "Observation", "id": "o", "meta": META, "status": "final"}
    code = {"code": {"text": "weight"}, "subject": {"reference": "Patient/x"}}
    source = Beside(head | code, (), {})
    statements = stated(source, (), source.source, head | code | {"valueString": "70 kg"}, BY)
    later = head | code | {"dataAbsentReason": {"text": "not done"}}
    made = laid(Beside(later, statements, {}))
    assert "valueString" not in made
    assert "70 kg" in made["note"][0]["text"]

"""What an explanation says is what the Filter does, and every reason has its words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.decision import compile_filter
from consent.explain import LAYERS, WORDS, Step, explained
from consent.labels import UNKNOWN_SENSITIVITY
from consent.rule import DataReference, Meaning, Provision
from consent.terms import Action, Pds, Purpose, Reason, RelationshipKind
from tests.sampling import examples
from tests.unit.consent.world import (
    COUNCIL,
    EXPLICIT,
    IMPLIED,
    PRACTICE,
    break_glass,
    caller,
    deny,
    item,
    org,
    permit,
    person,
    policy,
    relationship,
    request,
)
from tests.unit.consent.worlds import choices, people, rows, who

DOCTOR = caller("hospital-doctor")


@settings(max_examples=examples(300), deadline=None)
@given(who, people, choices, rows, st.booleans())
def test_an_explanation_says_what_the_filter_does(asking, about, setting, row, emergency):
    asked = request(break_glass=break_glass(asking) if emergency else None)
    allowed = compile_filter(asking, about, asked, policy(setting))
    told = explained(asking, about, asked, policy(setting), row)
    assert told.shown == allowed.allows(row)
    assert [one.layer for one in told.steps] == list(LAYERS[: len(told.steps)])
    assert all(one.passes for one in told.steps[:-1])
    assert all(one.why for one in told.steps)


def test_every_reason_has_words():
    assert set(WORDS) == set(Reason)


@pytest.mark.parametrize(
    ("role", "row", "layer", "word"),
    [
        ("social-worker", item("problems", sens=["HIV"]), "role", "HIV"),
        ("hospital-doctor", item("care-plan", level=3), "role", "cleared"),
        ("home-care", item("mental-health"), "role", "never sees mental-health"),
        ("gp", item("care-plan", legal=["GRA"]), "stops", "hard stop"),
    ],
)
def test_the_layer_that_hides_says_why(role, row, layer, word):
    last = explained(caller(role), person(), request(), policy(), row).steps[-1]
    assert (last.layer, last.passes) == (layer, False)
    assert word in " ".join(last.why)


def test_without_a_relationship_nothing_further_is_said():
    told = explained(DOCTOR, person(relationships=()), request(), policy(), item())
    assert [one.layer for one in told.steps] == ["identity", "purpose", "relationship"]
    assert told.steps[-1].why == (WORDS[Reason.RELATIONSHIP],)


GP = caller("gp")
OPENED = request(break_glass=break_glass(GP))
TOGETHER = "caller, role and person belong together"
TEAM = "the person is open to more than a named team"
NOBODY_IS_GRANTED = "it bears a label that nobody is granted"
ONLY_OWN = "only what the caller's own organisation sent is seen"
OUT_OF_SCOPE = "the token's scopes leave it out"
NOT_GRANTED = "which the role is not granted"
RESTRICTED = "it is more restricted than the role is cleared for"
STOPS = "a hard stop, a hold, an opt-out, or a feed that is not open here, hides it"
HOLDER = person(relationships=(relationship(PRACTICE, RelationshipKind.RECORD_HOLDER),))


def unreadable(row):
    return replace(row, sensitivities=row.sensitivities | UNKNOWN_SENSITIVITY)


@pytest.mark.parametrize("purpose", [Purpose.TREATMENT, Purpose.BREAK_GLASS])
def test_what_is_shown_passes_every_layer_in_words(purpose):
    asked = request(purpose=purpose, break_glass=break_glass(GP))
    told = explained(GP, person(), asked, policy(), item())
    assert told.steps == (
        Step("identity", True, (TOGETHER,)),
        Step("purpose", True, (f"{purpose} is a purpose of the role",)),
        Step(
            "relationship",
            True,
            (
                "the person is on a caseload of the caller",
                "permission to view is implied by direct care",
                "an emergency access is open",
            ),
        ),
        Step("restricted person", True, (TEAM,)),
        Step("role", True, ("the role sees care-plan",)),
        Step("stops", True, ("nothing that holds for everybody hides it",)),
        Step("consent", True, ("no consent hides it",)),
    )


@pytest.mark.parametrize(
    ("who", "row", "asked", "why"),
    [
        (GP, item("safeguarding"), request(), ["the role never sees safeguarding, for anybody"]),
        (caller("social-worker"), item("finance"), request(), [ONLY_OWN]),
        (GP, item(level=3), request(), [RESTRICTED]),
        (GP, item(level=2, sens=["HIV"]), request(), [f"it is labelled HIV, {NOT_GRANTED}"]),
        (
            caller("practice-nurse"),
            item("problems", 3, ["PSY", "HIV"]),
            request(),
            [RESTRICTED, f"it is labelled PSY, HIV, {NOT_GRANTED}"],
        ),
        (
            caller("practice-nurse", org=PRACTICE),
            item("problems", 2, ["PSY", "SDV"], source_org=PRACTICE),
            request(),
            [f"it is labelled SDV, {NOT_GRANTED}"],
        ),
        (GP, unreadable(item(level=3, source_org=PRACTICE)), request(), [NOBODY_IS_GRANTED]),
        (GP, unreadable(item(sens=["HIV"], source_org=PRACTICE)), request(), [NOBODY_IS_GRANTED]),
        (GP, unreadable(item(level=2, sens=["PSY"])), request(), [NOBODY_IS_GRANTED]),
        (GP, item(level=3), OPENED, [RESTRICTED]),
        (GP, unreadable(item(level=2, sens=["HIV"])), OPENED, [NOBODY_IS_GRANTED]),
        (GP, unreadable(item(sens=["SDV"], source_org=PRACTICE)), OPENED, [NOBODY_IS_GRANTED]),
        (GP, item(sens=["SDV"]), OPENED, [f"it is labelled SDV, {NOT_GRANTED}"]),
        (
            caller("gp", scopes=frozenset({"user/Goal.r"})),
            item(),
            request(),
            [OUT_OF_SCOPE],
        ),
        (
            caller("gp", scopes=frozenset({"user/Goal.r"})),
            item(level=3, resource_type="Goal"),
            request(),
            [RESTRICTED],
        ),
        (GP, item("safety"), request(Action.UPDATE), ["the role never sees safety, for anybody"]),
    ],
)
def test_what_of_an_item_is_more_than_the_role_opens(who, row, asked, why):
    last = explained(who, person(relationships=_ties(who)), asked, policy(), row).steps[-1]
    assert last == Step("role", False, tuple(why))


AMHP = caller("amhp", org=COUNCIL)
SOCIAL_WORKER = caller("social-worker")
NAMED = relationship(COUNCIL, RelationshipKind.CARE_TEAM, user_id=SOCIAL_WORKER.user_id)
_OF_HIV = [f"it is labelled HIV, {NOT_GRANTED}"]


@pytest.mark.parametrize(
    ("who", "tie", "row", "why"),
    [
        (AMHP, relationship(COUNCIL), item("finance", 2, ["S117", "PSY", "HIV"]), _OF_HIV),
        (SOCIAL_WORKER, NAMED, item(sens=["S117", "HIV"]), _OF_HIV),
        (AMHP, relationship(COUNCIL), item(level=3, sens=["S117"]), [RESTRICTED]),
        (
            AMHP,
            relationship(COUNCIL),
            item(sens=["S117", "SDV"], source_org=COUNCIL),
            [f"it is labelled SDV, {NOT_GRANTED}"],
        ),
        (
            SOCIAL_WORKER,
            relationship(COUNCIL),
            item(sens=["S117", "HIV"]),
            [f"it is labelled HIV, S117, {NOT_GRANTED}"],
        ),
        (
            AMHP,
            relationship(COUNCIL, RelationshipKind.RECORD_HOLDER),
            item(sens=["S117"]),
            [ONLY_OWN, f"it is labelled S117, {NOT_GRANTED}"],
        ),
        (
            AMHP,
            relationship(COUNCIL),
            item("problems", sens=["S117"]),
            [f"it is labelled S117, {NOT_GRANTED}"],
        ),
    ],
)
def test_beside_aftercare_the_label_that_keeps_it_closed_is_told_and_no_other(who, tie, row, why):
    about = person(relationships=(tie,))
    last = explained(who, about, request(), policy(), row).steps[-1]
    assert last == Step("role", False, tuple(why))


def _ties(who):
    return (relationship(who.org),)


def test_who_sees_their_own_alone_is_told_so():
    told = explained(GP, HOLDER, request(), policy(), item())
    assert told.steps[-1] == Step("role", False, (ONLY_OWN,))


@pytest.mark.parametrize(
    ("about", "row", "settings", "last"),
    [
        (person(), item(legal=["GRA"]), IMPLIED, Step("stops", False, (STOPS,))),
        (
            person(deny(askers=org(PRACTICE))),
            item(),
            IMPLIED,
            Step("consent", False, ("the person said no to this",)),
        ),
        (
            person(),
            item(),
            EXPLICIT,
            Step("consent", False, ("no consent that covers it is recorded",)),
        ),
        (
            person(deny(Provision(permit=True, confidentiality=1), askers=org("OTHER"))),
            item(),
            EXPLICIT,
            Step("consent", False, ("no consent that covers it is recorded",)),
        ),
        (
            person(permit(askers=org(PRACTICE)), permit(categories=frozenset({"problems"}))),
            item(),
            EXPLICIT,
            Step("consent", True, ("no consent hides it",)),
        ),
        (
            person(pds=Pds.VERY_RESTRICTED),
            item(),
            IMPLIED,
            Step(
                "restricted person",
                False,
                ("the person is open to staff named on their team alone",),
            ),
        ),
        (
            person(deny(references=frozenset({DataReference("a", Meaning.RELATED)}))),
            item(),
            IMPLIED,
            Step("role", False, ("something the decision needs cannot be read",)),
        ),
    ],
)
def test_the_last_layer_that_was_reached_says_why_in_its_own_words(about, row, settings, last):
    told = explained(GP, about, request(), policy(settings), row)
    assert told.steps[-1] == last
    assert told.shown is last.passes


def test_in_an_emergency_what_is_agreed_to_still_bounds_where_consent_is_explicit():
    about = person(permit(categories=frozenset({"problems"})))
    told = explained(GP, about, OPENED, policy(EXPLICIT), item())
    assert told.steps[-1] == Step(
        "consent", False, ("what the person agreed to does not cover it",)
    )


def test_who_opted_out_is_shown_in_an_emergency_and_the_explanation_says_so():
    for asked, shown in ((request(), False), (OPENED, True)):
        told = explained(GP, person(opted_out=True), asked, policy(), item())
        assert told.shown is shown

"""Attacks by asking: what is hidden must look as if it were not there.

Each test bears the number of its attack in the checklist of docs/security-properties.md.
"""

import re

import pytest

from tests.api.consents import against, dissent
from tests.api.rows import goal_row, plan_row, put
from tests.api.service import is_outcome, references, resources
from tests.api.world import (
    ALICE,
    BOB,
    COUNCIL,
    HIDDEN_WORDS,
    NHS,
    NORMA,
    PRACTICE,
    World,
    put_on_caseload,
)

_OWN_IDS = ("x-request-id", "traceparent")


def _seen(answer):
    """Status, body and headers, apart from the ids of the request itself."""
    headers = {k: v for k, v in answer.headers.items() if k not in _OWN_IDS}
    return answer.status_code, answer.content, headers


def _hidden_goal(world) -> str:
    every = {g["id"] for g in world.of("Goal", world.alice, world.gp)}
    visible = {g["id"] for g in world.of("Goal", world.alice, world.social_worker)}
    return min(every - visible)


READS = ["{}", "{}/_history", "{}/_history/1", "{}/_history/2", "{}/$lineage", "{}?_summary=false"]


@pytest.mark.changes_nothing
@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a1_a2_a28_hidden_and_missing_are_the_same_bytes(gateway, world, path, method):
    hidden = _hidden_goal(world)
    missing = "0" * 8 + hidden[8:]
    before = gateway.size()
    answers = [
        gateway.ask(method, f"Goal/{path.format(one)}", world.social_worker)
        for one in (hidden, missing)
    ]
    assert answers[0].status_code == 404
    assert _seen(answers[0]) == _seen(answers[1])
    assert gateway.size() == before + 2


@pytest.mark.changes_nothing
def test_a1_hidden_under_another_type_and_hidden_people(gateway, world):
    hidden, who = _hidden_goal(world), world.social_worker
    for path in (f"CarePlan/{hidden}", f"Patient/{hidden}", f"Patient/{world.bob}"):
        assert _seen(gateway.get(path, who)) == _seen(gateway.get("Goal/none", who))


def test_a2_old_versions_are_judged_by_their_labels_and_by_todays(gateway, world):
    """Also leak-04."""
    norma = world.norma
    for version, level in ((1, "N"), (2, "V"), (3, "N")):
        goal = goal_row("g-open-now", norma, f"words {version}")
        put(gateway, norma, goal, version=version, conf=level)
    for version, level in ((1, "N"), (2, "V")):
        goal = goal_row("g-shut-now", norma, f"words {version}")
        put(gateway, norma, goal, version=version, conf=level)
    found = gateway.get("Goal/g-open-now/_history", world.gp).json()
    assert [one["meta"]["versionId"] for one in resources(found)] == ["3", "1"]
    assert found["total"] == 2
    assert is_outcome(gateway.get("Goal/g-open-now/_history/2", world.gp), 404)
    for path in ("g-shut-now", "g-shut-now/_history", "g-shut-now/_history/1"):
        assert is_outcome(gateway.get(f"Goal/{path}", world.gp), 404)


def test_a2_a_withdrawal_is_410_only_to_who_saw_the_last_version(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-gone", norma, "first"), version=1)
    put(gateway, norma, goal_row("g-gone", norma, "then"), version=2, conf="V")
    put(gateway, norma, goal_row("g-gone", norma, ""), version=3, deleted=True)
    put(gateway, norma, goal_row("g-seen", norma, "first"), version=1)
    put(gateway, norma, goal_row("g-seen", norma, ""), version=2, deleted=True)
    put(gateway, norma, goal_row("g-shut", norma, "first"), version=1, conf="V")
    put(gateway, norma, goal_row("g-shut", norma, ""), version=2, conf="V", deleted=True)
    assert is_outcome(gateway.get("Goal/g-seen", world.gp), 410)
    for path in ("g-gone", "g-shut", "g-shut/_history/2"):
        assert _seen(gateway.get(f"Goal/{path}", world.gp)) == _seen(
            gateway.get("Goal/none", world.gp)
        )
    assert _seen(gateway.get("Goal/g-seen", world.stranger))[0] == 404
    assert gateway.get("Goal/g-seen/$lineage", world.gp).status_code == 200
    for path, who in (("g-gone", world.gp), ("g-shut", world.gp), ("g-seen", world.stranger)):
        assert _seen(gateway.get(f"Goal/{path}/$lineage", who)) == _seen(
            gateway.get("Goal/none/$lineage", who)
        )


def test_a4_an_include_never_reaches_the_hidden_nor_another_person(gateway, world):
    """Row leak-03, of includes."""
    norma, bob = world.norma, world.bob
    put(gateway, bob, goal_row("g-bob", bob, "Bob's own goal"))
    put(gateway, norma, goal_row("g-shut", norma, "hidden words"), conf="V")
    put(gateway, norma, goal_row("g-open", norma, "open words"))
    plan = plan_row("p-x", norma, "g-open", "g-shut", "g-bob", "g-none")
    plan["contributor"] = [{"reference": f"Patient/{bob}", "display": "Bob PENDLETON"}]
    put(gateway, norma, plan)
    answer = gateway.get("CarePlan?_id=p-x&_include=CarePlan:goal", world.gp)
    shown, *included = resources(answer.json())
    assert [one["id"] for one in included] == ["g-open"]
    assert shown["goal"] == [{"reference": "Goal/g-open", "display": "a goal"}]
    assert "contributor" not in shown
    assert answer.json()["total"] == 1
    read = gateway.get("CarePlan/p-x", world.gp)
    assert read.json() == shown
    for words in ("g-shut", "g-bob", "g-none", "PENDLETON", bob, "hidden words"):
        assert words not in answer.text + read.text


@pytest.mark.changes_nothing
@pytest.mark.parametrize("query", ["", "_summary=count", "_total=accurate", "_count=0", "_count=1"])
def test_a6_totals_count_what_is_visible(gateway, world, query):
    """Row leak-02."""
    path = f"Goal?patient={world.alice}&{query}".rstrip("&")
    assert gateway.get(path, world.social_worker).json()["total"] == 3
    assert gateway.get(path, world.gp).json()["total"] == 5


@pytest.mark.changes_nothing
@pytest.mark.parametrize(
    "path", ["Goal?patient={}&_count=1", "Patient/{}/$everything?_count=2", "Patient?_count=1"]
)
def test_a7_a_page_token_serves_one_caller_and_one_search(gateway, world, path):
    """Also result-05, leak-06."""
    path = path.format(world.alice)
    (following,) = [
        link["url"]
        for link in gateway.get(path, world.social_worker).json()["link"]
        if link["relation"] == "next"
    ]
    assert gateway.get(following, world.social_worker).status_code == 200
    others = [
        world.gp,
        gateway.token("social-worker", "sw-2", COUNCIL),
        gateway.token("therapist", "sw-1", COUNCIL),
        gateway.token("social-worker", "sw-1", "XK2"),
        gateway.token("social-worker", "sw-1", COUNCIL, purpose="CAREMGT"),
    ]
    for who in others:
        assert is_outcome(gateway.get(following, who), 404, "not-found")
    edited = [
        following.replace("_count=", "_count=1"),
        re.sub(r"_page=(.)", lambda m: f"_page={'A' if m[1] != 'A' else 'B'}", following),
        following[:-2],
        following + "A",
        re.sub(r"_page=.*", "_page=", following),
        re.sub(r"_page=.*", "_page=%F0%9F", following),
    ]
    for one in edited:
        assert gateway.get(one, world.social_worker).status_code in (400, 404)


@pytest.mark.changes_nothing
def test_a7_a_page_token_is_for_the_person_it_was_given_about(gateway, world):
    """One user may ask for several people, as a carer does: in the same words, with each token."""
    of_norma, of_alice = (
        gateway.token("patient", "one-user", patient=one) for one in (world.norma, world.alice)
    )
    links = gateway.get("Goal?_count=1", of_norma).json()["link"]
    (following,) = [one["url"] for one in links if one["relation"] == "next"]
    assert gateway.get(following, of_norma).status_code == 200
    assert is_outcome(gateway.get(following, of_alice), 404, "not-found")


def test_a7_each_page_is_filtered_anew(gateway, world):
    path = f"Goal?patient={world.alice}&_count=1"
    following = gateway.get(path, world.social_worker).json()["link"][1]["url"]
    gateway.create(dissent(world.alice, **against(COUNCIL)), world.gp)
    assert gateway.get(following, world.social_worker).json()["total"] == 0


@pytest.mark.changes_nothing
@pytest.mark.parametrize("count", [1, 2])
def test_a8_pages_are_full_however_much_is_hidden_between(gateway, world, count):
    pages = gateway.walk(f"Goal?patient={world.alice}&_count={count}", world.social_worker)
    assert [len(page["entry"]) for page in pages] == ([1, 1, 1] if count == 1 else [2, 1])


QUERIES = ["_sort=name", "address=KT6", "_tag=x", "_security=PSY", "_profile=x", "phone=1"]


@pytest.mark.changes_nothing
@pytest.mark.parametrize("query", QUERIES)
def test_a9_a10_no_search_or_order_by_masked_elements_or_labels(gateway, world, query):
    for kind in ("Goal", "Patient"):
        assert is_outcome(gateway.get(f"{kind}?{query}", world.gp), 400, "invalid")


def test_a12_304_is_for_bytes_that_were_sent_whole(gateway, world):
    (goal, *_) = resources(gateway.get(f"Goal?patient={world.norma}", world.social_worker).json())
    path, held = f"Goal/{goal['id']}", world.social_worker | {"If-None-Match": 'W/"1"'}
    gateway.ask("HEAD", path, world.social_worker)
    gateway.get(f"{path}?_elements=id", world.social_worker)
    assert gateway.get(path, held).status_code == 200
    assert gateway.get(path, held).status_code == 304


@pytest.mark.changes_nothing
def test_a12_304_only_when_visible_and_whatever_is_hidden(gateway, world):
    """Row leak-05, of reads."""
    hidden, held = _hidden_goal(world), {"If-None-Match": 'W/"1"', "If-Match": 'W/"1"'}
    who = world.social_worker
    assert _seen(gateway.get(f"Goal/{hidden}", who | held)) == _seen(
        gateway.get("Goal/none", who | held)
    )
    (plan,) = world.of("CarePlan", world.alice, who)
    (whole,) = world.of("CarePlan", world.norma, who)
    for one in (plan, whole):
        assert gateway.get(f"CarePlan/{one['id']}", who).status_code == 200
        assert gateway.get(f"CarePlan/{one['id']}", who | held).status_code == 304
    for answer in (gateway.get(f"CarePlan/{whole['id']}", who), gateway.get("Goal/none", who)):
        assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.changes_nothing
def test_a13_a24_answers_repeat_no_query_and_name_no_hidden_thing(gateway, world):
    marker = "Qzzmarker"
    for path in (f"Goal?category={marker}", f"Goal/{marker}", f"Goal?{marker}*=1"):
        answer = gateway.get(path, world.gp)
        body = answer.text.replace(answer.json().get("link", [{}])[0].get("url", "-"), "")
        assert marker not in body


@pytest.mark.changes_nothing
def test_a14_everything_is_filtered_and_export_is_not_for_staff(gateway, world):
    """Row leak-03, of `$everything`."""
    answer = gateway.get(f"Patient/{world.alice}/$everything", world.social_worker)
    kinds = [reference.partition("/")[0] for reference in references(answer.json())]
    assert kinds.count("Goal") == 3
    assert answer.json()["total"] == len(kinds)
    for words in HIDDEN_WORDS:
        assert words not in answer.text
    for path in ("$export", "Patient/$export", "Group/1/$export"):
        assert gateway.get(path, world.gp).status_code == 403
    assert gateway.get(f"Patient/{world.alice}/$export", world.gp).status_code == 404


def test_a16_a17_a_reference_goes_whole_and_a_narrative_with_it(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-shut", norma, "hidden"), conf="V")
    put(gateway, norma, goal_row("g-open", norma, "open"))
    plan = plan_row("p-y", norma, "g-open", "g-shut")
    plan |= {
        "text": {"status": "generated", "div": "<div>g-shut hidden</div>"},
        "activity": [
            {"reference": {"reference": "Goal/g-shut", "display": "SECRET"}},
            {"detail": {"status": "scheduled", "goal": [{"reference": "Goal/g-shut"}]}},
        ],
        "addresses": [{"reference": "Condition/c-none", "identifier": {"value": "SECRET"}}],
    }
    put(gateway, norma, plan)
    shown = gateway.get("CarePlan/p-y", world.gp).json()
    assert shown["goal"] == [{"reference": "Goal/g-open", "display": "a goal"}]
    assert shown["activity"] == [{"detail": {"status": "scheduled"}}]
    assert not {"addresses", "text"} & set(shown)


def _provenance(name, *targets):
    return {
        "resourceType": "Provenance",
        "id": name,
        "target": [{"reference": target} for target in targets],
        "recorded": "2026-11-01T10:00:00Z",
        "agent": [{"who": {"display": "Priya Nair"}}],
    }


def test_a20_provenance_follows_all_its_targets(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-shut", norma, "hidden"), conf="V")
    put(gateway, norma, goal_row("g-open", norma, "open"))
    for name, targets in (
        ("v-open", ["Goal/g-open"]),
        ("v-mixed", ["Goal/g-open", "Goal/g-shut"]),
        ("v-shut", ["Goal/g-shut"]),
        ("v-none", ["Goal/none"]),
    ):
        put(gateway, norma, _provenance(name, *targets), category="provenance")
    everything = gateway.get(f"Patient/{norma}/$everything?_type=Provenance", world.gp).json()
    assert "v-open" in str(references(everything))
    for name in ("v-mixed", "v-shut", "v-none"):
        assert name not in str(references(everything))
        for path in (name, f"{name}/_history", f"{name}/_history/1", f"{name}/$lineage"):
            assert _seen(gateway.get(f"Provenance/{path}", world.gp)) == _seen(
                gateway.get("Provenance/none", world.gp)
            )
    assert gateway.get("Provenance/v-open", world.gp).status_code == 200


_CLOSE = "UPDATE resource SET confidentiality = 3 WHERE resource_id = $1"


def test_a20_a_consent_about_hidden_data_keeps_its_meaning_and_hides_the_id(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-shut", norma, "hidden"))
    data = [{"meaning": "instance", "reference": {"reference": "Goal/g-shut", "display": "X"}}]
    made = gateway.create(dissent(norma, data=data), world.gp)
    assert made.status_code == 201, made.text
    gateway.write(lambda conn: conn.execute(_CLOSE, ("g-shut",)))
    shown = gateway.get(f"Consent/{made.json()['id']}", world.gp)
    assert shown.json()["provision"]["data"] == [
        {"meaning": "instance", "reference": {"display": "Not part of this view"}}
    ]
    assert "g-shut" not in shown.text


def test_a21_rights_are_of_the_surviving_person_and_an_old_id_says_where_to_look(gateway, world):
    """D4: an old id answers a Patient that names the survivor, to those who see the survivor."""
    survivor = world.norma
    sources = gateway.get(f"Patient/{survivor}/$everything?_type=Patient", world.gp)
    assert sources.json()["total"] == 1

    async def others():
        async with gateway.site.store.engine.reading() as conn:
            rows = await conn.fetch(
                "SELECT patient_id FROM source_record WHERE person_id = $1 AND patient_id <> $1",
                (survivor,),
            )
        return [row[0] for row in rows]

    (old,) = gateway.run(others())
    read = gateway.get(f"Patient/{old}", world.gp)
    assert read.json()["active"] is False
    assert read.json()["link"] == [
        {"other": {"reference": f"Patient/{survivor}"}, "type": "replaced-by"}
    ]
    assert "name" not in read.json()
    assert read.headers["etag"] == f'W/"{read.json()["meta"]["versionId"]}"'
    assert _seen(gateway.get(f"Patient/{old}", world.stranger)) == _seen(
        gateway.get("Patient/none", world.stranger)
    )
    for path in ("Goal?patient={}", "Patient/{}/$everything"):
        new, former = (gateway.get(path.format(one), world.gp).json() for one in (survivor, old))
        assert new["entry"] == former["entry"]
    whole = gateway.get(f"Patient/{survivor}/$everything", world.gp).text
    assert old not in whole
    herself = gateway.token("patient", "norma", patient=old)
    assert gateway.get("Goal", herself).json()["total"] == 2
    gateway.create(dissent(old, **against(COUNCIL)), world.gp)
    assert is_outcome(gateway.get(f"Patient/{survivor}", world.social_worker), 404)
    assert is_outcome(gateway.get(f"Patient/{old}", world.social_worker), 404)


@pytest.mark.changes_nothing
def test_d4_an_unlinked_record_is_seen_by_its_own_source_alone(gateway, world):
    council = resources(gateway.get("Patient", world.social_worker).json())
    (olive,) = [one for one in council if one["name"][0]["family"] == "GREENFIELD"]
    path = f"Patient/{olive['id']}/$everything"
    assert gateway.get(path, world.social_worker).json()["total"] == 3
    for who in (world.gp, world.other_gp, world.doctor, world.stranger):
        assert is_outcome(gateway.get(path, who), 404)
        found = gateway.search("Patient", who, identifier=f"{NHS}|9999999999")
        assert found.json()["total"] == 0


def test_a22_a_number_known_here_and_one_unknown_answer_alike(gateway, world):
    answers = [
        gateway.search("Patient", world.stranger, identifier=f"{NHS}|{number}")
        for number in (NORMA["nhs_number"], ALICE["nhs_number"], BOB["nhs_number"], "9990000743")
    ]
    assert {_seen(answer)[:2] for answer in answers} == {(200, answers[0].content)}
    entries = gateway.entries()[-4:]
    assert [entry.outcome for entry in entries] == ["refused"] * 4
    assert all(entry.sensitive == entries[0].sensitive for entry in entries), "sealed"


def test_a25_a_change_holds_from_the_next_request(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-turn", norma, "words"))
    path = "Goal/g-turn"
    assert gateway.get(path, world.gp).status_code == 200
    put(gateway, norma, goal_row("g-turn", norma, "words"), version=2, conf="V")
    assert is_outcome(gateway.get(path, world.gp), 404)
    put(gateway, norma, goal_row("g-turn", norma, "words"), version=3)
    assert gateway.get(path, world.gp).status_code == 200
    assert is_outcome(gateway.get(path, gateway.token("gp", "gp-1", "H85009")), 404)
    gateway.create(dissent(norma), world.gp)
    assert is_outcome(gateway.get(path, world.gp), 404)


LABELS = [
    ({"conf": ""}, False),
    ({"conf": "N"}, True),
    ({"conf": "R"}, True),
    ({"conf": "V"}, False),
    ({"conf": "X"}, False),
    ({"sens": "PSY"}, True),
    ({"sens": "HIV"}, False),
    ({"sens": "PSY HIV"}, False),
    ({"sens": "NOVEL"}, False),
    ({"legal": "GRA"}, False),
    ({"legal": "SEALED"}, False),
    ({"hold": "NOPAT"}, True),
    ({"category": "safeguarding"}, False),
    ({"category": "novel"}, False),
    ({"category": ""}, False),
    ({"category": "care-plan team"}, False),
]


@pytest.mark.parametrize(("codes", "shown"), LABELS)
def test_a40_labels_missing_unknown_or_several(gateway, world, codes, shown):
    norma = world.norma
    put(gateway, norma, goal_row("g-label", norma, "words"), **codes)
    visible = gateway.get("Goal/g-label", world.gp).status_code == 200
    found = gateway.get("Goal?_id=g-label", world.gp).json()["total"]
    if codes.get("conf") == "":
        shown = True  # R and PENDING: held back from the person, shown to clinicians
        herself = gateway.token("patient", "norma", patient=norma)
        assert is_outcome(gateway.get("Goal/g-label", herself), 404)
    assert (visible, bool(found)) == (shown, shown)


def test_a40_an_undated_item_is_hidden_by_a_deny_of_any_period(gateway, world):
    norma = world.norma
    put(gateway, norma, goal_row("g-undated", norma, "words"))
    period = {"start": "2019-02-01", "end": "2019-03-01"}
    put(gateway, norma, plan_row("p-2019", norma, period=period))
    period = {"start": "2022-01-01", "end": "2022-12-31"}
    gateway.create(dissent(norma, dataPeriod=period), world.gp)
    assert is_outcome(gateway.get("Goal/g-undated", world.gp), 404)
    assert gateway.get("CarePlan/p-2019", world.gp).status_code == 200


@pytest.mark.parametrize("hold", ["NOPAT", "THIRDPARTY", "SAFEG", "SERIOUSHARM", "PENDING"])
def test_a38_holds_stand_between_an_item_and_the_person(start, hold):
    gateway = start()
    world = World(gateway)
    norma = world.norma
    put(gateway, norma, goal_row("g-held", norma, "words"), hold=hold)
    herself = gateway.token("patient", "norma", patient=norma)
    assert is_outcome(gateway.get("Goal/g-held", herself), 404)
    assert gateway.get("Goal/g-held", world.gp).status_code == 200


@pytest.mark.parametrize("level", ["R", "V"])
def test_a17_an_instruction_stays_for_direct_care_without_its_reason(gateway, world, level):
    """The safety set: what is to be done is shown, why and under which label is not."""
    person = world.alice
    allergy = {
        "resourceType": "AllergyIntolerance",
        "id": "a-1",
        "code": {"text": "Abacavir"},
        "patient": {"reference": f"Patient/{person}"},
        "reaction": [{"manifestation": [{"text": "the canary reaction"}]}],
        "note": [{"text": "the canary note"}],
    }
    put(gateway, person, allergy, conf=level, category="safety", sens="HIV SDV")
    put(gateway, person, goal_row("g-hiv", person, "canary goal"), conf=level, sens="HIV")
    everything = f"Patient/{person}/$everything?_count=500"
    for path in ("AllergyIntolerance/a-1", "AllergyIntolerance/a-1/_history/1", everything):
        answer = gateway.get(path, world.social_worker)
        assert answer.status_code == 200
        assert "Abacavir" in answer.text
        for word in ("canary", "HIV", "SDV"):
            assert word not in answer.text, (path, word)
    read = gateway.get("AllergyIntolerance/a-1", world.social_worker).json()
    assert [one["code"] for one in read["meta"]["security"]] == ["safety"]
    assert is_outcome(gateway.get("Goal/g-hiv", world.social_worker), 404)
    own = gateway.token("gp", "gp-9", "RQY")
    put_on_caseload(gateway, person, "RQY")
    assert "canary note" in gateway.get("AllergyIntolerance/a-1", own).text
    desk = gateway.token("receptionist", "r-1", PRACTICE)
    assert is_outcome(gateway.get("AllergyIntolerance/a-1", desk), 404)


def test_a17_an_instruction_under_a_label_that_nobody_can_read_stays_hidden(gateway, world):
    person = world.alice
    flag = {
        "resourceType": "Flag",
        "id": "f-1",
        "status": "active",
        "code": {"text": "canary"},
        "subject": {"reference": f"Patient/{person}"},
    }
    put(gateway, person, flag, category="safety", sens="SOMETHING-NEW")
    assert is_outcome(gateway.get("Flag/f-1", world.social_worker), 404)

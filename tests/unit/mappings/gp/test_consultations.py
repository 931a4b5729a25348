"""Consultations, reports and the warnings of lists: what a reader sees."""

import itertools

from tests.unit.mappings.gp.bundles import (
    GPC,
    PATIENT,
    UK,
    bundle,
    issues,
    mapped,
    observation,
    of_type,
    problem,
    read,
)

CODES = {"consultation": "325851000000107", "topic": "25851000000105", "heading": "24781000000107"}
SEEN = {"resourceType": "Encounter", "id": "e", "status": "finished"}


def group(kind, id_, *held, **more):
    made = {
        "resourceType": "List",
        "id": id_,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": CODES[kind]}]},
        "encounter": {"reference": "Encounter/e"},
        "entry": [{"item": {"reference": one}} for one in held],
    }
    return made | more


def about(reference):
    target = {"url": "target", "valueReference": {"reference": reference}}
    return {"url": f"{UK}RelatedProblemHeader-1", "extension": [{"url": "type"}, target]}


def test_a_consultation_holds_what_its_topics_and_headings_hold_in_order():
    outcome = mapped(
        SEEN,
        *(observation(id_, "1") for id_ in "abc"),
        group("consultation", "l", "List/t", "List/u", "Observation/c", title="Surgery"),
        group("topic", "t", "List/h", title=" Asthma "),
        group("heading", "h", "Observation/a", title="History"),
        group("topic", "u", "Observation/b", "List/l", title="Untitled"),
    )
    (made,) = of_type(outcome, "List")
    assert (made["title"], made["status"], made["mode"]) == ("Surgery", "current", "snapshot")
    assert made["encounter"] == {"reference": "urn:source:Encounter:Encounter/e"}
    flags = [one.get("flag", {}).get("text") for one in made["entry"]]
    items = [one["item"]["reference"][-1] for one in made["entry"]]
    assert list(zip(items, flags, strict=True)) == [
        ("a", "Asthma: History"),
        ("b", None),
        ("c", None),
    ]


def test_what_cannot_be_kept_leaves_with_a_warning_and_an_empty_one_is_not_made():
    medicine = {"resourceType": "MedicationRequest", "id": "m"}
    outcome = mapped(
        SEEN,
        medicine,
        observation("a", "1"),
        group("consultation", "l", "Observation/gone", "MedicationRequest/m", "Observation/a"),
        group("consultation", "k", "MedicationRequest/m"),
        group("consultation", "j", "List/odd"),
        group("heading", "odd", "Observation/a", title=["not", "a", "title"]),
        {**group("consultation", "i", "Observation/a"), "id": None},
        group("consultation", "n", "Observation/a", entry="none"),
    )
    assert [len(one["entry"]) for one in of_type(outcome, "List")] == [1]
    assert issues(outcome, "dangling-reference") == [("warning", "List[0].entry[0].item")]


def test_an_encounter_names_the_problems_its_topics_are_about():
    topic = group("topic", "t", extension=[{"url": "other"}, about("Condition/p")])
    again = group("topic", "u", extension=[about("Condition/p")])
    lost = group("topic", "v", extension=[about("Condition/gone"), {"url": f"{UK}x"}])
    homeless = group("topic", "w", extension=[about("Condition/p")], encounter=None)
    outcome = mapped(SEEN, problem("p"), topic, again, lost, homeless)
    (made,) = of_type(outcome, "Encounter")
    assert made["diagnosis"] == [{"condition": {"reference": "urn:source:Condition:Condition/p"}}]
    assert issues(outcome, "dangling-reference") == [("warning", "List[2].extension[0]")]


def test_the_words_of_a_topic_are_as_sensitive_as_its_problem():
    hiv = {"coding": [{"system": "http://snomed.info/sct", "code": "62479008"}]}
    nopat = {"security": [{"system": "http://hl7.org/fhir/v3/ActCode", "code": "NOPAT"}]}
    outcome = mapped(
        SEEN,
        problem("p", code=hiv),
        observation("a", "1"),
        group("consultation", "l", "List/t"),
        group("topic", "t", "List/h", title="A word", extension=[about("Condition/p")]),
        group("heading", "h", "Observation/a", title="History", meta=nopat),
        group("consultation", "k", "Observation/a"),
    )
    held, free = of_type(outcome, "List")
    codes = [{one["code"] for one in made["meta"]["security"]} for made in (held, free)]
    assert codes[0] >= {"R", "HIV", "NOPAT"}
    assert not codes[1] & {"R", "HIV", "NOPAT"}


def test_a_report_names_its_results_whatever_their_order_in_the_bundle():
    held = [
        {
            "resourceType": "DiagnosticReport",
            "id": "r",
            "status": "final",
            "code": {"text": "Blood count"},
            "category": {
                "coding": [{"system": "http://hl7.org/fhir/v2/0074", "code": "HM"}, {"code": "x"}]
            },
            "result": [{"reference": "Observation/a"}, {"reference": "Observation/b"}],
        },
        observation(
            "a", "1", related=[{"type": "has-member", "target": {"reference": "Observation/b"}}]
        ),
        observation("b", "2"),
    ]
    made = set()
    for order in itertools.permutations(held):
        outcome = mapped(*order)
        made.add(str(sorted((one.type, one.key, str(one.resource)) for one in outcome.resources)))
        (report,) = of_type(outcome, "DiagnosticReport")
        assert len(report["result"]) == 2
        assert report["category"][0]["coding"][0]["system"].endswith("v2-0074")
    assert len(made) == 1


def test_a_warning_reaches_every_reader_and_a_confidential_one_not_the_person():
    def warned(*words):
        url = f"{GPC}ListWarningCode-1"
        return {
            "resourceType": "List",
            "extension": [{"url": url, "valueCode": word} for word in words],
        }

    outcome = mapped(warned("confidential-items", "data-awaiting-filing", "unheard-of"))
    flags = {one["code"]["text"]: one for one in of_type(outcome, "Flag")}
    assert len(flags) == 3
    held = {
        word: "NOPAT" in {c["code"] for c in one["meta"]["security"]} for word, one in flags.items()
    }
    assert held == {"confidential-items": True, "data-awaiting-filing": False, "unheard-of": False}
    display = flags["data-awaiting-filing"]["code"]["coding"][0]["display"]
    assert display == "the practice has results that are not filed yet"
    assert "period" not in flags["unheard-of"]


def test_a_warning_says_since_when():
    url = f"{GPC}ListWarningCode-1"
    sent = {"resourceType": "List", "extension": [{"url": url, "valueCode": "data-in-transit"}]}
    outcome = mapped(sent, meta={"lastUpdated": "2026-05-01T08:00:00Z"})
    (flag,) = of_type(outcome, "Flag")
    assert flag["period"] == {"start": "2026-05-01"}


def test_a_bundle_without_a_patient_says_what_would_mend_it():
    (item,) = read(bundle(observation("a", "1"), person=None))
    (found,) = item.issues
    assert (found.path, found.code) == ("Patient", "names-nobody")
    assert "with the Patient" in found.text
    assert PATIENT["id"] not in found.text


def test_answers_are_kept_whole_and_questions_known_by_their_place():
    gone = {"valueReference": {"reference": "Observation/gone"}}
    form = {
        "resourceType": "QuestionnaireResponse",
        "id": "f",
        "status": "completed",
        "item": [
            {"text": "A", "answer": [{"valueQuantity": {"value": 7, "code": "kg"}}, gone]},
            {"linkId": "b", "item": [{"text": "B", "answer": [{"item": [{"text": "C"}]}]}]},
        ],
    }
    outcome = mapped(form)
    (made,) = of_type(outcome, "QuestionnaireResponse")
    first, second = made["item"]
    assert first["linkId"] == "1"
    assert first["answer"] == [{"valueQuantity": {"value": 7, "unit": "kg"}}]
    assert second["item"][0]["linkId"] == "2.1"
    assert second["item"][0]["answer"][0]["item"] == [{"linkId": "2.1.1", "text": "C"}]
    assert issues(outcome, "repaired") == [("warning", "QuestionnaireResponse[0].item")]
    assert issues(outcome, "dangling-reference") == [
        ("warning", "QuestionnaireResponse[0].item[0].answer[1].valueReference")
    ]
    (kept,) = read(bundle({**form, "item": [{"linkId": "a"}]}))
    assert kept.issues == ()

"""Documents with a header of their own: MDM."""

import base64

import pytest

from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    segment,
    state,
)

PDF = base64.b64encode(b"%PDF-1.4 invented").decode()


def txa(**more):
    fields = {2: "DS", 4: "20261004090000", 6: "20261004101500", 12: "DOC-1^EPR", 17: "AU"}
    return segment("TXA", fields | {19: "AV"}, **more)


def part(value="Weigh daily.", kind="TX", what="PLAN^Plan^L", **more):
    return segment("OBX", {2: kind, 3: what, 5: value, 11: "F"}, **more)


def sent(*segments, trigger="T02", **more):
    return outcome(header(f"MDM^{trigger}", **more), person(), *segments)


def contents(result):
    return [one["attachment"] for one in only(result, "DocumentReference")["content"]]


def text_of(attachment):
    assert attachment["contentType"] == "text/plain; charset=utf-8"
    return base64.b64decode(attachment["data"]).decode()


def test_lines_are_one_text_and_documents_follow():
    result = sent(
        txa(), part("First."), part("Sécond."), part(f"X^application^pdf^Base64^{PDF}", "ED")
    )
    text, document = contents(result)
    assert text_of(text) == "First.\nSécond."
    assert text["title"] == "Plan"
    assert document["data"] == PDF


def test_lines_under_several_headings_bear_them():
    result = sent(txa(), part("A", what="D^Diagnosis^L"), part("82", "NM", "W^Weight^L", f6="kg"))
    (text,) = contents(result)
    assert text_of(text) == "Diagnosis: A\nWeight: 82 kg"
    (text,) = contents(sent(txa(), part("A", what=""), part("B")))
    assert text_of(text) == "A\nPlan: B"
    assert "title" not in text


def test_a_message_without_content_leaves_the_content_as_it_is():
    first = sent(txa(f17="IP"), part(), at="20261004090000")
    later = sent(txa(f17="LA"), trigger="T03", at="20261004100000")
    assert contents(later) == [{"title": "Sent without its content"}]
    folded = state([first, later], "DocumentReference")
    assert folded["docStatus"] == "final"
    assert text_of(folded["content"][0]["attachment"]) == "Weigh daily."


@pytest.mark.parametrize(
    ("trigger", "availability", "status"),
    [
        ("T02", "AV", "current"),
        ("T02", "", "current"),
        ("T04", "OB", "superseded"),
        ("T04", "CA", "entered-in-error"),
        ("T11", "AV", "entered-in-error"),
    ],
)
def test_how_a_document_stands(trigger, availability, status):
    result = sent(txa(f19=availability), trigger=trigger)
    assert only(result, "DocumentReference")["status"] == status


def test_an_availability_that_is_not_known_is_never_guessed():
    assert sent(txa(f19="??")).quarantined


def test_a_document_that_takes_the_place_of_another():
    first = sent(txa(), part(), at="20261004090000")
    later = sent(txa(f12="DOC-2^EPR", f13="DOC-1^EPR"), trigger="T10", at="20261004100000")
    new, old = made(later, "DocumentReference")
    assert new.alone()["relatesTo"][0]["code"] == "replaces"
    assert new.alone()["relatesTo"][0]["target"]["reference"].endswith(old.key)
    assert old.key == made(first, "DocumentReference")[0].key
    assert old.alone()["status"] == "superseded"


def test_an_addendum_adds_to_a_document_and_leaves_it_be():
    result = sent(txa(f12="DOC-2^EPR", f13="DOC-1^EPR"), trigger="T06")
    assert only(result, "DocumentReference")["relatesTo"][0]["code"] == "appends"
    result = sent(txa(f13="DOC-0^EPR"), trigger="T08")
    assert "relatesTo" not in only(result, "DocumentReference")
    result = sent(txa(), trigger="T10")
    assert "relatesTo" not in only(result, "DocumentReference")


@pytest.mark.parametrize("kind", ["PC", "ph"])
def test_a_psychiatric_document_is_labelled_as_such(kind):
    security = only(sent(txa(f2=kind)), "DocumentReference")["meta"]["security"]
    assert {"PSY", "R"} <= {coding["code"] for coding in security}


@pytest.mark.parametrize(("said", "level"), [("V", "V"), ("R", "R"), ("U", "N"), ("odd", "R")])
def test_the_confidentiality_of_a_document(said, level):
    security = only(sent(txa(f18=said)), "DocumentReference")["meta"]["security"]
    assert security[0]["code"] == level


def test_a_plan_of_care_stands_on_the_plan():
    for header_type, name in (("18776-5^Plan of care^LN", "X"), ("DS", "736373009^Plan^SCT")):
        result = sent(txa(f2=header_type), part(what=name))
        (info,) = only(result, "CarePlan")["supportingInfo"]
        key = made(result, "DocumentReference")[0].key
        assert info["reference"] == f"urn:source:DocumentReference:{key}"
    assert made(sent(txa(), part()), "CarePlan") == []


def test_the_type_is_of_the_table_or_the_senders_own():
    assert only(sent(txa()), "DocumentReference")["type"]["coding"][0]["code"] == "DS"
    own = only(sent(txa(f2="18842-5^Discharge summary^LN")), "DocumentReference")["type"]
    assert own["coding"][0]["system"] == "http://loinc.org"
    result = sent(txa(f2="ZZ"))
    assert ("TXA[1]-2", "unmapped-code") in codes_of(result)
    assert only(result, "DocumentReference")["type"] == {"text": "ZZ"}
    own = sent(txa(f2="OV^Outpatient visit note"))
    assert ("TXA[1]-2", "unmapped-code") in codes_of(own)
    assert only(own, "DocumentReference")["type"] == {"text": "Outpatient visit note"}
    assert "type" not in only(sent(txa(f2="")), "DocumentReference")


def test_who_wrote_it_and_when():
    held = only(sent(txa(f5="C9990001^Rahman^Leila", f6="", f7="20261004")), "DocumentReference")
    assert held["author"][0]["display"] == "Leila Rahman"
    assert held["date"] == "2026-10-04T09:00:00+01:00"
    held = only(sent(txa(f4="", f6="", f9='""~^Iqbal^Sana')), "DocumentReference")
    assert [one["display"] for one in held["author"]] == ["Sana Iqbal"]
    assert "date" not in held


def test_notes_of_the_parts_describe_it():
    notes = [segment("NTE", {3: "Copied."}), segment("NTE", {1: "2"}), segment("NTE", {3: "Sent."})]
    result = sent(txa(), part(), *notes)
    assert only(result, "DocumentReference")["description"] == "Copied.\nSent."


def test_a_document_without_a_number_is_known_by_its_content_or_its_header():
    def key(*segments):
        return made(sent(*segments), "DocumentReference")[0].key

    bare = txa(f12="")
    assert key(bare, part()) == key(bare, part())
    assert key(bare, part()) != key(bare, part("Other words."))
    assert key(bare) != key(txa(f12="", f2="OP"))


def test_without_a_header_nothing_says_what_it_is():
    result = sent(part())
    assert result.quarantined
    assert codes_of(result) == {("TXA", "missing")}


def test_a_part_that_is_no_text_is_reported():
    result = sent(txa(), part("1.2.3", "HD"), part("", "HD"))
    assert codes_of(result) == {("OBX[1]-5", "value-not-mapped")}


def test_a_document_that_cannot_be_read_is_reported_and_the_rest_taken():
    result = sent(txa(), part(), part("X^application^pdf^Base64^JVBERi0x...", "ED"))
    assert codes_of(result) == {("OBX[2]-5", "unreadable-document")}
    assert len(contents(result)) == 1


@pytest.mark.parametrize("order", [(), (segment("ORC", _1="SC"),)], ids=["alone", "under ORC"])
def test_notes_of_what_the_document_tells_of_come_before_those_of_its_parts(order):
    none, some = segment("NTE", _3="No antibodies."), segment("NTE", _3="Copied.")
    result = sent(*order, segment("OBR", _4="X^Echo"), none, txa(), part(), some)
    assert only(result, "DocumentReference")["description"] == "No antibodies.\nCopied."
    (mapped,) = made(result, "DocumentReference")
    (line,) = [one for one in mapped.lineage if one.path == "description"]
    assert line.source.endswith("OBR[1].NTE[1]-3")

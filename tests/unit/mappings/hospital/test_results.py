"""Results: reports, observations, lines of text, documents inside a message."""

import base64
import hashlib

import pytest

from tests.unit.mappings.hospital.messages import (
    codes_of,
    header,
    made,
    only,
    outcome,
    person,
    state,
)
from tests.unit.mappings.hospital.messages import segment as seg

PDF = base64.b64encode(b"%PDF-1.4 invented").decode()
PLAIN = base64.b64encode(b"plain words").decode()


def report(**more):
    fields = {2: "7201^EPR", 3: "26H1^LIMS", 4: "FBC^Blood count^L", 7: "20261003070000"}
    return seg("OBR", fields | {25: "F"}, **more)


def result(value="112", kind="NM", what="HB^Haemoglobin^L", **more):
    return seg("OBX", {1: "1", 2: kind, 3: what, 5: value, 11: "F"}, **more)


def sent(*segments, **more):
    return outcome(header("ORU^R01", **more), person(), *segments)


def test_a_report_holds_its_results_in_order():
    come = sent(report(), result(), result(what="WCC^White cells^L"))
    named = [one["reference"] for one in only(come, "DiagnosticReport")["result"]]
    assert named == [f"urn:source:Observation:{one.key}" for one in made(come, "Observation")]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("F", "final"),
        ("C", "corrected"),
        ("X", "cancelled"),
        ("", "unknown"),
        ("AU", "final"),
    ],
)
def test_how_a_report_and_its_results_stand(code, status):
    come = sent(report(f25=code), result(f11=code))
    assert only(come, "DiagnosticReport")["status"] == status
    assert only(come, "Observation")["status"] == status


def test_a_state_that_is_not_known_is_never_guessed():
    assert sent(report(f25="Q")).quarantined
    assert sent(report(), result(f11="Q")).quarantined


def test_a_correction_takes_the_place_of_what_it_corrects():
    first = sent(report(), result(), at="20261003090000")
    later = sent(
        report(f25="C"), result("9", what="X^X^L"), result("121", f11="C"), at="20261003100000"
    )
    keys = {one.key for one in made(first, "Observation")}
    assert keys < {one.key for one in made(later, "Observation")}
    folded = state([first, later], "DiagnosticReport")
    assert (folded["status"], len(folded["result"])) == ("corrected", 2)


def test_lines_of_text_under_one_name_are_one_result():
    lines = [result(line, "TX", "&GDT", f4="1") for line in ("First.", "", "Second.")]
    (one,) = made(sent(report(), *lines), "Observation")
    assert one.alone()["valueString"] == "First.\nSecond."
    assert one.alone()["code"] == {"text": "Description"}


def test_numbers_under_one_name_stay_apart():
    come = sent(report(), result("1"), result("2"), result("words", "ST"))
    assert [one.key.rpartition("|")[2] for one in made(come, "Observation")] == ["", "2", "3"]


def test_reports_of_one_number_and_name_stay_apart():
    come = sent(report(), result(), report(), result("9"))
    assert len(made(come, "DiagnosticReport")) == 2
    assert len({one.key for one in made(come, "Observation")}) == 2


def test_a_result_of_no_report_is_known_by_its_time():
    come = sent(result(f14="20261003070000"))
    assert made(come, "Observation")[0].key == "RAX:5500123|20261003070000|result|HB|"
    assert made(come, "DiagnosticReport") == []


def test_the_department_of_the_report_is_the_category_of_its_results():
    come = sent(report(f24="CT"), result())
    assert only(come, "Observation")["category"][0]["coding"][0]["code"] == "imaging"
    assert "category" not in only(sent(report(f24="??"), result()), "Observation")


def test_when_a_result_is_of():
    come = sent(report(), result(), result(what="X^X^L", f14="20261003080000"))
    times = [one.alone()["effectiveDateTime"] for one in made(come, "Observation")]
    assert times == ["2026-10-03T07:00:00+01:00", "2026-10-03T08:00:00+01:00"]
    assert "effectiveDateTime" not in only(sent(report(f7=""), result()), "Observation")


def test_the_specimen_is_of_its_segment_else_of_the_report():
    come = sent(report(f15="EDTA&Blood (EDTA)"), seg("SPM", {4: "SER^Serum"}))
    assert only(come, "DiagnosticReport")["specimen"] == [{"display": "Serum"}]
    come = sent(report(f15="EDTA&Blood (EDTA)"))
    assert only(come, "DiagnosticReport")["specimen"] == [{"display": "Blood (EDTA)"}]
    assert "specimen" not in only(sent(report(f15="&")), "DiagnosticReport")
    come = sent(report(), seg("SPM", {1: "1"}))
    assert "specimen" not in only(come, "DiagnosticReport")


@pytest.mark.parametrize("field", ["P-1&Okoye&Ngozi", "P-1^Okoye^Ngozi"])
def test_who_stands_for_a_result(field):
    (who,) = only(sent(report(f32=field)), "DiagnosticReport")["resultsInterpreter"]
    assert who["display"] == "Ngozi Okoye"


@pytest.mark.parametrize("field", ['""', "~", "^"])
def test_nobody_stands_for_a_result_that_names_nobody(field):
    assert "resultsInterpreter" not in only(sent(report(f32=field)), "DiagnosticReport")


def test_notes_of_a_report_are_its_conclusion():
    come = sent(report(), seg("NTE", {1: "1"}), seg("NTE", {3: "Late."}), seg("NTE", {3: "Old."}))
    assert only(come, "DiagnosticReport")["conclusion"] == "Late.\nOld."


def test_a_value_that_cannot_be_kept_is_reported():
    come = sent(report(), result("https://x^image", "RP"), result("20261399", "DT"))
    assert ("OBR[1].OBX[1]-5", "value-not-mapped") in codes_of(come)
    assert ("OBR[1].OBX[2]-5", "invalid-date") in codes_of(come)
    assert len(made(come, "Observation")) == 1 + 1


def document(data=PDF, kind="pdf", encoding="Base64", **more):
    return result(f"LIMS^application^{kind}^{encoding}^{data}", "ED", "L1^Letter^L", **more)


def attachment(come):
    return only(come, "DocumentReference")["content"][0]["attachment"]


def test_a_document_in_a_report_is_kept_with_its_hash():
    come = sent(report(), document(f14="20261003101500"))
    held = only(come, "DocumentReference")
    digest = hashlib.sha1(b"%PDF-1.4 invented", usedforsecurity=False).digest()
    assert attachment(come) == {
        "contentType": "application/pdf",
        "data": PDF,
        "size": 17,
        "hash": base64.b64encode(digest).decode(),
    }
    assert held["date"] == "2026-10-03T10:15:00+01:00"
    assert held["context"]["related"][0]["reference"].startswith("urn:source:DiagnosticReport:")
    assert made(come, "Observation") == []


def test_the_same_bytes_are_one_document_however_they_are_sent():
    hexed = base64.b64decode(PDF).hex()
    folded = f"{PDF[:10]}\\.br\\{PDF[10:]}"
    come = sent(report(), document(), document(folded), document(hexed, encoding="Hex"))
    assert len(made(come, "DocumentReference")) == 1
    again = sent(report(f3="26H2"), document())
    assert made(come, "DocumentReference")[0].key == made(again, "DocumentReference")[0].key


@pytest.mark.parametrize("type_", ["CE", "ST", "TX", ""])
def test_bytes_are_a_document_whatever_type_the_value_is_said_to_be(type_):
    come = sent(report(), result(f"^LIMS^application/pdf^Base64^{PDF}", type_))
    assert attachment(come)["data"] == PDF
    assert made(come, "Observation") == []
    plain = sent(report(), result("A^B^C^Base64^", type_ or "TX"))
    assert made(plain, "DocumentReference") == []


def test_a_mime_part_over_several_lines_is_one_document():
    lines = ["Content-Type: text/plain; name=x.pdf", "Content-transfer-encoding: base64", ""]
    parts = [result(line, "ED", "", f4="1") for line in (*lines, PDF[:8], PDF[8:])]
    other = result(PLAIN, "ED", "", f4="2")
    come = sent(report(), *parts, other, result())
    kinds = [one.alone()["content"][0]["attachment"] for one in made(come, "DocumentReference")]
    assert [one["contentType"] for one in kinds] == ["application/pdf", "application/octet-stream"]
    assert kinds[0]["data"] == PDF


@pytest.mark.parametrize(
    ("data", "kind", "media", "code"),
    [
        (PDF, "Octet-stream", "application/pdf", None),
        (PLAIN, "pdf", "application/octet-stream", "not-what-it-says"),
        (PLAIN, "PLAIN", "text/plain", None),
        (PLAIN, "strange", "application/octet-stream", None),
        ("JVBERi0x...", "pdf", None, "unreadable-document"),
        ("", "pdf", None, "empty-document"),
        ('""', "pdf", None, "empty-document"),
    ],
)
def test_what_is_made_of_a_document(data, kind, media, code):
    come = sent(report(), document(data, kind))
    assert codes_of(come) == ({("OBR[1].OBX[1]-5", code)} if code else set())
    kept = made(come, "DocumentReference")
    assert [one.alone()["content"][0]["attachment"]["contentType"] for one in kept] == (
        [media] if media else []
    )


def test_a_document_whose_field_is_cut_short_is_empty():
    come = sent(report(), result("LIMS^application", "ED"))
    assert codes_of(come) == {("OBR[1].OBX[1]-5", "empty-document")}


def test_a_document_that_was_taken_back_says_so():
    assert only(sent(report(), document(f11="W")), "DocumentReference")["status"] == (
        "entered-in-error"
    )


def test_a_day_alone_is_no_moment():
    assert "date" not in only(sent(report(), document(f14="20261003")), "DocumentReference")


def test_a_document_of_no_report_is_related_to_none():
    come = sent(document())
    assert "context" not in only(come, "DocumentReference")


def test_an_order_may_bring_a_document():
    come = outcome(header("OML^O21"), person(), report(f25=""), document())
    assert only(come, "DocumentReference")["type"]["text"] == "Letter"
    assert only(come, "ServiceRequest")["status"] == "unknown"

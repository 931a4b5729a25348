"""Named functions of the national data sets."""

import pytest

from mappings.core.model import systems
from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import UnreadableValueError
from mappings.core.model.paths import Found, Scope
from mappings.core.sets import national, national_codes, national_days
from mappings.core.sets.national_codes import LocalCode, meanings
from mappings.core.sets.national_keys import InForce, RowKey, StatementKey, Statements, Using
from mappings.core.shaping.snomed import is_snomed_code

NAMES = ("Local", "Owner", "Number", "Born", "Status", "Died")


@pytest.mark.parametrize(
    ("text", "usable"),
    [
        ("734163000", True),
        ("1091071000000100", True),
        ("734163001", False),
        ("1.09107E+15", False),
        ("0734163000", False),
        ("12345", False),
        ("", False),
        ("٧٣٤١٦٣٠٠٠", False),
    ],
)
def test_a_snomed_code_is_known_by_its_check_digit(text, usable):
    assert is_snomed_code(text) is usable


@pytest.mark.parametrize(
    ("day", "code", "told"),
    [
        ("2026-11-04", "5", []),
        ("2026-11-06", "5", ["T.Day"]),
        ("2026-11-06", "6", ["T.Day"]),
        ("2026-11-06", "2", []),
        ("2026-11-06", None, []),
        ("06/11", "5", []),
        (None, "5", []),
    ],
)
def test_a_contact_attended_on_a_day_to_come_is_told(day, code, told):
    row = {name: value for name, value in (("Day", day), ("Came", code)) if value}
    facts = {"H": {"Made": "2026-11-05T08:00:00"}, "T": row}
    found = list(national_days.attended_to_come("H.Made", "T.Day", "T.Came", facts))
    assert [one.path for one in found] == told
    assert {str(one.severity) for one in found} <= {"warning"}


@pytest.mark.parametrize(
    ("created", "updated", "told"),
    [
        ("2026-10-05", "2026-10-01", ["T.Updated"]),
        ("2026-10-05", "2026-10-05", []),
        ("2026-10-05", None, []),
        (None, "2026-10-01", []),
        ("2026-10-05", "never", []),
    ],
)
def test_a_plan_updated_before_it_was_created_is_told(created, updated, told):
    row = {n: v for n, v in (("Created", created), ("Updated", updated)) if v}
    found = national_days.updated_before_created("T.Created", "T.Updated", {"T": row})
    assert [one.path for one in found] == told


def test_the_local_id_holds_whose_number_it_is():
    claimed = national.claim({"Local": "7", "Owner": "X1", "Number": "999 000 0077"}, NAMES)
    assert (claimed.local_id, claimed.nhs_numbers) == ("X1:7", ("9990000077",))
    assert national.claim({"Local": "7"}, NAMES).local_id == "7"
    assert national.claim({"Owner": "X1"}, NAMES).local_id is None
    assert national.nobody({}).local_id is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1943-03-04", "1943-03-04"),
        ("1900-01-01", None),
        ("no date", None),
        (None, None),
    ],
)
def test_a_dummy_birth_date_does_not_identify(sent, kept):
    assert national.claim({"Local": "7", "Born": sent}, NAMES).birth_date == kept


@pytest.mark.parametrize("day", ["1900-01-01", "2026-11-06"])
def test_a_birth_date_that_stands_for_none_or_is_to_come_is_told_and_taken_as_not_known(day):
    made = "2026-11-05T08:00:00"
    assert national.claim({"Local": "7", "Born": day}, NAMES, made=made).birth_date is None
    with pytest.raises(UnreadableValueError) as said:
        national_days.born(day, made)
    assert said.value.code == "dummy-date"
    assert national_days.born("2026-11-05", made) == "2026-11-05"


@pytest.mark.parametrize(
    ("sent", "died"),
    [
        ("2026-10-05", True),
        ("05/10/2026", True),
        ("not known", None),
        ("2026-02-30", None),
        ("1", None),
        (None, None),
    ],
)
def test_nobody_is_dead_by_a_text_that_is_no_date(sent, died):
    assert national.claim({"Local": "7", "Died": sent}, NAMES).deceased is died


def test_the_newest_open_registration_counts():
    rows = [
        {"P": "H1", "S": "2001-01-01"},
        {"P": "H2", "S": "2010-01-01"},
        {"P": "H3", "S": "2015-01-01", "E": "2016-01-01"},
        {"P": "v81997", "S": "2020-01-01"},
        {"S": "2021-01-01"},
    ]
    found = national.open_registrations({"T": rows}, "T", ("P", "S", "E"))
    assert [row["P"] for _, row in found] == ["H2", "H1"]
    assert national.open_registrations({}, "T", ("P", "S", "E")) == []


def test_an_nhs_number_carries_its_status():
    made = national.traced_nhs_number("9990000077", "1") or {}
    assert made["extension"][0]["valueCodeableConcept"]["coding"][0]["code"] == "01"
    assert "extension" not in (national.traced_nhs_number("9990000077", None) or {})
    assert national.traced_nhs_number(None, "07") is None


def test_small_elements():
    assert "assigner" not in national.local_identifier("7", None)
    assert national.postcode("kt3  5zz") == "KT3 5ZZ"
    assert national.postcode("ZZ99 3VZ") is None
    assert national.language("ur")["coding"][0]["code"] == "ur"
    assert national.language("q1")["coding"][0]["code"] == "und"
    assert national.minutes("45")["value"] == 45
    with pytest.raises(UnreadableValueError):
        national.minutes("an hour")


@pytest.mark.parametrize(
    ("day", "time", "made"),
    [
        ("2026-07-01", "09:15", "2026-07-01T09:15:00+01:00"),
        ("01/12/2026", "1899-12-30T09:15:20.000", "2026-12-01T09:15:20+00:00"),
        ("2026-07-01", None, "2026-07-01"),
        (None, "09:15", None),
    ],
)
def test_a_day_and_a_time_are_one_moment_in_london(day, time, made):
    assert national.day_and_time(day, time) == made


def test_a_time_that_is_none_is_not_left_out_in_silence():
    with pytest.raises(UnreadableValueError):
        national.day_and_time("2026-07-01", "noon")


MADE = "2026-11-01"


@pytest.mark.parametrize(
    ("implemented", "agreed", "died", "referrals", "rule", "status"),
    [
        (None, None, None, None, "draft", "draft"),
        ("2026-10-01", None, None, None, "active", "active"),
        (None, "10", None, [{}], "active", "active"),
        ("2026-10-01", "10", "2026-10-05", [{}], "died", "completed"),
        ("2026-10-01", "10", "not known", None, "active", "active"),
        ("2026-10-01", "10", None, [{"End": "2026-10-05"}], "discharged", "completed"),
        (None, None, None, [{"End": "2026-10-05"}], "discharged", "completed"),
        ("2026-10-01", "10", None, [{"End": "2026-10-05"}, {}], "active", "active"),
        ("2026-10-01", "10", None, [{"End": MADE}], "discharged", "completed"),
        ("2026-10-01", "10", None, [{"End": "2026-11-02"}], "active", "active"),
        ("2026-10-01", "10", None, [{"End": "soon"}], "active", "active"),
        (
            "2026-10-01",
            "10",
            None,
            [{"End": "2026-10-05", "Out": "soon"}],
            "discharged",
            "completed",
        ),
    ],
)
def test_a_plan_status_is_worked_out_and_said_to_be(
    implemented, agreed, died, referrals, rule, status
):
    said = (implemented, agreed, died, referrals)
    assert national.local_plan_status(*said, f"{MADE}T09:00:00", "P") == status
    assert national.plan_status_note(*said, MADE, "P")["text"] == national.PLAN_RULES[rule]


def test_no_plan_is_over_where_the_submission_does_not_say_when_it_was_made():
    said = ("2026-10-01", "10", None, [{"End": "2026-10-05"}])
    assert national.local_plan_status(*said, None, "P") == "active"


@pytest.mark.parametrize(
    ("code", "cancelled", "day", "created", "said"),
    [
        ("5", "2026-10-01", "2026-10-02", "2026-11-01", "5"),
        (None, "2026-10-01", "2026-10-02", "2026-11-01", national_codes.BLANK_CANCELLED),
        (None, None, "2026-11-02", "2026-11-01T10:00:00", national_codes.BLANK_TO_COME),
        (None, None, "2026-10-02", "2026-11-01", national_codes.BLANK_PAST),
        (None, None, None, "2026-11-01", national_codes.BLANK_PAST),
    ],
)
def test_a_blank_attendance_is_told_by_cancellation_and_day(code, cancelled, day, created, said):
    assert national.attendance(code, cancelled, day, created, "C") == said


def test_how_a_contact_took_place():
    table = CodeTable("t", {"01": Concept(systems.ACT_CODE, "AMB")})
    lists = LocalCode("mechanism", "the list")
    made = Using(national.encounter_class, table, lists)
    assert made("01", "CC-1")["code"] == "AMB"
    assert made("98", "CC-1") == {"system": lists.system, "code": "98"}
    assert made(None, "CC-1")["code"] == "UNK"
    assert made.__name__ == "encounter_class"


@pytest.mark.parametrize(
    ("scheme", "code", "coded"),
    [
        ("02", "F32.0", True),
        ("2", "F320", True),
        ("02", "sick", False),
        ("06", "45411003", True),
        ("06", "sick", False),
        ("04", "E2B..", True),
        (None, "F32.0", False),
        ("99", "F32.0", False),
    ],
)
def test_a_diagnosis_is_coded_only_where_it_fits_its_scheme(scheme, code, coded):
    schemes = {"02": systems.ICD_10, "04": systems.READ_V2, "06": systems.SNOMED_CT}
    made = national.diagnosis(schemes, scheme, code) or {}
    assert ("coding" in made) is coded
    assert coded or made == {"text": code}


@pytest.mark.parametrize(
    ("sent", "published"),
    [("F320", "F32.0"), ("F32.0", "F32.0"), ("B20X", "B20"), ("B20", "B20"), ("S52.50", "S52.50")],
)
def test_a_code_of_icd_10_is_written_as_it_is_published(sent, published):
    made = national.diagnosis({"02": systems.ICD_10}, "02", sent)
    assert made == {"coding": [{"system": systems.ICD_10, "code": published}]}


@pytest.mark.parametrize(
    ("day", "come", "words"),
    [
        ("2026-11-05", True, "Discharged on 2026-11-05"),
        ("2026-11-06", False, "To be discharged on 2026-11-06"),
        (None, False, None),
    ],
)
def test_a_day_to_come_ends_nothing(day, come, words):
    made = "2026-11-05T08:00:00"
    assert national_days.has_come(day, made) is come
    assert (national_days.discharge_note(day, made) or {}).get("text") == words
    assert not day or national_days.has_come(day, None)


def test_no_diagnosis_is_no_element():
    assert national.diagnosis({}, "02", None) is None


def test_a_team_says_what_ended():
    made = national.team("T-2", (("closed", "2026-10-21"), ("rejected", None)))
    assert made["display"] == "Team T-2 (closed on 2026-10-21)"
    assert national.team("T-1")["display"] == "Team T-1"


def test_a_co_ordination_runs_until_its_end():
    assert national.running_status(None, "2026-11-01") == "active"
    assert national.running_status("2026-11-01", "2026-11-01T08:00:00") == "inactive"
    assert national.running_status("2026-12-01", "2026-11-01") == "active"


def test_a_row_key_needs_its_first_column():
    key = RowKey("T", "A", "B")

    def made(row):
        facts = {"T": row}
        return key(Scope(facts, Found((), facts)))

    assert made({"A": "1", "B": "2"}) == "T|1|2"
    assert made({"A": "1"}) == "T|1|"
    assert made({"B": "2"}) is None
    assert key(Scope({}, Found((), {}))) is None
    assert key.__name__ == "key_of_T(A, B)"
    assert made({"A": "1", "B": "05/10/2026"}) == made({"A": "1", "B": "2026-10-05"})
    assert made({"A": "1", "B": "05/10/2026 09:30"}) == made({"A": "1", "B": "2026-10-05T09:30:00"})
    assert made({"A": "1", "B": "2026-10-05T08:30Z"}) == made({"A": "1", "B": "05/10/2026 09:30"})
    assert made({"A": "1", "B": "2026-10-05"}) != made({"A": "1", "B": "2026-10-06"})
    assert made({"A": "05/10/2026"}) == "T|05/10/2026|"


def test_a_statement_whose_day_is_written_in_two_ways_is_one():
    facts = {
        "P": {"Plan": "1"},
        "T": [{"On": "2026-10-05", "By": "a"}, {"On": "05/10/2026", "By": "a"}, {"By": "a"}],
    }
    root = Scope(facts, Found((), facts))
    columns = ("On", "By")
    found = [root.inside(one) for one in Statements("T", columns)(root)]
    key = StatementKey("P.Plan", "agreed", columns)
    assert [key(one) for one in found] == ["1|agreed|2026-10-05|a", "1|agreed||a"]


@pytest.mark.parametrize(
    ("row", "in_force"),
    [
        ({}, True),
        ({"E": "2026-11-05"}, False),
        ({"E": "2026-11-06"}, True),
        ({"L": "2026-11-04"}, False),
        ({"L": "2026-11-05"}, True),
        ({"L": "2027-01-01", "E": "2026-11-01"}, False),
        ({"L": "no date"}, True),
        ({"B": "2026-11-05"}, True),
        ({"B": "2026-11-06"}, False),
        ({"B": "2026-11-06", "E": "2026-12-01"}, False),
    ],
)
def test_what_has_ended_or_lapsed_is_not_in_force(row, in_force):
    facts = {"H": {"C": "2026-11-05T08:00:00"}, "T": row}
    found = InForce("H.C", "T.B", "T.E", "T.L")
    assert found(Scope(facts, Found((), facts))) is in_force
    assert found.__name__ == "in_force(T.B, T.E, T.L)"


@pytest.mark.parametrize(
    ("ends", "created", "day"),
    [
        ("2026-10-31", "2026-11-05T08:00:00", "2026-10-31"),
        ("2026-10-31", "2026-10-20T08:00:00", "2026-10-20"),
        (None, "2026-11-05T08:00:00", "2026-11-05"),
        ("no date", "2026-11-05", "2026-11-05"),
        (None, None, None),
    ],
)
def test_a_submission_holds_as_at_the_end_of_its_period(ends, created, day):
    made = national.as_at(ends, created)
    assert (made or {}).get("valueDate") == day


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), ("1.5", 1.5), ("-3", -3), ("high", None), ("1e3", None)]
)
def test_a_measured_value_is_a_number_or_words(value, number):
    made = national.measured(value, "kg")
    assert (made or {}).get("value") == number
    assert national.not_measured(value) == (None if made else value)


def test_a_number_without_a_unit_has_none():
    assert national.measured("3", None) == {"value": 3}
    with pytest.raises(UnreadableValueError):
        national.Unit("kg")("heavy")


@pytest.mark.parametrize(
    ("sent", "coded"),
    [("45411003", True), ("45411003:363698007=272673000", True), ("sick", False)],
)
def test_a_snomed_expression_begins_with_a_code(sent, coded):
    made = national.snomed(sent)
    assert made == (
        {"coding": [{"system": systems.SNOMED_CT, "code": sent}]} if coded else {"text": sent}
    )


def test_a_code_with_a_published_meaning_says_it_and_another_stays_the_code_it_is():
    meant = meanings("list", "the list", {"1": "One"}).find("1")
    assert isinstance(meant, Concept)
    assert (meant.code, meant.display) == ("1", "One")
    made = LocalCode("list", "the list")
    assert made("2") == {
        "coding": [{"system": made.system, "code": "2"}],
        "text": "Code 2 of the list",
    }
    assert made.system == meant.system


def test_a_trace_status_and_a_date_of_death_are_part_of_the_claim():
    said = national.claim({"Local": "7", "Status": "4", "Died": "2026-01-02"}, NAMES)
    assert (said.trace, said.deceased) == ("04", True)
    assert national.claim({"Local": "7", "Status": "X"}, NAMES).trace == ""
    assert national.claim({"Local": "7"}, NAMES).deceased is None

"""What a council's row says of who a person is."""

import csv

import pytest

from mappings.core.applying.apply import map_item
from mappings.core.model.outcome import Item
from mappings.social_care import FEED
from mappings.social_care.codes import cld as codes
from mappings.social_care.message import cld
from mappings.social_care.rows.cld_shaping import birth_date

KINDS = FEED.kinds


@pytest.mark.parametrize("ends", ["2026-06-30", "", None])
@pytest.mark.parametrize(("day", "found"), [("1900-01-01", None), ("1951-06-22", "1951-06-22")])
def test_a_dummy_is_no_birth_date_also_where_the_row_names_no_period(day, ends, found):
    assert birth_date({"Date of Birth": day, "Reporting Period End Date": ends}) == found


def test_a_day_after_the_return_is_nobodys_birth_date():
    made, issues = _made(**{"Date of Birth": "2026-11-01"})
    assert not any("birthDate" in one for one in made.values())
    assert ("Date of Birth", "dummy-date") in issues


def _made(**said):
    row = {
        "LA Code": "714",
        "LA Person Unique Identifier": "A-1",
        "NHS Number": "9990000565",
        "Reporting Period End Date": "2026-10-31",
    }
    outcome = map_item(KINDS[cld.PERSON], Item(cld.PERSON, 1, row | said))
    made = {one.key.rpartition("|")[2]: one.resource for one in outcome.resources}
    return made, [(issue.path, issue.code) for issue in outcome.issues]


def _ethnic(words):
    made, issues = _made(Ethnicity=words)
    (patient,) = (one for one in made.values() if one["resourceType"] == "Patient")
    (extension,) = patient["extension"]
    return extension["valueCodeableConcept"], issues


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Asian or Asian British: Chinese", "R"),
        ("White: Irish", "B"),
        ("No data: Refused", "Z"),
        ("white: roma", "roma"),
    ],
)
def test_an_ethnic_group_is_that_of_uk_core_where_it_has_it(words, code):
    concept, issues = _ethnic(words)
    (coding,) = concept["coding"]
    assert (coding["code"], concept["text"], issues) == (code, words, [])
    assert coding["system"].endswith("EthnicCategoryEngland") == (len(code) == 1)


def test_an_ethnic_group_in_other_words_is_kept_in_them_and_told():
    assert _ethnic("Martian") == ({"text": "Martian"}, [("Ethnicity", "unmapped-code")])


def test_every_group_and_employment_of_the_published_lists_is_in_its_table(shared_folder):
    with (shared_folder / "specs/cld_codelists.csv").open() as file:
        listed = [(row["field"], row["value"]) for row in csv.DictReader(file)]
    tables = {"Ethnicity": codes.ETHNICITY, "Employment Status": codes.EMPLOYMENT}
    words = [(tables[field], value) for field, value in listed if field in tables]
    assert len(words) > 30
    missing = [value for table, value in words if table.find(codes.plain(value)) is None]
    assert set(missing) == {"Unknown"}, "which is what is not said"


def test_what_the_return_says_of_sight_hearing_and_work_is_shown_and_unknown_is_not():
    made, issues = _made(
        **{"Visual Impairment": "Yes", "Hearing Impairment": "Unknown"},
        **{"Employment Status": "Not in paid employment: Seeking work"},
    )
    assert made["visual-impairment"]["valueCodeableConcept"] == {"text": "Yes"}
    assert made["employment"]["valueCodeableConcept"]["coding"][0]["code"] == "seeking-work"
    assert "hearing-impairment" not in made
    assert issues == []

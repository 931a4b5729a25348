"""What the page says of UK Core is what the feeds make, by the list of its profiles."""

import csv
import re
from pathlib import Path

import pytest

from tests.judges.test_xml import golden_resources

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def must_support(shared_folder):
    """Type -> the elements of its own that its profile asks systems to support."""
    with (shared_folder / "specs" / "ukcore_profiles.csv").open(encoding="utf-8") as lines:
        return {
            row["type"]: {
                found[1].split(":")[0].removesuffix("[x]")
                for found in re.finditer(rf"{row['type']}\.([^.;]+)", row["must_support"])
            }
            for row in csv.DictReader(lines)
            if row["canonical"].endswith(f"/UKCore-{row['type']}")
        }


def made():
    """Type -> the elements that some golden resource of it has."""
    found: dict[str, set[str]] = {}
    for one in golden_resources():
        found.setdefault(one["resourceType"], set()).update(one)
    return found


def test_the_page_names_what_uk_core_asks_for_and_no_feed_gives(must_support):
    missing = {
        f"{kind}.{name}"
        for kind, elements in made().items()
        for name in must_support.get(kind, ())
        if not any(one == name or re.fullmatch(f"{name}[A-Z].*", one) for one in elements)
    }
    told = PAGE.partition("## UK Core")[2].partition("\n## ")[0]
    assert set(re.findall(r"`([A-Z][A-Za-z]+\.[a-zA-Z]+)`", told)) == missing
    assert missing


def test_the_page_names_the_types_that_are_held_against_a_profile(must_support):
    told = PAGE.partition("## UK Core")[2].partition("\n## ")[0]
    (named,) = re.findall(r"Aligned are (.+?)\. ", told.replace("\n", " "))
    profiled = set(must_support) & set(made())
    assert set(re.split(r", | and ", named)) == profiled

"""Whose record it is: links over the real store, whatever arrives first."""

import asyncio
import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.terms import Caller, CallerKind, Purpose
from gateway.errors import NotFoundError
from gateway.flows.reading import query_record
from gateway.flows.site.site import Asking, Site
from gateway.main import policy_of
from gateway.settings import Settings
from mappings.registry import FEEDS
from tests.integration.taking import (
    ROOT,
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    wiped,
    zipped,
)

NORMA, OTHER, PLACEHOLDER = "9990000077", "9990000085", "9999999999"
BORN = "19430304"


def seen_by(
    org: str,
    number: str,
    born: str = BORN,
    at: str = "20261001090000",
    local: str = "1",
    name: str = "Norma",
) -> Delivery:
    """What a hospital says of one of its patients; several numbers are given with `~`."""
    ids = "~".join([f"{local}^^^{org}^MR", *(f"{n}^^^NHS^NH" for n in number.split("~") if n)])
    text = (
        f"MSH|^~\\&|EPR|{org}|GW|SWL|{at}||PPR^PC1|M-{at}|P|2.4\r"
        f"PID|1||{ids}||ASHDOWN^{name}||{born}|2\r"
        f"PRB|AD|{at}|195967001^Asthma^SCT|P-1^{org}|||{at[:8]}|||||||Active\r"
    )
    return Delivery("hospital", text.encode(), org=org, name=f"{org} {number} {born} {at} {name}")


def _visited(org: str, number: str) -> Delivery:
    """What a home-care agency says of somebody: no name, as its visits bear none."""
    said = {
        "document": "visit",
        "version": "1",
        "written_at": "2026-10-02T09:00:00",
        "person": {"local_id": "1", "nhs_number": number, "birth_date": "1943-03-04"},
        "plan": {"id": "P-1"},
        "visit": {"id": "V-1", "state": "done", "planned_start": "2026-10-02T08:00:00"},
    }
    return Delivery("social-care", json.dumps(said).encode(), "application/json", org=org)


async def _links(store: Any) -> dict[str, tuple[frozenset[str], str]]:
    """Organisation -> the organisations it is linked with, and how."""
    async with store.engine.reading() as conn:
        rows = await conn.fetch("SELECT source_org, person_id, link_state FROM source_record")
    return {
        org: (frozenset(o for o, p, _ in rows if p == person), state) for org, person, state in rows
    }


def _linked(url: str, folder: Path, sent: list[Delivery]) -> dict[str, tuple[frozenset[str], str]]:
    upgraded(url)

    async def scenario() -> list:
        made = []
        async with opened(url, provider(folder)) as store:
            for order in itertools.permutations(sent):
                answers = await all_taken(store, order)
                assert all(a["status"] == "taken" for a in answers), answers
                made.append(await _links(store))
                await wiped(store)
        return made

    first, *rest = asyncio.run(scenario())
    assert all(one == first for one in rest)
    return first


def _pair(state: str, *orgs: str) -> tuple[frozenset[str], str]:
    return frozenset(orgs), state


def test_two_sources_with_one_number_and_date_are_one_person(database_url, tmp_path):
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), seen_by("RJ7", NORMA)])
    assert links == {"RAX": _pair("linked", "RAX", "RJ7"), "RJ7": _pair("linked", "RAX", "RJ7")}


def test_one_number_with_two_dates_links_nobody_until_a_third_agrees(database_url, tmp_path):
    two = [seen_by("RAX", NORMA), seen_by("RJ7", NORMA, born="19430403")]
    links = _linked(database_url, tmp_path, two)
    assert links == {org: _pair("date-conflict", org) for org in ("RAX", "RJ7")}
    links = _linked(database_url, tmp_path, [*two, seen_by("RPY", NORMA)])
    assert links["RPY"] == links["RAX"] == _pair("linked", "RAX", "RPY")
    assert links["RJ7"] == _pair("date-conflict", "RJ7")


def test_a_twin_sent_with_the_number_of_the_other_links_with_nobody(database_url, tmp_path):
    norma, oliver = seen_by("RAX", NORMA), seen_by("RJ7", NORMA, name="Oliver")
    links = _linked(database_url, tmp_path, [norma, oliver])
    assert links == {org: _pair("name-conflict", org) for org in ("RAX", "RJ7")}
    links = _linked(database_url, tmp_path, [norma, oliver, _visited("RPY", NORMA)])
    assert links["RPY"] == _pair("name-conflict", "RPY")
    links = _linked(database_url, tmp_path, [norma, oliver, seen_by("RPY", NORMA)])
    assert links["RPY"] == links["RAX"] == _pair("linked", "RAX", "RPY")
    assert links["RJ7"] == _pair("name-conflict", "RJ7")


def test_names_count_for_the_number_they_were_sent_with(database_url, tmp_path):
    """A number that is mended, and a name that is, part and join again, in any order."""
    wrong = seen_by("RJ7", NORMA, name="Oliver")
    mended = seen_by("RJ7", OTHER, name="Oliver", at="20261002090000")
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), wrong, mended])
    assert links == {org: _pair("alone", org) for org in ("RAX", "RJ7")}
    renamed = seen_by("RJ7", NORMA, name="Norma", at="20261002090000")
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), wrong, renamed])
    assert links["RJ7"] == _pair("linked", "RAX", "RJ7")
    unnamed = seen_by("RJ7", NORMA, name="", at="20261002090000")
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), wrong, unnamed])
    assert links["RJ7"] == _pair("name-conflict", "RJ7")


@pytest.mark.parametrize(
    ("number", "born", "state"),
    [
        (PLACEHOLDER, BORN, "unusable-number"),
        ("9990000078", BORN, "unusable-number"),
        (NORMA, "", "no-birth-date"),
        (NORMA, "1943", "no-birth-date"),
        (f"{NORMA}~{OTHER}", BORN, "number-conflict"),
        (f"{NORMA}~9990000078", BORN, "number-conflict"),
        (f"999000007~{NORMA}", BORN, "number-conflict"),
        ("", BORN, "no-number"),
    ],
)
def test_what_cannot_link_stands_alone(number, born, state, database_url, tmp_path):
    links = _linked(
        database_url, tmp_path, [seen_by("RAX", NORMA), seen_by("RJ7", number, born=born)]
    )
    assert links == {"RAX": _pair("alone", "RAX"), "RJ7": _pair(state, "RJ7")}


@pytest.mark.parametrize("number", [f"{PLACEHOLDER}~{NORMA}", f"{NORMA}~UNKNOWN"])
def test_a_placeholder_beside_a_number_is_no_number(number, database_url, tmp_path):
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), seen_by("RJ7", number)])
    assert links["RJ7"] == _pair("linked", "RAX", "RJ7")


@pytest.mark.parametrize("name", ["", "N", "Baby"])
def test_the_number_and_date_of_another_without_a_name_link_nobody(name, database_url, tmp_path):
    """A feed that bears names says one, or its record waits, whoever comes first."""
    nameless = seen_by("RJ7", NORMA, name=name)
    nameless = replace(nameless, body=nameless.body.replace(b"||19430304|2", b"||19430304|"))
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), nameless])
    assert links == {"RAX": _pair("alone", "RAX"), "RJ7": _pair("nameless", "RJ7")}
    said_later = seen_by("RJ7", NORMA, at="20261002090000")
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), nameless, said_later])
    assert links["RJ7"] == _pair("linked", "RAX", "RJ7")


def test_what_bears_no_names_links_by_number_and_date(database_url, tmp_path):
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), _visited("XK2", NORMA)])
    assert links["XK2"] == _pair("linked", "RAX", "XK2")


@pytest.mark.parametrize(
    ("status", "state"), [("01", "linked"), ("02", "nameless"), ("04", "untraced-number")]
)
def test_a_data_set_without_names_links_a_number_that_was_verified(
    status, state, database_url, tmp_path
):
    members = {
        "MHS000.csv": b"DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate,"
        b"DateTimeDatSetCreate\n6.0,RQY,2026-10-01,2026-10-31,2026-11-05T09:00:00\n",
        "MHS001.csv": b"LocalPatientID,OrgIDLocalPatientID,NHSNumber,NHSNumberStatus,"
        b"PersonBirthDate\nMH-1,RQY,%s,%s,1943-03-04\n" % (NORMA.encode(), status.encode()),
    }
    submitted = Delivery("mental-health", zipped(members), "application/zip", "RQY")
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), submitted])
    assert links["RQY"][1] == state


@pytest.mark.parametrize(
    ("status", "state"), [("01", "linked"), ("02", "linked"), ("04", "untraced-number")]
)
def test_a_number_that_did_not_fit_when_traced_links_nobody(status, state, database_url, tmp_path):
    traced = seen_by("RJ7", NORMA)
    body = traced.body.replace(
        b"|19430304|2\r", b"|19430304|2" + b"|" * 24 + b"NSTS%s\r" % status.encode()
    )
    assert body != traced.body
    links = _linked(database_url, tmp_path, [seen_by("RAX", NORMA), replace(traced, body=body)])
    assert links["RJ7"][1] == state


def test_a_corrected_number_unlinks_and_links_again(database_url, tmp_path):
    links = _linked(
        database_url,
        tmp_path,
        [
            seen_by("RAX", NORMA),
            seen_by("RJ7", NORMA, at="20261001090000"),
            seen_by("RJ7", OTHER, at="20261002090000"),
            seen_by("RPY", OTHER),
        ],
    )
    assert links["RAX"] == _pair("alone", "RAX")
    assert links["RJ7"] == links["RPY"] == _pair("linked", "RJ7", "RPY")


def test_a_claim_without_a_time_is_the_oldest():
    from gateway.store.identity.people_said import claim_order

    assert claim_order("", "ffff") < claim_order("0001-01-01T00:00:00.000000Z", "0000")
    assert claim_order("2026-01-01T00:00:00.000000Z", "f") < claim_order(
        "2026-01-02T00:00:00.000000Z", "0"
    )


def test_the_person_bears_the_id_of_the_record_that_was_created_first(database_url, tmp_path):
    upgraded(database_url)

    async def scenario() -> None:
        async with opened(database_url, provider(tmp_path)) as store:
            for order in itertools.permutations(["RAX", "RJ7", "RPY"]):
                await all_taken(store, [seen_by(org, NORMA) for org in order])
                async with store.engine.reading() as conn:
                    rows = await conn.fetch(
                        "SELECT source_org, patient_id, person_id FROM source_record"
                    )
                ids = {org: patient_id for org, patient_id, _ in rows}
                assert {row[2] for row in rows} == {ids[order[0]]}
                await wiped(store)

    asyncio.run(scenario())


_SAYS = st.tuples(
    st.sampled_from(["RAX", "RJ7", "RPY"]),
    st.sampled_from([NORMA, OTHER, "", PLACEHOLDER, f"{NORMA}~{OTHER}"]),
    st.sampled_from([BORN, "19430403", ""]),
    st.sampled_from(["20261001090000", "20261002090000", "20261003090000"]),
)


def test_any_order_of_pushes_gives_the_same_links(database_url, tmp_path, whole):
    upgraded(database_url)
    most = 60 if whole else 12
    keys = provider(tmp_path)

    async def states(orders: list[list[Delivery]]) -> list:
        made = []
        async with opened(database_url, keys) as store:
            for order in orders:
                await all_taken(store, order)
                made.append(await state_of(store))
                await wiped(store)
        return made

    @settings(
        max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(_SAYS, min_size=2, max_size=6, unique=True), st.randoms())
    def law(said, random):
        sent = [seen_by(org, number, born, at) for org, number, born, at in said]
        mixed = list(sent)
        random.shuffle(mixed)
        first, *rest = asyncio.run(states([sent, sent[::-1], mixed]))
        assert all(one == first for one in rest)

    law()


def test_nobody_sees_through_a_broken_link_on_the_next_request(database_url, tmp_path):
    """The practice sees the hospital's problem while they are linked, and not a moment longer."""
    upgraded(database_url)
    example = ROOT / "examples" / "gp" / "norma-structured.json"
    practice = Delivery("gp", example.read_bytes(), "application/fhir+json")
    gp = Caller(
        "dr", CallerKind.STAFF, "gp", "H85001", Purpose.TREATMENT, "c",
        frozenset({"user/*.*"}), frozenset(), None, "", "",
    )  # fmt: skip

    async def scenario() -> None:
        policy = policy_of(Settings(permission_to_view="implied"))
        async with opened(database_url, provider(tmp_path)) as store:
            site = Site(store, policy, FEEDS, "http://t")
            await all_taken(store, [practice, seen_by("RAX", NORMA)])
            problem = next(
                name
                for name, (body, _) in (await resources(store)).items()
                if name.startswith("Condition/") and ":RAX:" in body["meta"]["source"]
            ).partition("/")[2]

            async def look() -> Any:
                asking = Asking(gp, store.vault._clock(), "r")
                return await query_record.read(site, asking, "Condition", problem)

            assert (await look()).resource_id == problem
            await all_taken(store, [seen_by("RAX", OTHER, at="20261002090000")])
            with pytest.raises(NotFoundError):
                await look()
            await all_taken(store, [seen_by("RAX", NORMA, at="20261003090000")])
            assert (await look()).resource_id == problem

    asyncio.run(scenario())

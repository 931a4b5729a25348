"""What an organisation ever said of a name and of a trace counts, whatever it leaves out later."""

import asyncio
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.store.intake import figures
from tests.integration.taking import (
    Delivery,
    State,
    all_taken,
    opened,
    provider,
    state_of,
    upgraded,
    wiped,
    zipped,
)
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by
from tests.sampling import part

LACKING = ("nameless", "untraced-number")


@dataclass(frozen=True)
class Said:
    """One document of a council or a Trust about its person 1; `name` None: of a kind that bears
    none."""

    day: int
    number: str = NORMA
    name: str | None = None

    def __str__(self) -> str:
        kind = "visit" if self.name is None else f"plan of {self.name or 'nobody'}"
        return f"{kind} {self.number[-2:] or 'none'}"

    def delivery(self, feed: str = "social-care", org: str = "XK2") -> Delivery:
        person: dict[str, Any] = {"local_id": "1", "nhs_number": self.number}
        person["birth_date"] = "1943-03-04"
        written = f"2026-10-{self.day:02d}T09:00:00"
        told: dict[str, Any] = {"version": "1", "written_at": written, "person": person}
        told |= {"plan": {"id": "P-1"}}
        if self.name is None:
            told["document"] = "visit"
            told["visit"] = {"id": "V-1", "state": "done", "planned_start": written}
        else:
            told["document"] = "support-plan"
            told["plan"] |= {"type": "support", "state": "active"}
            person |= {"given_names": [self.name]} if self.name else {}
        return Delivery(feed, json.dumps(told).encode(), "application/json", org, str(self))


def submitted(day: int, status: str, number: str = NORMA, org: str = "RQY") -> Delivery:
    """A month of a data set: no names, and how far the number was traced."""
    members = {
        "MHS000.csv": b"DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate,"
        b"DateTimeDatSetCreate\n6.0,%s,2026-10-01,2026-10-31,2026-10-%02dT09:00:00\n"
        % (org.encode(), day),
        "MHS001.csv": b"LocalPatientID,OrgIDLocalPatientID,NHSNumber,NHSNumberStatus,"
        b"PersonBirthDate\n1,%s,%s,%s,1943-03-04\n"
        % (org.encode(), number.encode(), status.encode()),
    }
    name = f"set {day} {status} {number}"
    return Delivery("mental-health", zipped(members), "application/zip", org, name)


def traced(day: int, status: str) -> Delivery:
    """A hospital's update, with how far the number was traced; empty: it does not say."""
    sent = seen_by("RJ7", NORMA, at=f"202610{day:02d}090000")
    body = sent.body.replace(b"|19430304|2\r", b"|19430304|2" + b"|" * 24 + b"NSTS%s\r")
    body = body.replace(b"NSTS%s", f"NSTS{status}".encode() if status else b"")
    return Delivery("hospital", body, org="RJ7", name=f"traced {day} {status}")


def state_in_any_order(
    url: str, folder: Path, sent: list[Delivery], org: str, *, whole: bool
) -> str:
    """How the record of one organisation stands to that of a hospital that knows Norma, whatever
    came first; its sender is told what it lacks, and no more."""
    upgraded(url)
    orders = part(itertools.permutations([seen_by("RAX", NORMA), *sent]), 6, whole=whole)

    async def scenario() -> set[tuple[str, bool]]:
        made = set()
        async with opened(url, provider(folder)) as store:
            for order in orders:
                answers = await all_taken(store, [*order, order[0]])
                assert all(a["status"] == "taken" for a in answers), answers
                async with store.engine.reading() as conn:
                    rows = await conn.fetch(
                        "SELECT source_org, link_state, person_id FROM source_record"
                    )
                    told = await figures.records_lacking(conn, org, sent[0].feed)
                stands = {org: (state, person) for org, state, person in rows}
                assert len(stands) == len(rows)
                state, person = stands[org]
                assert list(told) == [state if state in LACKING else ""]
                made.add((state, person == stands["RAX"][1]))
                await wiped(store)
        return made

    ((state, together),) = asyncio.run(scenario())
    assert together == (state == "linked")
    return state


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([Said(1), Said(2)], "linked"),
        ([Said(1, name="Norma"), Said(2)], "linked"),
        ([Said(1), Said(2, name="Norma"), Said(3, name="")], "linked"),
        ([Said(1, name="Oliver"), Said(2)], "name-conflict"),
        ([Said(1, name=""), Said(2)], "nameless"),
        ([Said(1), Said(2, name=""), Said(3)], "nameless"),
        ([Said(1, OTHER, "Norma"), Said(2, NORMA)], "nameless"),
        ([Said(1, "", "Norma"), Said(2, NORMA)], "nameless"),
        ([Said(1, OTHER, "Norma"), Said(2, NORMA), Said(3, NORMA, "Norma")], "linked"),
        ([Said(1, NORMA, "Norma"), Said(2, OTHER, "Norma"), Said(3, NORMA)], "nameless"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value)),
)
def test_who_ever_bore_a_name_needs_one_that_fits_its_number(
    said, state, database_url, tmp_path, whole
):
    sent = [one.delivery() for one in said]
    assert state_in_any_order(database_url, tmp_path, sent, "XK2", whole=whole) == state


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ([submitted(1, "02"), submitted(2, "")], "nameless"),
        ([submitted(1, "01"), submitted(2, "")], "linked"),
        ([submitted(1, "02"), submitted(2, "01"), submitted(3, "")], "linked"),
        ([submitted(1, "04"), submitted(2, "")], "untraced-number"),
        ([submitted(1, "01", OTHER), submitted(2, "")], "nameless"),
    ],
    ids=["untraced", "verified", "verified later", "no match", "verified another"],
)
def test_a_trace_holds_for_its_number_until_its_source_says_another(
    sent, state, database_url, tmp_path, whole
):
    assert state_in_any_order(database_url, tmp_path, sent, "RQY", whole=whole) == state


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (("04", ""), "untraced-number"),
        (("", "05"), "untraced-number"),
        (("05", "", "01"), "linked"),
    ],
)
def test_a_number_that_did_not_fit_is_not_vouched_for_by_silence(
    statuses, state, database_url, tmp_path, whole
):
    sent = [traced(day, status) for day, status in enumerate(statuses, 1)]
    assert state_in_any_order(database_url, tmp_path, sent, "RJ7", whole=whole) == state


@pytest.mark.parametrize("day", [1, 3])
def test_a_visit_that_changed_nothing_stands_on_a_plan_that_comes_later(
    day, database_url, tmp_path
):
    """Whatever came first, the Patient is what the plan says, and what the visit adds to it."""
    sent = [Said(day, name=""), Said(5, OTHER, "Oliver"), Said(7)]
    upgraded(database_url)

    async def scenario() -> list[State]:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in itertools.permutations(sent):
                await all_taken(store, [one.delivery() for one in order])
                made.append(await state_of(store))
                await wiped(store)
        return made

    first, *rest = asyncio.run(scenario())
    assert all(one == first for one in rest)


_SAYS = st.builds(
    Said,
    st.integers(1, 9),
    st.sampled_from([NORMA, OTHER, ""]),
    st.sampled_from([None, "Norma", "Oliver", ""]),
)
_SETS = st.builds(
    submitted,
    st.integers(1, 9),
    st.sampled_from(["", "01", "02", "04"]),
    st.sampled_from([NORMA, OTHER]),
)
_TRACED = st.builds(traced, st.integers(1, 9), st.sampled_from(["", "01", "04"]))


def test_any_order_of_plans_visits_and_sets_gives_one_set_of_links(database_url, tmp_path, whole):
    upgraded(database_url)
    most = 60 if whole else 3

    async def states(orders: list[list[Delivery]]) -> list[State]:
        made = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in orders:
                await all_taken(store, order)
                made.append(await state_of(store))
                await wiped(store)
        return made

    @settings(
        max_examples=most, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(_SAYS, max_size=4), st.lists(st.one_of(_SETS, _TRACED), max_size=3), st.data())
    def law(said, sets, data):
        sent = [seen_by("RAX", NORMA), *(one.delivery() for one in said), *sets]
        mixed = data.draw(st.permutations(sent))
        first, *rest = asyncio.run(states([sent, sent[::-1], mixed]))
        assert all(one == first for one in rest)

    law()


def _of_hospital(day: int, number: str, name: str, org: str = "RJ7") -> Delivery:
    return seen_by(org, number, at=f"202610{day:02d}090000", name=name)


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ([("", "Mary")], "name-conflict"),
        ([("", "Mary"), ("", "Norma")], "linked"),
        ([("", "Nora")], "name-conflict"),
        ([("", "")], "linked"),
        ([("", "Baby")], "linked"),
        ([("9990000078", "Mary"), ("", "")], "unusable-number"),
        ([("", "Mary"), (OTHER, "Mary")], "says-otherwise"),
        ([("", "Mary"), (NORMA, "Norma")], "linked"),
        ([("", "Mary"), (NORMA, "")], "name-conflict"),
    ],
)
def test_a_local_id_that_is_used_again_without_a_number_links_nobody(
    later, state, database_url, tmp_path, whole
):
    """The number of before is nobody's proof for who bears the local id now."""
    upgraded(database_url)
    linked = _of_hospital(1, NORMA, "Norma", "RAX")
    sent = [_of_hospital(1, NORMA, "Norma")]
    sent += [_of_hospital(day, number, name) for day, (number, name) in enumerate(later, 2)]
    orders = part(itertools.permutations([linked, *sent]), 6, whole=whole)
    found = asyncio.run(_states(database_url, tmp_path, orders))
    assert {one["RJ7"] for one in found} == {state}
    together = {"linked"} if state == "linked" else {"alone"}
    assert {one["RAX"] for one in found} == together


async def _states(
    url: str, folder: Path, orders: Iterable[Sequence[Delivery]]
) -> list[dict[str, str]]:
    """How each organisation's record stands, after each of these orders."""
    made: list[dict[str, str]] = []
    async with opened(url, provider(folder)) as store:
        for order in orders:
            await all_taken(store, order)
            async with store.engine.reading() as conn:
                rows = await conn.fetch("SELECT source_org, link_state FROM source_record")
            made.append(dict(rows))
            await wiped(store)
    return made

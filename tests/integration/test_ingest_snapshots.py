"""Monthly submissions: the newest says what holds, in whatever order they come."""

import asyncio
from itertools import permutations

from tests.integration.taking import (
    Delivery,
    all_taken,
    digest,
    opened,
    provider,
    resources,
    state_of,
    upgraded,
    wiped,
    zipped,
)

HEADER = (
    "DatSetVer,OrgIDProvider,ReportingPeriodStartDate,ReportingPeriodEndDate,DateTimeDatSetCreate"
)
PERSON = (
    "LocalPatientID,OrgIDLocalPatientID,NHSNumber,PersonBirthDate\nMH-1,RQY,9990000506,1961-05-09\n"
)
SECTION = (
    "MHActLegalStatusClassPeriodID,LocalPatientID,StartDateMHActLegalStatusClass,"
    "ExpiryDateMHActLegalStatusClass,EndDateMHActLegalStatusClass,LegalStatusCode"
)
SEVERAL = 8
"""So many orders are tried of each number of submissions there are."""


def _submission(made, until, **tables):
    header = f"{HEADER}\n6.0,RQY,{until[:7]}-01,{until},{made}\n"
    files = {"MHS000.csv": header, "MHS001.csv": PERSON}
    files |= {f"{name}.csv": text for name, text in tables.items()}
    body = zipped({name: text.encode() for name, text in files.items()})
    return Delivery("mental-health", body, "application/zip", "RQY", made)


def _section(end="", expires="2026-11-16"):
    return f"{SECTION}\nLS-1,MH-1,2026-10-20,{expires},{end},02\n"


def _plan(implemented=""):
    heads = "CarePlanID,LocalPatientID,CarePlanTypeMH,CarePlanCreatDate,CarePlanImplementDate"
    return f"{heads}\nP-1,MH-1,10,2026-10-05,{implemented}\n"


SUBMISSIONS = (
    _submission("2026-10-25T08:00:00", "2026-10-31", MHS401=_section()),
    _submission("2026-11-05T08:00:00", "2026-10-31", MHS401=_section(), MHS008=_plan()),
    _submission("2026-11-12T08:00:00", "2026-10-31", MHS008=_plan("2026-10-06")),
    _submission("2026-11-28T08:00:00", "2026-11-30", MHS401=_section(end="2026-11-10")),
)


def test_any_order_of_submissions_gives_one_state(database_url, tmp_path):
    upgraded(database_url)

    async def states():
        found = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in list(permutations(SUBMISSIONS))[:: 24 // SEVERAL]:
                await all_taken(store, order)
                found.append((digest(await state_of(store)), await _standing(store)))
                await wiped(store)
        return found

    (first, standing), *rest = asyncio.run(states())
    assert all(one == (first, standing) for one in rest)
    assert standing == {"Patient": 1, "CarePlan": 1}


def test_legal_status_goes_when_a_newer_submission_says_it_is_over(database_url, tmp_path):
    upgraded(database_url)

    async def standing():
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, SUBMISSIONS[:2])
            before = await _standing(store)
            await all_taken(store, SUBMISSIONS[3:])
            return before, await _standing(store)

    before, after = asyncio.run(standing())
    assert before == {"Patient": 1, "Flag": 1, "CarePlan": 1}
    assert after == {"Patient": 1, "CarePlan": 1}


def test_a_section_that_has_lapsed_without_an_end_is_not_shown(database_url, tmp_path):
    upgraded(database_url)
    lapsed = _submission("2026-11-05T08:00:00", "2026-10-31", MHS401=_section(expires="2026-11-04"))

    async def standing():
        async with opened(database_url, provider(tmp_path)) as store:
            await all_taken(store, [lapsed])
            return await _standing(store)

    assert asyncio.run(standing()) == {"Patient": 1}


def test_an_agreement_that_is_corrected_replaces_the_one_before(database_url, tmp_path):
    upgraded(database_url)

    def agreed(day):
        return f"CarePlanID,CarePlanContentAgreedBy,CarePlanContentAgreedDate\nP-1,10,{day}\n"

    first, corrected = (
        _submission(f"2026-11-{made}T08:00:00", "2026-10-31", MHS008=_plan(), MHS009=agreed(day))
        for made, day in (("05", "2026-10-06"), ("12", "2026-10-07"))
    )

    async def days():
        found = []
        async with opened(database_url, provider(tmp_path)) as store:
            for order in ((first, corrected), (corrected, first)):
                await all_taken(store, order)
                held = [body for body, _ in (await resources(store)).values()]
                found.append([one.get("occurredDateTime") for one in held if _is_agreement(one)])
                await wiped(store)
        return found

    assert asyncio.run(days()) == [["2026-10-07"]] * 2


def _is_agreement(resource):
    return resource["resourceType"] == "Provenance"


async def _standing(store):
    """How many resources of each type stand."""
    counted: dict[str, int] = {}
    for name in await resources(store):
        kind = name.partition("/")[0]
        counted[kind] = counted.get(kind, 0) + 1
    return counted

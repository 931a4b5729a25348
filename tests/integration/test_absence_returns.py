"""A council's rolling return: what closes, what ages out, what was a mistake, what goes on."""

from itertools import permutations

from gateway.flows.asking.search_log import Operator
from gateway.flows.feeds.decide_absence import decide, waiting
from mappings.registry import FEEDS
from tests.integration.returns import assessment, council_return, service
from tests.integration.taking import (
    START,
    all_taken,
    digest,
    resources,
    run,
    state_of,
    taken,
    wiped,
)

WINTER = ("2025-01-01", "2025-12-31")
SPRING = ("2025-04-01", "2026-03-31")
SUMMER = ("2025-07-01", "2026-06-30")
AUTUMN = ("2025-10-01", "2026-09-30")
DAY_CARE = {"Service Component": "Day Support"}


async def _of(store, kind):
    found = [body for body, _ in (await resources(store)).values()]
    return [one for one in found if one["resourceType"] == kind]


async def _services(store):
    """(first day, last day, status) of each service."""
    periods = [
        (one["occurrencePeriod"], one["status"]) for one in await _of(store, "ServiceRequest")
    ]
    return sorted((days["start"], days.get("end", ""), status) for days, status in periods)


def _in_every_order(database_url, tmp_path, returns):
    """The services that stand, which are one whatever order the returns came in."""

    async def work(store):
        found = []
        for order in permutations(returns):
            await all_taken(store, order)
            found.append((digest(await state_of(store)), await _services(store)))
            await wiped(store)
        return found

    (first, services), *rest = run(database_url, tmp_path, work)
    assert rest
    assert all(one == (first, services) for one in rest)
    return services


def test_a_service_no_longer_returned_ended_with_the_last_period_that_named_it(
    database_url, tmp_path
):
    async def work(store):
        await all_taken(store, [council_return(*SPRING, service("2025-06-01"))])
        answer = await taken(store, council_return(*SUMMER, service("2026-05-01", **DAY_CARE)))
        held = await resources(store)
        return answer, await _services(store), list(held.values()), await _of(store, "Coverage")

    answer, services, held, money = run(database_url, tmp_path, work)
    assert services == [("2025-06-01", "2026-03-31", "completed"), ("2026-05-01", "", "active")]
    assert "absent-ended" in [one["code"] for one in answer["issues"]]
    [(body, (_, lines))] = [
        (body, lineage)
        for body, lineage in held
        if body["resourceType"] == "ServiceRequest" and body["status"] == "completed"
    ]
    assert body["meta"]["tag"][0]["code"] == "status"
    assert "2026-03-31" in body["note"][0]["text"]
    assert {line[0]: line[2] for line in lines}["occurrencePeriod.end"] == (
        "absence.not-in-later-return"
    )
    assert sorted(one["period"].get("end", "") for one in money) == ["", "2026-03-31"]


def test_a_service_that_is_returned_again_goes_on(database_url, tmp_path):
    returns = (
        council_return(*SPRING, service("2025-06-01")),
        council_return(*SUMMER, service("2026-05-01", **DAY_CARE)),
        council_return(*AUTUMN, service("2025-06-01"), service("2026-05-01", **DAY_CARE)),
    )
    services = _in_every_order(database_url, tmp_path, returns)
    assert services == [("2025-06-01", "", "active"), ("2026-05-01", "", "active")]


def test_an_event_older_than_the_window_stays_and_one_inside_it_was_a_mistake(
    database_url, tmp_path
):
    first = council_return(
        *SPRING, assessment("2025-05-01", "2025-05-20"), assessment("2026-01-05", "2026-01-20")
    )
    second = council_return(*SUMMER, service("2026-05-01"))

    async def work(store):
        found = []
        for order in ((first, second), (second, first)):
            await all_taken(store, order)
            tasks = await _of(store, "Task")
            found.append([one["executionPeriod"]["end"] for one in tasks])
            await wiped(store)
        return found

    assert run(database_url, tmp_path, work) == [["2025-05-20"]] * 2


def test_a_first_day_set_anew_on_1_april_is_one_service(database_url, tmp_path):
    returns = (
        council_return(*SPRING, service("2025-06-01"), service("2025-08-01", **DAY_CARE)),
        council_return(*SUMMER, service("2026-04-01"), service("2025-08-01", **DAY_CARE)),
        council_return(*AUTUMN, service("2026-04-01"), service("2025-08-01", **DAY_CARE)),
    )
    services = _in_every_order(database_url, tmp_path, returns)
    assert services == [("2025-06-01", "", "active"), ("2025-08-01", "", "active")]


def test_two_services_of_one_kind_are_not_taken_for_one_in_april(database_url, tmp_path):
    async def work(store):
        two = (service("2025-06-01"), service("2025-07-01"))
        await all_taken(store, [council_return(*SPRING, *two)])
        await all_taken(store, [council_return(*SUMMER, service("2026-04-01"))])
        return await _services(store)

    assert run(database_url, tmp_path, work) == [
        ("2025-06-01", "2026-03-31", "completed"),
        ("2025-07-01", "2026-03-31", "completed"),
        ("2026-04-01", "", "active"),
    ]


def test_of_two_returns_of_one_period_both_stand_until_one_is_chosen(database_url, tmp_path):
    """A return does not say when it was made, and who came first must not decide."""
    first = council_return(*SPRING, service("2025-06-01"), assessment("2026-01-05", "2026-01-20"))
    again = council_return(*SPRING, service("2025-06-01"), name="again")

    async def work(store):
        found = []
        for order in ((first, again), (again, first)):
            answers = {one.name: await taken(store, one) for one in order}
            both = len(await _of(store, "Task"))
            files = await waiting(store.engine, FEEDS)
            chosen = answers["again"]["delivery"]
            [file] = [one["file"] for one in files if one["delivery"] == chosen]
            await decide(store, FEEDS, file, Operator("ann", START), "newer", confirmed=True)
            left = await waiting(store.engine, FEEDS)
            found.append((both, len(files), len(await _of(store, "Task")), left))
            await wiped(store)
        return found

    assert run(database_url, tmp_path, work) == [(1, 2, 0, [])] * 2


def test_releases_1_and_2_name_one_service(database_url, tmp_path):
    """R2 words the same values otherwise: the event is one, and it is not ended."""
    later = service(
        "2025-06-01",
        **{
            "Client Type": "Service user",
            "Service Type": "Long term support: Community",
            "Service Component": "Home support or domiciliary care",
        },
    )

    async def work(store):
        await all_taken(
            store, [council_return(*SPRING, service("2025-06-01")), council_return(*SUMMER, later)]
        )
        return await _services(store)

    assert run(database_url, tmp_path, work) == [("2025-06-01", "", "active")]


def test_a_carers_rows_are_the_carers_own_and_end_apart(database_url, tmp_path):
    carer = {
        "LA Person Unique Identifier": "LA-2",
        "NHS Number": "9990000514",
        "Date of Birth": "1961-02-03",
        "Client Type": "Carer",
        "Adult 1 Linked Person_ID": "LA-1",
    }
    first = council_return(
        *SPRING, service("2025-06-01"), service("2025-09-01", **DAY_CARE, **carer)
    )
    second = council_return(*SUMMER, service("2025-06-01"))

    async def work(store):
        await all_taken(store, [first, second])
        requests = await _of(store, "ServiceRequest")
        return {one["subject"]["reference"]: one["status"] for one in requests}

    assert sorted(run(database_url, tmp_path, work).values()) == ["active", "completed"]


def test_a_missing_return_changes_nothing(database_url, tmp_path):
    async def work(store):
        await all_taken(store, [council_return(*WINTER, service("2025-06-01"))])
        await all_taken(store, [council_return(*SUMMER, service("2025-06-01"))])
        return await _services(store)

    assert run(database_url, tmp_path, work) == [("2025-06-01", "", "active")]

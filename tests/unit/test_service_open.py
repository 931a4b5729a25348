"""Which service looks at what is sent to its organisation."""

import json
from datetime import UTC, datetime

from gateway.flows.site.service_open import Desk, desk_of, parsed
from gateway.store.site.site_data import Entry

SATURDAY_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _service(name, *hours, organisation="XK1"):
    body = {"id": name, "name": name.title(), "organisation": organisation, "hours": hours}
    return Entry("service", name, "", json.dumps(body))


COUNCIL = Entry("organisation", "XK1", "", '{"ods": "XK1", "name": "C", "kind": "council"}')


def test_the_service_that_is_open_comes_first_and_then_the_one_that_opens_next():
    days = _service("days", "mon-fri 09:00-17:00")
    sundays = _service("sundays", "sun 10:00-13:00")
    always = _service("always", "daily 00:00-24:00")
    every = [COUNCIL, days, sundays, always]
    assert desk_of(parsed(every), "XK1", SATURDAY_NOON) == Desk("Always", None)
    opens = datetime(2026, 11, 22, 10, tzinfo=UTC)
    assert desk_of(parsed(every[:3]), "XK1", SATURDAY_NOON) == Desk("Sundays", opens)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert desk_of(parsed(every[:2]), "XK1", SATURDAY_NOON) == Desk("Days", monday)


def test_a_service_without_hours_comes_last_and_that_of_others_never():
    hourless = _service("hourless")
    days = _service("days", "mon-fri 09:00-17:00")
    assert desk_of(parsed([COUNCIL, hourless]), "XK1", SATURDAY_NOON) == Desk("Hourless", None)
    monday = datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert desk_of(parsed([COUNCIL, hourless, days]), "XK1", SATURDAY_NOON) == Desk("Days", monday)
    other = _service("other", "daily 00:00-24:00", organisation="RJ1")
    assert desk_of(parsed([COUNCIL, other]), "XK1", SATURDAY_NOON) is None
    assert desk_of(parsed([]), "XK1", SATURDAY_NOON) is None

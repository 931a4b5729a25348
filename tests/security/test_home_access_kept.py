"""The code of a key safe is shown and never handed out; its window ends to the second."""

from datetime import timedelta

from consent.terms import HomeVisit
from gateway.flows.access.triage import look_for_misuse
from gateway.flows.asking.search_log import Operator
from tests.api.world import put_on_caseload
from tests.security.test_home_access import CARERS, CODE, HOUR, _push_plan, _visit
from tests.unit.consent.world import NOW, caller, item, person, sees

SECOND = timedelta(seconds=1)


def _near(**more):
    who = caller("home-care", **more)
    return who, person(visits=(HomeVisit(who.org, NOW, NOW + HOUR, "Encounter/e"),))


def _way_in():
    return item("contacts", sens=("HOMEACCESS",))


def test_who_keeps_what_is_shown_is_never_shown_it():
    for keeps in (False, True):
        who, somebody = _near(keeps=keeps)
        assert sees(who, somebody, _way_in()) is not keeps


def _told(gateway, world):
    put_on_caseload(gateway, world.norma, CARERS)
    found = _push_plan(gateway)["resources"]
    return next(one["reference"] for one in found if one["reference"].startswith("Flag/"))


def test_its_showing_is_no_second_look(gateway, world):
    told, day = _told(gateway, world), timedelta(days=1)
    _visit(gateway, gateway.at)
    operator = Operator("privacy", gateway.at)

    def accesses():
        span = (gateway.at - day, gateway.at + day)
        return gateway.run(look_for_misuse(gateway.site.store, operator, (), *span)).accesses

    before = accesses()
    assert CODE in gateway.get(told, gateway.token("home-care", "hc-1", CARERS)).text
    assert accesses() == before + 1


def test_the_person_is_told_of_each_showing_and_of_their_own_look_once(gateway, world):
    told = _told(gateway, world)
    _visit(gateway, gateway.at)
    herself = gateway.token("patient", "norma-herself", patient=world.norma)
    for who in (gateway.token("home-care", "hc-1", CARERS), herself):
        gateway.at += SECOND
        assert CODE in gateway.get(told, who).text
    words = [one["words"] for one in gateway.get("/access/log", herself).json()["accesses"][:3]]
    assert words[0] == "You looked at your record."
    assert sorted("was shown how to get into your home" in one for one in words[1:]) == [0, 1]
    assert all(one.startswith("Home-care worker at") for one in words[1:]), words


def test_a_visit_that_is_moved_closes_it_at_the_next_request(gateway, world):
    told, start = _told(gateway, world), gateway.at
    who = gateway.token("home-care", "hc-1", CARERS)
    _visit(gateway, start)
    assert CODE in gateway.get(told, who).text
    gateway.at += timedelta(minutes=1)
    _visit(gateway, start + 8 * HOUR)
    assert gateway.get(told, who).status_code == 404


def test_what_was_given_before_ends_with_the_window_to_the_second(gateway, world):
    told, start = _told(gateway, world), gateway.at
    _visit(gateway, start)
    answers = []
    for moment in (start + 1.5 * HOUR, start + 1.5 * HOUR + SECOND):
        gateway.at = moment
        who = gateway.token("home-care", "hc-1", CARERS)
        first = gateway.get(told, who)
        held = {"If-None-Match": first.headers.get("etag", 'W/"1"')}
        answers.append((first.status_code, gateway.get(told, who | held).status_code))
    assert answers == [(200, 304), (404, 404)]

"""Support plan documents, as the council, home-care providers and wellbeing teams send them.

In      A person of the borough and the organisation that writes.
Out     The JSON bytes of one support plan document.
Source  docs/schemas/support-plan.schema.json.
Pure    Yes.
"""

from datetime import date, timedelta
from typing import Any, Final

import orjson

from gateway.cli.demo import places
from gateway.cli.demo.dice import Dice
from gateway.cli.demo.people import SEEN_ON, Person
from gateway.cli.demo.places import Provider
from gateway.cli.demo.plans import SAFETY, WISHES, Wish

STARTED: Final = SEEN_ON - timedelta(weeks=4)
_TYPES: Final = {
    places.COUNCIL.code: ("support", "My support plan"),
    places.HOME_FIRST.code: ("reablement", "Getting back on my feet"),
    places.KINDLY.code: ("home care", "Care at home"),
    places.WELLBEING.code: ("wellbeing", "What a good week looks like"),
}
_PART: Final = {
    places.COUNCIL.code: slice(0, 2),
    places.HOME_FIRST.code: slice(2, 4),
    places.KINDLY.code: slice(2, 4),
    places.WELLBEING.code: slice(4, 5),
}
_LEADS: Final = ("Dan Okoro", "Priya Nair", "Ruth Lindley", "Sam Achterberg", "Moira Kent")


def support_plan(person: Person, provider: Provider, seed: int = 1) -> bytes:
    """One whole plan. A home-care provider writes of visits, the others of needs and goals."""
    dice = Dice("support-plan", seed, person.number, provider.code)
    wishes = [WISHES[name] for name in _names(person, provider)]
    lead = dice.one_of(_LEADS)
    goals = [_goal(n, wish, dice, lead) for n, wish in enumerate(wishes, 1)]
    if person.dirt == "status" and provider == places.COUNCIL:
        goals[0]["state"] = "nearly there"
    document = {
        "document": "support-plan",
        "version": "1",
        "written_at": f"{_day(14 - dice.below(9))}T14:30:00Z",
        "person": _person(person, provider),
        "plan": _plan(person, provider, lead),
        "needs": [_need(number, wish) for number, wish in enumerate(wishes, 1)],
        "goals": goals,
        "actions": [_action(n, wish, provider) for n, wish in enumerate(wishes, 1)],
        "safety": _safety(person, provider, dice),
        "home_access": _home_access(person, provider),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _home_access(person: Person, provider: Provider) -> list[dict[str, Any]]:
    """How its carers get in, of a provider that comes to the home; not where somebody hides."""
    if provider.code != places.KINDLY.code or person.sensitivity:
        return []
    code = str(1000 + person.number * 37 % 9000)
    return [{"id": "W1", "kind": "key safe", "where": "by the side door", "code": code}]


def local_number(person: Person, provider: Provider) -> str:
    """The provider's own number for the person."""
    return f"{'SC' if provider == places.COUNCIL else provider.code}-{20_416 + person.number}"


def _names(person: Person, provider: Provider) -> tuple[str, ...]:
    """What one plan is about: each organisation plans its own part of what the person wants."""
    part = person.goals[_PART[provider.code]]
    return part or person.goals[-1:] or ("friends",)


def _day(days_before: int) -> str:
    return (SEEN_ON - timedelta(days=days_before)).isoformat()


def _person(person: Person, provider: Provider) -> dict[str, Any]:
    number = person.nhs_number
    if person.dirt == "number" and provider == places.COUNCIL:
        number = f"{number[:9]}{(int(number[9]) + 1) % 10}"
    made: dict[str, Any] = {
        "local_id": local_number(person, provider),
        "nhs_number": f"{number[:3]} {number[3:6]} {number[6:]}",
        "birth_date": person.born.isoformat(),
        "family_name": person.family.upper(),
        "given_names": [person.given],
        "likes_to_be_called": person.given,
        "gender": person.gender,
        "address": {"lines": [person.street, person.town], "postcode": person.postcode},
        "phone": person.phone,
        "language": "en",
    }
    return {k: v for k, v in made.items() if not (person.sensitivity and k in _LOCATION)}


_LOCATION: Final = frozenset({"address", "phone"})


def _plan(person: Person, provider: Provider, lead: str) -> dict[str, Any]:
    kind, title = _TYPES[provider.code]
    return {
        "id": f"SP-{880 + person.number}",
        "type": kind,
        "state": "active",
        "title": title,
        "created_on": (STARTED - timedelta(days=1)).isoformat(),
        "starts_on": STARTED.isoformat(),
        "ends_on": (STARTED + timedelta(weeks=6)).isoformat(),
        "review_by": (STARTED + timedelta(weeks=5)).isoformat(),
        "what_matters": "Being in my own home, and seeing my friends.",
        "strengths": "Determined; neighbours who look in.",
        "if_things_get_worse": "Ring the team first.",
        "lead": f"{lead}, {_lead_role(provider)}",
        "agreed": [
            {
                "who": f"{person.given} {person.family}",
                "relation": "the person",
                "on": STARTED.isoformat(),
            }
        ],
    }


def _lead_role(provider: Provider) -> str:
    if provider == places.COUNCIL:
        return "social worker"
    return "wellbeing worker" if provider == places.WELLBEING else "home-care co-ordinator"


def _need(number: int, wish: Wish) -> dict[str, Any]:
    made = {"id": f"N{number}", "words": wish.need, "eligible": True}
    return made | _outcome(wish)


def _outcome(wish: Wish) -> dict[str, str]:
    return {"care_act_outcome": wish.outcome} if wish.outcome else {}


def _goal(number: int, wish: Wish, dice: Dice, by: str) -> dict[str, Any]:
    reached = wish.baseline + (wish.target - wish.baseline) * (2 + dice.below(5)) / 8
    measured = {"measure": wish.measure, "unit": wish.unit, "by": by}
    return {
        "id": f"G{number}",
        "words": wish.words,
        "state": "working on",
        "need_ids": [f"N{number}"],
        "aim": wish.aim,
        **_outcome(wish),
        "importance": 10 - number,
        "success_looks_like": wish.success,
        "started_on": STARTED.isoformat(),
        "baseline": {**measured, "value": wish.baseline, "on": STARTED.isoformat()},
        "target": {
            "value": wish.target,
            "unit": wish.unit,
            "by_date": (STARTED + timedelta(weeks=6)).isoformat(),
        },
        "progress": dice.one_of(("started", "getting better", "no change")),
        "reviews": [
            {
                **measured,
                "id": "R1",
                "value": round(reached, 1),
                "on": (STARTED + timedelta(weeks=2)).isoformat(),
                "rating_by_person": dice.one_of(("better than I hoped", "slow", "as I hoped")),
            }
        ],
    }


def _action(number: int, wish: Wish, provider: Provider) -> dict[str, Any]:
    return {
        "id": f"A{number}",
        "what": wish.action,
        "who": provider.name,
        "who_ods": provider.code,
        "when": wish.when,
        "goal_ids": [f"G{number}"],
        "state": "going on",
        "starts_on": STARTED.isoformat(),
        "ends_on": _ends_on(provider),
    }


def _ends_on(provider: Provider) -> str:
    weeks = 6 if provider == places.HOME_FIRST else 26
    return date.fromordinal(STARTED.toordinal() + 7 * weeks).isoformat()


def _safety(person: Person, provider: Provider, dice: Dice) -> list[dict[str, Any]]:
    if provider == places.WELLBEING:
        return []
    chosen = SAFETY[:1] if person.role == "norma" else (dice.one_of(SAFETY),)
    return [
        {"id": f"S{n}", "kind": kind, "instruction": words}
        for n, (kind, words) in enumerate(chosen, 1)
    ]

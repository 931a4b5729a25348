"""What a search finds is what single reads show, filtered in Python: for every kind of parameter,
along references in both directions, for callers who see different parts of one world.

The world holds rows that some callers may not see, that are shown without their reason, and of a
person whose whereabouts are masked. The judge below knows nothing of indexes: it asks the bodies
that this caller is shown.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.periods import MAX_MICROS, MIN_MICROS, first_moment, next_moment, to_micros
from tests.api.rows import mark, put
from tests.api.running import Starter
from tests.api.world import COUNCIL, PRACTICE, World
from tests.sampling import examples

SYSTEM = "https://codes.example/a"
CODES = ("c1", "c2", "c3_%", "c|4,\\")
STATUSES = {
    "CarePlan": ("active", "completed", "draft"),
    "Goal": ("active", "proposed"),
    "Observation": ("final", "amended"),
    "Encounter": ("finished", "planned"),
    "Condition": (),
    "Provenance": (),
}
LABELS: tuple[dict[str, Any], ...] = (
    {},
    {},
    {},
    {"conf": "V"},
    {"conf": "R", "sens": "PSY"},
    {"category": "safety", "sens": "PSY", "conf": "R"},
    {"category": "safety"},
    {"legal": "SEALED"},
)
DAYS = ("2025", "2026-01", "2026-01-10", "2026-02-03", "2026-02-03T10:00:00Z", "2027-05-01")
EACH = 14
TOLD = "Provenance"
SCOPED = 3
"""Which of the callers has a token for plans and goals alone."""


def _reference(rng: random.Random, names: dict[str, list[str]], *kinds: str) -> dict[str, str]:
    if rng.random() < 0.15:
        return {"display": "somebody in words"}
    kind = rng.choice(kinds)
    name = rng.choice([*names[kind], f"{kind.lower()}-none"])
    return {"reference": f"{kind}/{name}", "display": "shown with it"}


def _concept(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.1:
        return {"text": "in words"}
    coding = {"code": rng.choice(CODES)}
    if rng.random() < 0.8:
        coding["system"] = rng.choice((SYSTEM, f"{SYSTEM}b"))
    return {"coding": [coding]}


def _period(rng: random.Random) -> dict[str, str]:
    first, last = sorted((rng.choice(DAYS[:4]), rng.choice(DAYS[:4])))
    return rng.choice(({"start": first, "end": last}, {"start": first}, {"end": last}))


def _resource(rng: random.Random, kind: str, name: str, names: dict[str, list[str]]) -> dict:
    made: dict[str, Any] = {"resourceType": kind, "id": name}
    made["identifier"] = [{"system": "https://ids.example", "value": f"{name[-1]},x"}]

    def often(element: str, value: Any) -> None:
        if rng.random() < 0.7:
            made[element] = value

    if STATUSES[kind]:
        made["lifecycleStatus" if kind == "Goal" else "status"] = rng.choice(STATUSES[kind])
    if kind == "CarePlan":
        often("category", [_concept(rng), _concept(rng)])
        often("period", _period(rng))
        often("goal", [_reference(rng, names, "Goal") for _ in range(2)])
        often("addresses", [_reference(rng, names, "Condition")])
        often("encounter", _reference(rng, names, "Encounter"))
    elif kind == "Goal":
        often("category", [_concept(rng)])
        often("startDate", rng.choice(DAYS[:4]))
        often("target", [{"dueDate": rng.choice(DAYS[2:4])}, {"dueDate": rng.choice(DAYS[2:4])}])
    elif kind == "Observation":
        often("code", _concept(rng))
        often("effectiveDateTime", rng.choice(DAYS))
        often("encounter", _reference(rng, names, "Encounter"))
        often("hasMember", [_reference(rng, names, "Observation")])
    elif kind == "Condition":
        made["clinicalStatus"] = _concept(rng)
        often("code", _concept(rng))
        often("encounter", _reference(rng, names, "Encounter"))
    elif kind == "Encounter":
        often("period", _period(rng))
        often("type", [_concept(rng)])
        often("diagnosis", [{"condition": _reference(rng, names, "Condition")}])
    else:
        del made["identifier"]
        made["recorded"] = "2026-01-10T10:00:00Z"
        made["target"] = [
            _reference(rng, names, "Goal", "CarePlan") for _ in range(rng.randint(1, 2))
        ]
        made["agent"] = [{"who": {"display": "Priya Nair"}}]
    return made


def _fill(world: World) -> list[tuple[str, str]]:
    """Rows of two people, drawn by one seed; their types and ids."""
    rng = random.Random(20261122)
    found = []
    people = {"a": world.alice, "n": world.norma}
    mark(world.service, people["n"], pds="R")
    for letter, person in people.items():
        names = {
            kind: [f"{letter}-{kind[:3].lower()}-{n}" for n in range(EACH)] for kind in STATUSES
        }
        for kind, several in names.items():
            for name in several:
                made = _resource(rng, kind, name, names)
                subject = {"reference": f"Patient/{person}"}
                if kind != "Provenance":
                    made["subject"] = subject
                put(world.service, person, made, **rng.choice(LABELS))
                found.append((kind, name))
    return found


class Judge:
    """What one caller is shown, asked in Python."""

    def __init__(self, bodies: list[dict]) -> None:
        self.bodies = {(one["resourceType"], one["id"]): one for one in bodies}

    def all(self, kind: str, tests: list[Callable[["Judge", dict], bool]]) -> set[str]:
        return {
            name
            for (one, name), body in self.bodies.items()
            if one == kind and all(test(self, body) for test in tests)
        }

    def referred(self, body: dict, path: str) -> Iterator[dict]:
        for one in _under(body, path):
            kind, _, named = one.get("reference", "").partition("/")
            name = named.partition("/")[0]
            if (kind, name) in self.bodies:
                yield self.bodies[kind, name]


def _under(node: Any, path: str) -> Iterator[Any]:
    if isinstance(node, list):
        for one in node:
            yield from _under(one, path)
    elif not path:
        yield node
    elif isinstance(node, dict):
        head, _, rest = path.partition(".")
        if head in node:
            yield from _under(node[head], rest)


def _has_code(body: dict, path: str, system: str | None, code: str) -> bool:
    for one in _under(body, path):
        codings = one.get("coding", []) if isinstance(one, dict) else [{"code": one}]
        for coding in codings:
            fits = system is None or coding.get("system", "") == system
            if fits and code in ("", coding["code"]):
                return True
    return False


def _range(value: Any) -> tuple[int, int]:
    start = value.get("start") if isinstance(value, dict) else value
    end = value.get("end") if isinstance(value, dict) else value
    low = to_micros(first_moment(start)) if start else MIN_MICROS
    return low, to_micros(next_moment(end)) if end else MAX_MICROS


def _is_dated(body: dict, path: str, prefix: str, day: str) -> bool:
    first, after = to_micros(first_moment(day)), to_micros(next_moment(day))
    for low, high in map(_range, _under(body, path)):
        inside = first <= low and high <= after
        if {
            "eq": inside,
            "ne": not inside,
            "gt": high > after,
            "lt": low < first,
            "ge": high > after or inside,
            "le": low < first or inside,
            "sa": low >= after,
            "eb": high <= first,
        }[prefix]:
            return True
    return False


TOKENS = {
    "CarePlan": (("category", "category"), ("status", "status")),
    "Goal": (("category", "category"), ("lifecycle-status", "lifecycleStatus")),
    "Observation": (("code", "code"), ("status", "status")),
    "Condition": (("code", "code"), ("clinical-status", "clinicalStatus")),
    "Encounter": (("type", "type"), ("status", "status")),
}
DATES = {
    "CarePlan": (("date", "period"),),
    "Goal": (("start-date", "startDate"), ("target-date", "target.dueDate")),
    "Observation": (("date", "effectiveDateTime"),),
    "Encounter": (("date", "period"),),
    "Provenance": (("recorded", "recorded"),),
}
LINKS = {
    "CarePlan": (
        ("goal", "goal", "Goal"),
        ("condition", "addresses", "Condition"),
        ("encounter", "encounter", "Encounter"),
    ),
    "Observation": (
        ("encounter", "encounter", "Encounter"),
        ("has-member", "hasMember", "Observation"),
    ),
    "Condition": (("encounter", "encounter", "Encounter"),),
    "Encounter": (("diagnosis", "diagnosis.condition", "Condition"),),
    "Provenance": (("target", "target", "Goal"), ("target", "target", "CarePlan")),
}
Asked = tuple[str, str, Callable[[Judge, dict], bool]]


def _escape(text: str) -> str:
    return "".join("\\" + one if one in "\\,|$" else one for one in text)


@st.composite
def simple(draw: Any, kind: str) -> Asked:
    """One parameter on the type itself: its name, its value, what it means."""
    ways = [one for one in (TOKENS, DATES, LINKS) if kind in one]
    table: Any = draw(st.sampled_from(ways))
    name, path, *target = draw(st.sampled_from(table[kind]))
    missing = draw(st.integers(0, 5)) == 0
    if missing:
        absent = draw(st.booleans())
        return (
            f"{name}:missing", str(absent).lower(),
            lambda _judge, body: absent != any(True for _ in _under(body, path)),
        )  # fmt: skip
    if table is DATES:
        prefix = draw(st.sampled_from(["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]))
        day = draw(st.sampled_from(DAYS))
        return name, prefix + day, lambda _judge, body: _is_dated(body, path, prefix, day)
    if table is LINKS:
        wanted = (
            f"{draw(st.sampled_from('an'))}-{target[0][:3].lower()}-{draw(st.integers(0, EACH))}"
        )
        value = f"{target[0]}/{wanted}"
        return (
            name,
            value,
            lambda judge, body: any(
                one["id"] == wanted and one["resourceType"] == target[0]
                for one in judge.referred(body, path)
            ),
        )
    negated = draw(st.booleans())
    codes = [*STATUSES[kind], *CODES] if path in ("status", "lifecycleStatus") else CODES
    code, system = draw(st.sampled_from(codes)), None
    if path not in ("status", "lifecycleStatus"):
        system = draw(st.sampled_from([None, "", SYSTEM, f"{SYSTEM}b"]))
        code = draw(st.sampled_from([code, ""])) if system else code
    value = _escape(code) if system is None else f"{system}|{_escape(code)}"
    return (
        f"{name}:not" if negated else name, value,
        lambda _judge, body: negated != _has_code(body, path, system, code),
    )  # fmt: skip


@st.composite
def asked(draw: Any, kind: str, steps: int = 2) -> Asked:
    """A parameter, perhaps along a reference, perhaps against one."""
    way = draw(st.sampled_from(["here", "along", "against"])) if steps else "here"
    if way == "along" and kind in LINKS:
        name, path, target = draw(st.sampled_from(LINKS[kind]))
        rest, value, meant = draw(asked(target, steps - 1))
        return (
            f"{name}:{target}.{rest}",
            value,
            lambda judge, body: any(
                one["resourceType"] == target and meant(judge, one)
                for one in judge.referred(body, path)
            ),
        )
    if way == "against":
        sources = [(k, *one) for k, several in LINKS.items() for one in several if one[2] == kind]
        if sources:
            source, name, path, _ = draw(st.sampled_from(sources))
            rest, value, meant = draw(asked(source, steps - 1))

            def refers(judge: Judge, body: dict) -> bool:
                me = (body["resourceType"], body["id"])
                return any(
                    (one["resourceType"], one["id"]) == me and meant(judge, other)
                    for (k, _), other in judge.bodies.items()
                    if k == source
                    for one in judge.referred(other, path)
                )

            return f"_has:{source}:{name}:{rest}", value, refers
    return draw(simple(kind))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def worlds(request, tmp_path_factory):
    starter = Starter(request, request.param, tmp_path_factory.mktemp("oracle"))
    world = World(starter())
    names = _fill(world)
    names += [(TOLD, f"{name}.1") for kind, name in names if kind != TOLD]
    people = [world.alice, world.norma]
    judges = []
    for who in (
        world.gp,
        world.service.token("home-care", "hc-1", COUNCIL),
        world.service.token("social-worker", "sw-1", COUNCIL),
        world.service.token("gp", "gp-1", PRACTICE, scope="user/CarePlan.rs user/Goal.rs"),
    ):
        answers = [world.service.get(f"{kind}/{name}", who) for kind, name in names]
        bodies = [one.json() for one in answers if one.status_code == 200]
        judges.append((who, Judge(bodies)))
    yield world, people, judges
    starter.stop()


def test_callers_are_shown_different_parts_of_this_world(worlds):
    _, _, judges = worlds
    assert len({frozenset(judge.bodies) for _, judge in judges}) >= 3
    assert all(judge.bodies for _, judge in judges)


@settings(
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a_search_finds_what_single_reads_show(worlds, data):
    world, people, judges = worlds
    kind = data.draw(st.sampled_from(sorted(STATUSES)))
    several = data.draw(st.lists(asked(kind), min_size=1, max_size=2))
    query = [("patient", ",".join(people)), *((name, value) for name, value, _ in several)]
    for number, (who, judge) in enumerate(judges):
        if number == SCOPED and kind not in ("CarePlan", "Goal"):
            continue
        expected = judge.all(kind, [meant for _, _, meant in several])
        found, total = _walked(world, kind, query, who)
        assert len(found) == total
        assert {one for one in found if one[1:2] == "-"} == expected, (kind, query)


def _walked(world: World, kind: str, query: list, who: dict) -> tuple[set[str], int]:
    answer = world.service.get(f"{kind}?{urlencode([*query, ('_count', '500')])}", who)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return {one["resource"]["id"] for one in body.get("entry", [])}, body["total"]

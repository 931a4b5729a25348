"""The walk-through: push a borough, then look at one person as each member of her team does.

    push -> permission and teams -> views -> dissent -> a refused look -> lineage -> audit

In      A gateway over HTTP, a borough, the policy; what its operator can ask. Starts nothing.
Out     Findings.
Errors  StepFailedError: an answer was not the one a step needs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from consent.policy import Policy
from consent.terms import Confidentiality
from gateway.cli.demo import deliveries, places, written_forms
from gateway.cli.demo.deliveries import Delivery
from gateway.cli.demo.findings import Findings, Integrity, Look, Origin, View, counted
from gateway.cli.demo.gateway_client import As, Gateway, StepFailedError
from gateway.cli.demo.people import SEEN_ON, Borough, Person
from gateway.cli.demo.places import Practice, Provider
from gateway.cli.demo.plans import WISHES

AT_ONCE: Final = 8
"""Requests in flight: the embedded store has one writer."""
DENIED_CATEGORY: Final = "medicines"
TRACED: Final = "walk"
GOVERNANCE_PURPOSE: Final = "HCOMPL"
_WORKER: Final = {
    places.HOSPITAL.code: "hospital-doctor",
    places.COMMUNITY.code: "community-nurse",
    places.MENTAL_HEALTH.code: "mental-health-nurse",
    places.COUNCIL.code: "social-worker",
    places.HOME_FIRST.code: "home-care",
    places.KINDLY.code: "home-care",
    places.WELLBEING.code: "wellbeing",
}
"""Who of each provider asks the person for permission to view."""

Json = dict[str, Any]
Told = Callable[[str], None]


def worker_of(provider: Provider) -> As:
    """The member of the team who comes from this provider."""
    role = _WORKER[provider.code]
    return As(role, f"{role}-{provider.code.lower()}", provider.code)


def doctor_of(practice: Practice) -> As:
    """The general practitioner of this practice."""
    return As("gp", f"gp-{practice.code.lower()}", practice.code)


def coordinator_of(practice: Practice) -> As:
    """The case co-ordinator of the team round this practice."""
    return As("case-coordinator", f"coordinator-{practice.code.lower()}", practice.code)


class Operator(Protocol):
    """What the operator of a gateway can ask of it, beside HTTP."""

    async def verify(self) -> Integrity:
        """The verdict on the log."""
        ...

    async def reviews(self) -> Mapping[str, Mapping[str, int]]:
        """By feed and reason: how many records of people could not be linked safely."""
        ...


def _say_nothing(_text: str) -> None:
    return


@dataclass(slots=True)
class WalkThrough:
    """One walk through one borough."""

    gateway: Gateway
    borough: Borough
    policy: Policy
    operator: Operator
    tell: Told = _say_nothing

    async def walk(self) -> Findings:
        """Every step, in order."""
        found = Findings(len(self.borough.people))
        ids = await self._push_everything(found)
        await self._build_teams(found, ids)
        norma = self.borough.by_role["norma"]
        patient_id = ids[norma.number]
        await self._show_views(found, norma, patient_id)
        await self._show_dissent(found, norma, patient_id)
        await self._show_refusal(found, patient_id)
        await self._trace_goal(found, patient_id)
        await self._show_audit(found, patient_id)
        return found

    async def _push_everything(self, found: Findings) -> dict[int, str]:
        """Every delivery; the id each person is known by."""
        self.tell("Practices send their records")
        ids: dict[int, str] = {}
        for delivery, answer in await self._push_all(deliveries.from_practices(self.borough)):
            found.count(delivery.feed, answer)
            ids[delivery.about] = _patient_in(answer, delivery)
        self.tell("Hospital, community, mental health and social care send theirs")
        for delivery, answer in await self._push_all(deliveries.from_others(self.borough)):
            found.count(delivery.feed, answer)
        for feed, reasons in (await self.operator.reviews()).items():
            found.feeds[feed].review.update(reasons)
        return ids

    async def _push_all(self, all_of: Iterable[Delivery]) -> list[tuple[Delivery, Json]]:
        async def one(delivery: Delivery) -> tuple[Delivery, Json]:
            return delivery, await self.gateway.push(delivery)

        return await _together(one(delivery) for delivery in all_of)

    async def _build_teams(self, found: Findings, ids: dict[int, str]) -> None:
        """Each person is asked by their practice; those with several providers get a team. Who is
        very restricted is open to nobody who is not on their team already."""
        self.tell("People are asked for permission to view; teams are put together")
        everybody = self.borough.people
        people = [
            one for one in everybody if not one.opted_out and one.sensitivity != _HIDDEN_WHOLLY
        ]
        asked = [(coordinator_of(person.practice), ids[person.number]) for person in people]
        await _together(self.gateway.record_permission(*one) for one in asked)
        with_teams = [person for person in people if len(person.providers) > 1]
        await _together(
            self.gateway.create(
                coordinator_of(person.practice), _team_of(person, ids[person.number])
            )
            for person in with_teams
        )
        of_team = [
            (worker_of(provider), ids[person.number])
            for person in with_teams
            for provider in person.providers
        ]
        await _together(self.gateway.record_permission(*one) for one in of_team)
        found.teams, found.permissions = len(with_teams), len(asked) + len(of_team)

    async def _show_views(self, found: Findings, norma: Person, patient_id: str) -> None:
        self.tell("Three members of Norma's team look at her record")
        for caller in (
            doctor_of(norma.practice),
            worker_of(places.COUNCIL),
            worker_of(places.HOME_FIRST),
        ):
            shown = await self.gateway.everything(caller, patient_id)
            found.views.append(View(caller.role, counted(shown), self._why_less(caller.role)))

    def _why_less(self, role_id: str) -> str:
        """A fact about the role, the same for every person: it says nothing of this record."""
        role = self.policy.roles[role_id]
        closed = ", ".join(role.never_sees) or "nothing"
        more = "; nor what is marked restricted" if role.clearance < _RESTRICTED else ""
        return f"{role.title}: of the shelves {closed}: nothing, whoever the person is{more}"

    async def _show_dissent(self, found: Findings, norma: Person, patient_id: str) -> None:
        """Norma does not want her home-care workers to see which medicines she takes."""
        self.tell("Norma says no to one thing")
        worker = worker_of(places.HOME_FIRST)
        found.before = len(await self.gateway.everything(worker, patient_id))
        said = written_forms.dissent(
            patient_id, SEEN_ON.isoformat(), places.HOME_FIRST.code, DENIED_CATEGORY
        )
        await self.gateway.create(coordinator_of(norma.practice), said)
        found.after = len(await self.gateway.everything(worker, patient_id))

    async def _show_refusal(self, found: Findings, patient_id: str) -> None:
        """A doctor of another hospital: the same answer as for a person who does not exist."""
        self.tell("Somebody with no relationship to Norma tries")
        stranger = As("hospital-doctor", "stranger", "RZZ")
        refused = await self.gateway.look(stranger, f"Patient/{patient_id}/$everything")
        missing = await self.gateway.look(stranger, f"Patient/{_NOBODY}/$everything")
        found.refused_status = refused.status_code
        found.refused_words = refused.json()["issue"][0]["diagnostics"]
        found.refused_like_missing = (refused.status_code, refused.content) == (
            missing.status_code,
            missing.content,
        )

    async def _trace_goal(self, found: Findings, patient_id: str) -> None:
        self.tell("One goal is traced to the message it came from")
        worker = worker_of(places.COUNCIL)
        shown = await self.gateway.everything(worker, patient_id)
        found.goal = WISHES[TRACED].words
        goal = next(_planned_goals(shown, found.goal), None)
        if goal is None:
            raise StepFailedError("the goal to trace is among what is shown", 200)
        told = await self.gateway.read(worker, f"Goal/{goal['id']}/$lineage")
        found.lineage = [_origin(element) for element in told.get("parameter", ())]

    async def _show_audit(self, found: Findings, patient_id: str) -> None:
        """A lead sees accesses by their own staff or to their own data; one sees the borough."""
        self.tell("Governance leads read who looked, and the log is verified")
        one, all_of = (
            As(role, f"{role}-x1k", places.COUNCIL.code, purpose=GOVERNANCE_PURPOSE)
            for role in ("governance-lead", "borough-governance")
        )
        found.looks_of_one = len(await self.gateway.events_about(one, patient_id))
        events = await self.gateway.events_about(all_of, patient_id)
        found.looks = [_look(event) for event in events]
        found.integrity = await self.operator.verify()


_HIDDEN_WHOLLY: Final = "very restricted"
_RESTRICTED: Final = int(Confidentiality.RESTRICTED)
_NOBODY: Final = "00000000-0000-8000-8000-000000000000"


async def _together(work: Iterable[Awaitable[Any]]) -> list[Any]:
    """All of it, so many at a time, in the order given; the first failure ends the rest."""
    waiting = enumerate(work)
    done: dict[int, Any] = {}

    async def take_turns() -> None:
        for place, one in waiting:
            done[place] = await one

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(take_turns())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [done[place] for place in sorted(done)]


def _patient_in(answer: Json, delivery: Delivery) -> str:
    """The id of the Patient among what a delivery became."""
    for resource in answer.get("resources", ()):
        kind, _, name = str(resource["reference"]).partition("/")
        if kind == "Patient":
            return name
    raise StepFailedError(f"the Patient of a record of {delivery.org}", 200)


def _team_of(person: Person, patient_id: str) -> Json:
    practice = person.practice
    members = [(practice.code, practice.name)]
    members += [(provider.code, provider.name) for provider in person.providers]
    name = f"{practice.locality.name} team round {practice.name}"
    return written_forms.care_team(patient_id, name, members)


def _planned_goals(resources: Iterable[Json], words: str) -> Iterator[Json]:
    """Goals in these words that answer a need, as support plans state them."""
    for one in resources:
        is_planned = one["resourceType"] == "Goal" and "addresses" in one
        if is_planned and one["description"].get("text") == words:
            yield one


def _origin(element: Json) -> Origin:
    parts = {
        part["name"]: next((str(v) for k, v in part.items() if k.startswith("value")), "")
        for part in element.get("part", ())
    }
    return Origin(
        parts.get("path", ""),
        parts.get("sourceField", ""),
        parts.get("rule", ""),
        parts.get("delivery", ""),
    )


def _look(event: Json) -> Look:
    """One AuditEvent as a line."""
    agents = event.get("agent", [])
    caller: Json = next((agent for agent in agents if agent.get("requestor")), {})
    orgs = [
        str(who.get("value", ""))
        for agent in agents
        if (who := agent.get("who", {}).get("identifier", {})).get("system") == _ODS
    ]
    role = caller.get("role", [{}])[0].get("coding", [{}])[0].get("code", "")
    subtypes = [str(one.get("code", "")) for one in event.get("subtype", ())]
    return Look(
        when=str(event.get("recorded", "")),
        what=subtypes[-1] if subtypes else "",
        who=str(caller.get("altId", "")),
        role=str(role),
        org=next(iter(orgs), ""),
        outcome=str(event.get("outcomeDesc", "")).partition(" ")[0],
    )


_ODS: Final = "https://fhir.nhs.uk/Id/ods-organization-code"

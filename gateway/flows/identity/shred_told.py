"""What shredding says of itself: to the log, and to whoever asks.

Rule    An entry names records in its detail: what it names as its own is sealed under a key that
        goes. The reason stays readable, and is to name nobody.
"""

from collections.abc import Mapping
from typing import Any, Final, NoReturn

from gateway.audit.entry import AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros
from gateway.errors import Fault, FaultyRequestError
from gateway.flows.asking.deciding import Decider
from gateway.store.commit.units import Store
from gateway.store.identity.source_records import Record
from gateway.store.upkeep.shred_requests import Request

OPEN: Final = ("asked", "confirmed")
"""The states of a request that is not over."""


def told(
    decider: Decider,
    records: Mapping[str, Record],
    detail: tuple[tuple[str, str], ...],
    reason: str = "",
) -> list[AuditEntry]:
    """An entry for each organisation that has some of these records."""
    held: dict[tuple[str, str], list[str]] = {}
    for one in sorted(records.values(), key=lambda one: one.patient_id):
        held.setdefault((one.person_id, one.source_org), []).append(one.patient_id)
    return [
        entry(decider, person, (("owners", org), *detail, ("records", " ".join(ids))), reason)
        for (person, org), ids in sorted(held.items())
    ]


def entry(
    decider: Decider, person_id: str, detail: tuple[tuple[str, str], ...], reason: str
) -> AuditEntry:
    """One entry."""
    return AuditEntry(
        decider.at, Event.SHRED, Outcome.STORED, decider.agent, person_id=person_id, detail=detail,
        sensitive=Sensitive(free_text=reason.strip()),
    )  # fmt: skip


def shown(one: Request) -> dict[str, Any]:
    """A request, as it is told."""
    return {
        "request": one.request_id,
        "record": one.patient_id,
        "records": len(one.records.split()),
        "basis": one.basis,
        "state": one.state,
        "asked_by": one.asked_by,
        "asked": from_micros(one.asked_at).isoformat(),
        "confirmed_by": one.confirmed_by,
    }


def is_one(store: Store, name: str, decider: Decider) -> bool:
    """Whether who is kept by that name decides again: the user counts, at whichever organisation or
    at the command line."""
    return store.vault.staff.is_one(_user(name), _user(decider.name))


def _user(name: str) -> str:
    user, _, last = name.rpartition("@")
    return user or last


def refuse(path: str, text: str) -> NoReturn:
    """Say what stands in the way."""
    raise FaultyRequestError([Fault("business-rule", path, text)])

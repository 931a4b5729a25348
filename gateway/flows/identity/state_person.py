"""An operator states what stands on a person: how far they are protected, opted out, dead, and
from which day new entries are reviewed before the person sees them.

    the record is there -> the word -> it stands from the next request -> record

Rule    A word is said of one source record, and stands before that record's own source until it is
        taken back (`open`). It holds for everybody the record is linked with, and goes with it
        where links part. The reason is needed, and stands sealed in the log.
Errors  NotFoundError for a record that is not there; FaultyRequestError without a reason, or for
        a value that the fact does not have.
"""

from typing import Any

from uuid_utils import uuid7

from gateway.audit.events import Event
from gateway.clock import to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError
from gateway.flows.asking.deciding import Decider, check_reason, linked, told
from gateway.identity.person_facts import OPEN, VALUES, Fact, Said, is_value
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import person_facts, source_records
from gateway.store.identity.person_facts import Word
from mappings.core.model.dates import utc_text


async def state(
    store: Store, operator: Decider, patient_id: str, said: tuple[Fact, str], reason: str
) -> dict[str, Any]:
    """The word, and what stands on the person now."""
    fact, value = said
    check_reason(reason)
    if value != OPEN and not is_value(fact, value):
        day = ("a day (YYYY-MM-DD)",) if fact is Fact.REVIEW else ()
        text = "one of: " + ", ".join((*VALUES[fact], *day, OPEN))
        raise FaultyRequestError([Fault("value", str(fact), text)])
    decision = str(uuid7())
    word = Word(
        Said(patient_id, fact, value, decided=True),
        f"{utc_text(operator.at)} {decision}",
        operator.name,
        to_micros(operator.at),
    )

    async def unit(conn: Connection) -> dict[str, Any]:
        found = await source_records.records(conn, "patient_id", [patient_id], locked=True)
        if not found:
            raise NotFoundError("there is no such source record")
        await person_facts.take(conn, [word])
        records = await linked(conn, found)
        detail = (("decision", decision), ("record", patient_id), (str(fact), value))
        entries = told(operator, Event.IDENTITY_CHANGE, records.values(), detail, reason)
        await append(conn, store.vault, entries)
        person_id = found[patient_id].person_id
        stands = (await person_facts.of_people(conn, [person_id])).get(person_id, {})
        return {
            "decision": decision,
            "person": person_id,
            "records": sorted(records),
            "stands": {str(name): kept for name, kept in stands.items()},
        }

    return await store.write(unit)

"""An operator decides that two source records are one person's, or are not, and says why.

    both records are there -> the decision -> links made anew -> it holds -> record

Rule    A decision is added, never changed: the newest on a pair stands, and `open` takes it back.
        It is on what was said of both as it is made; who decides on what the queue showed names
        that (`seen`), and decides again where something else is said since.
        Nothing but links changes; who is linked with whom no longer sees anything from the next
        request. The reason is needed, and stands sealed in the log: people are named in such
        words. The log names every record of each person that the two are of, or were of: all whose
        view may have changed.
Errors  NotFoundError for a record that is not there; FaultyRequestError without a reason, for one
        record named twice, and for a merge against earlier decisions; VersionConflictError where
        the queue showed something else.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from uuid_utils import uuid7

from gateway.audit.entry import AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import from_micros, to_micros
from gateway.errors import Fault, FaultyRequestError, NotFoundError, VersionConflictError
from gateway.flows.asking.deciding import Decider, check_reason, linked, told
from gateway.identity.sayings import OF_MANY
from gateway.identity.statements import Statement, Verdict
from gateway.store.commit.log import append
from gateway.store.commit.units import Store
from gateway.store.database.engine import Connection
from gateway.store.identity import people, person_facts, source_records, statements, together
from gateway.store.identity.person_facts import Word
from gateway.store.identity.source_records import Record, said_of_both
from gateway.store.identity.statements import Stated
from mappings.core.model.dates import utc_text

_SINCE: Final = Fault("conflict", "seen", "something else is said of them since: look again")


async def decide(
    store: Store,
    operator: Decider,
    statement: tuple[str, str, Verdict],
    reason: str,
    seen: str = "",
) -> dict[str, Any]:
    """The decision with what it made of the two records."""
    record, other, verdict = statement
    check_reason(reason)
    if record == other:
        raise FaultyRequestError([Fault("invalid", "record", "name two records")])
    decision = str(uuid7())
    said = Statement(record, other, verdict, (utc_text(operator.at), decision), decided=True)
    made = Stated(decision, said, operator.name, "", to_micros(operator.at))

    async def unit(conn: Connection) -> dict[str, Any]:
        before = await linked(conn, await _both(conn, said))
        await people.decide(conn, made)
        after = await linked(conn, await _both(conn, said))
        if seen and seen != said_of_both(after[record], after[other]):
            raise VersionConflictError([_SINCE])
        _check_holds(said, after)
        now = await source_records.records(conn, "patient_id", {*before, *after})
        detail = (("decision", decision), ("verdict", str(verdict)), ("record", record),
                  ("other", other))  # fmt: skip
        entries = told(operator, Event.IDENTITY_CHANGE, now.values(), detail, reason)
        await append(conn, store.vault, entries)
        moved = [one for one in sorted(before) if before[one].person_id != now[one].person_id]
        records = [_record(after[one]) for one in (record, other)]
        return {"decision": decision, "verdict": str(verdict), "records": records, "moved": moved}

    return await store.write(unit)


async def history(store: Store, operator: Decider, patient_id: str) -> dict[str, Any]:
    """The records of that record's person, and all that was ever said of any of them; who looks
    is in the log first. Errors: NotFoundError."""
    async with store.engine.reading() as conn:
        found = await source_records.records(conn, "patient_id", [patient_id])
        person_id = found[patient_id].person_id if found else ""
        records = await linked(conn, found)
        said = await statements.about(conn, records.keys()) if found else []
        facts = await person_facts.of_records(conn, records.keys()) if found else []
        waits = await together.waiting_of(conn, "patient_id", records.keys()) if found else []
    outcome = Outcome.SERVED if found else Outcome.NOT_FOUND
    looked = AuditEntry(
        operator.at, Event.REVIEW, outcome, operator.agent,
        person_id=person_id, patient_ids=tuple(records),
    )  # fmt: skip
    await store.log.append(looked)
    if not found:
        raise NotFoundError("there is no such source record")
    return {
        "person": person_id,
        "records": [_record(one) for one in records.values()],
        "statements": [_stated(one) for one in said],
        "facts": [_word(one) for one in facts],
        "unsettled": [asdict(one) for one in waits],
    }


async def _both(conn: Connection, said: Statement) -> Mapping[str, Record]:
    found = await source_records.records(conn, "patient_id", said.pair)
    if len(found) < len(said.pair):
        raise NotFoundError("there is no such source record")
    return found


def _check_holds(said: Statement, after: Mapping[str, Record]) -> None:
    """Errors: FaultyRequestError for a merge that an earlier decision keeps from holding."""
    is_one = after[said.patient_id].person_id == after[said.other_id].person_id
    if said.verdict is Verdict.SAME and not is_one:
        text = "an earlier decision tells them, or others of theirs, apart: open that one first"
        if any(after[one].said_hash == OF_MANY for one in said.pair):
            text = "too many people were sent under one local id: its source has to part them"
        raise FaultyRequestError([Fault("contradiction", "other", text)])


def _record(one: Record) -> dict[str, Any]:
    return {
        "source_record": one.patient_id,
        "organisation": one.source_org,
        "feed": one.feed,
        "state": one.link_state,
        "person": one.person_id,
    }


def _stated(one: Stated) -> dict[str, Any]:
    said = one.statement
    return {
        "statement": one.statement_id,
        "by": one.decided_by or one.kind,
        "recorded": from_micros(one.recorded_at).isoformat(),
        "said_at": said.order[0],
        "record": said.patient_id,
        "verdict": str(said.verdict),
        "other": said.other_id,
    }


def _word(one: Word) -> dict[str, Any]:
    return {
        "record": one.said.patient_id,
        "fact": str(one.said.fact),
        "value": one.said.value,
        "by": one.said_by or "its source",
        "recorded": from_micros(one.recorded_at).isoformat(),
    }

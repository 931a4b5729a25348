"""What a lead of an organisation is told of what was refused to own staff.

Rule    A refusal tells whom it was about only where the organisation sent a record of them. Of
        anybody else it reads as if nobody of that name were here, and no search for them finds it:
        a lead who knows what a colleague tried would else learn who is known to others. The
        borough-wide view is told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from consent.terms import Reason
from gateway.audit.entry import AuditEntry
from gateway.audit.events import Outcome
from gateway.store.database.engine import Connection
from gateway.store.identity import source_records

NOTHING_SHOWN: Final = (str(Outcome.REFUSED), str(Outcome.NOT_FOUND))
_ALERT: Final = "alert"


async def known_to(conn: Connection, org: str, patient_ids: Iterable[str]) -> set[str]:
    """Those of these source records that the organisation sent."""
    return await source_records.sent_by(conn, org, sorted(set(patient_ids)))


async def unnamed(conn: Connection, org: str, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """The entries of own staff, each as it may be told."""
    refused = [one for one in entries if _is_refused(one)]
    known = await known_to(conn, org, (name for one in refused for name in one.patient_ids))
    return [
        _of_nobody(one) if _is_refused(one) and known.isdisjoint(one.patient_ids) else one
        for one in entries
    ]


def _is_refused(entry: AuditEntry) -> bool:
    return entry.outcome in NOTHING_SHOWN and not entry.resources


def _of_nobody(entry: AuditEntry) -> AuditEntry:
    nobody = entry.person_id or entry.patient_ids or entry.reasons == ("no-such",)
    return replace(
        entry,
        reasons=(str(Reason.RELATIONSHIP),) if nobody else entry.reasons,
        person_id="",
        patient_ids=(),
        subject_hash="",
        relationship="",
        evidence="",
        filter_hash="",
        access_epoch=0,
        consents=(),
        detail=tuple(pair for pair in entry.detail if pair[0] != _ALERT),
    )

"""A practice is asked for the record of each person registered with it, one after the other.

    who is due -> record that they are asked for -> ask -> push the answer -> when again

Rule    The log says who is asked for before the practice does. Who could not be had is asked for
        again, later and later; where a practice does not answer at all, the run ends early and
        the rest stay due. Nothing of a person is in a source's state.
Errors  AuditUnavailableError: then nobody is asked for. ConfigurationError.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import structlog
from uuid_utils import uuid7

from gateway.audit.entry import Agent, AuditEntry
from gateway.audit.events import Event, Outcome
from gateway.clock import to_micros
from gateway.errors import AuditUnavailableError, GatewayError
from gateway.flows.intake import gp_connect
from gateway.flows.intake.finish_deliveries import provider
from gateway.flows.intake.gp_connect import Answer, Practice
from gateway.flows.intake.pulling import PULLER, Holding, Puller
from gateway.sources import GpConnectSource
from gateway.store.database.engine import Connection
from gateway.store.intake import sources as stored
from gateway.store.intake.sources import Asked, Due, Ended

SOONEST: Final = timedelta(minutes=5)
LATEST_SOON: Final = timedelta(days=1)
LATEST: Final = timedelta(days=30)
MOST_SILENCES: Final = 5
"""After so many in a row that it could not be reached, a practice is left alone until next time."""
_log = structlog.get_logger()


@dataclass(slots=True)
class _Run:
    """What is known of a run so far."""

    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    failed: int = 0
    waiting: int = 0
    silences: int = 0
    reasons: list[str] = field(default_factory=list)

    def ended(self) -> Ended:
        """How the run ended."""
        good = self.taken + self.duplicates
        wrong = self.failed + self.refused
        outcome = "done" if not wrong else "partly" if good else "failed"
        reason = self.reasons[0] if self.reasons else ""
        return Ended(
            outcome, reason, self.taken, self.duplicates, self.refused, self.failed, self.waiting
        )


async def pull_practice(puller: Puller, source: GpConnectSource, holding: Holding) -> Ended:
    """Ask for everybody who is due, as many as one run may."""
    at = to_micros(puller.clock())
    async with puller.store.engine.reading() as conn:
        due, more = await stored.due(
            conn, puller.store.vault, source.name, source.org, at, source.most_people
        )
    run = _Run(waiting=more)
    async with gp_connect.opened(source, puller.largest_bytes) as practice:
        for number, one in enumerate(due):
            if holding.lost or run.silences >= MOST_SILENCES:
                run.waiting += len(due) - number
                break
            await _ask(puller, practice, one, run)
    return run.ended()


async def _ask(puller: Puller, practice: Practice, one: Due, run: _Run) -> None:
    """Ask for one person, and note when they are due again."""
    source = practice.source
    answer = Answer(reason="no-clear-number")
    if one.nhs_number:
        trace_id = str(uuid7())
        await _record(puller, source, one, trace_id, Outcome.UNKNOWN)
        answer = await practice.structured_record(one.nhs_number, trace_id, puller.clock())
        if answer.body:
            answer = await _take_in(puller, source, answer, trace_id, run)
        else:
            await _record(puller, source, one, trace_id, Outcome.FAILED, answer.reason)
    run.silences = run.silences + 1 if answer.reason == "not-reached" else 0
    if answer.reason:
        run.failed += not answer.body
        run.reasons.append(answer.reason)
    await _note(puller, source, one, answer)


async def _take_in(
    puller: Puller, source: GpConnectSource, answer: Answer, trace_id: str, run: _Run
) -> Answer:
    """Push what was answered; the answer, with a reason where it was not taken."""
    try:
        told = await puller.pushed(source, answer.body, gp_connect.MEDIA_TYPE, trace_id)
    except AuditUnavailableError:
        raise
    except (GatewayError, OSError) as fault:
        _log.error("answer-not-taken", feed=source.feed, fault=type(fault).__name__)
        return Answer(reason="not-applied", later=True)
    if told["status"] == "refused":
        run.refused += 1
        return Answer(answer.body, "not-the-format")
    run.duplicates += bool(told["duplicate"])
    run.taken += not told["duplicate"]
    return answer


async def _note(puller: Puller, source: GpConnectSource, one: Due, answer: Answer) -> None:
    at = puller.clock()
    failures = one.failures + 1 if answer.reason else 0
    due_at = to_micros(at + again_after(source, answer, failures))
    asked = Asked(one.person_id, due_at, failures)

    async def unit(conn: Connection) -> None:
        await stored.note(conn, source.name, asked)

    await puller.store.write(unit)


def again_after(source: GpConnectSource, answer: Answer, failures: int) -> timedelta:
    """How long until somebody is asked for again."""
    refresh = timedelta(hours=source.refresh_hours)
    doubled = 1 << min(max(failures - 1, 0), 10)
    if not answer.reason:
        return refresh
    return min(SOONEST * doubled, LATEST_SOON) if answer.later else min(refresh * doubled, LATEST)


async def _record(
    puller: Puller,
    source: GpConnectSource,
    one: Due,
    trace_id: str,
    outcome: Outcome,
    reason: str = "",
) -> None:
    entry = AuditEntry(
        recorded=puller.clock(),
        event=Event.FETCH,
        outcome=outcome,
        agent=Agent.of(provider(source.org, source.feed, f"{PULLER}:{source.name}")),
        request_id=trace_id,
        person_id=one.person_id,
        patient_ids=(one.person_id,),
        reasons=(reason,) if reason else (),
        query=source.feed,
        detail=(("owners", source.org), ("source", source.name)),
    )
    await puller.store.log.append(entry)

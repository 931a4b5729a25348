"""Entries for the tests of the log: ordinary ones, and any that could be."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from gateway.audit.entry import Agent, AuditEntry, Sensitive
from gateway.audit.events import Event, Outcome

AT = datetime(2026, 1, 31, 9, 15, 0, 250_000, UTC)
NONCE = bytes(range(16))
PERSON = "11111111-1111-8111-8111-111111111111"
PLAN = "22222222-2222-8222-8222-222222222222"
CONSENT = "33333333-3333-8333-8333-333333333333"
DOCTOR = Agent(
    user_id="555000111",
    kind="staff",
    role="hospital-doctor",
    org="RAX",
    client_id="portal",
    purpose="TREAT",
    assurance="AAL3",
    token_hash="ab" * 32,
    network="192.0.2.7",
)
READ = AuditEntry(
    recorded=AT,
    event=Event.READ,
    outcome=Outcome.SERVED,
    agent=DOCTOR,
    request_id="req-1",
    reasons=("relationship-care-team",),
    person_id=PERSON,
    relationship="care-team",
    evidence="CareTeam/1",
    resources=(("CarePlan", PLAN, 3),),
    hidden=2,
    filter_hash="cd" * 32,
    policy_version="p1",
    consents=((CONSENT, 1),),
)

texts = st.text(max_size=12)
counts = st.integers(0, 2**53 - 1)
agents = st.builds(
    Agent, user_id=texts, kind=texts, role=texts, activities=st.tuples(texts), network=texts
)
entries = st.builds(
    AuditEntry,
    recorded=st.datetimes(timezones=st.just(UTC)),
    event=st.sampled_from(Event),
    outcome=st.sampled_from(Outcome),
    agent=agents,
    request_id=texts,
    reasons=st.lists(texts, max_size=3).map(tuple),
    person_id=texts,
    patient_ids=st.lists(texts, max_size=3).map(tuple),
    resources=st.lists(st.tuples(texts, texts, counts), max_size=3).map(tuple),
    hidden=counts,
    query=texts,
    consents=st.lists(st.tuples(texts, counts), max_size=3).map(tuple),
    detail=st.dictionaries(texts, texts.filter(bool), max_size=3).map(
        lambda found: tuple(sorted(found.items()))
    ),
    sensitive=st.builds(Sensitive, raw_query=texts, free_text=texts),
)


def toy_seal(content, aad):
    """Not a cipher: shows what is sealed with what, and opens only with the same."""
    return bytes(byte ^ 0x5A for byte in content) + aad


def toy_open(sealed, aad):
    """The other way round."""
    assert sealed.endswith(aad)
    return bytes(byte ^ 0x5A for byte in sealed[: len(sealed) - len(aad)])

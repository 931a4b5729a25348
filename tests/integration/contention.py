"""Deliveries that get in each other's way: few people, many senders, the same bodies."""

from tests.integration.taking import Delivery, authored
from tests.integration.test_ingest_folds import HL7, PLANS
from tests.integration.test_ingest_identity import NORMA, OTHER, seen_by


def contended() -> list[Delivery]:
    """Some thirty deliveries about four people."""
    made = [
        seen_by(org, number, at=f"2026100{day}090000")
        for org in ("RAX", "RJ7", "RPY")
        for day, number in enumerate((NORMA, OTHER, NORMA), 1)
    ]
    made += [one for part in HL7.values() for one in part]
    made += [one for part in PLANS.values() for one in part]
    made += authored("community")[:2]
    return list({(one.feed, one.org, one.body): one for one in made}.values())

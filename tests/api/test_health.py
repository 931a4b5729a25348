"""What monitors are told, also on bad days: over HTTP and on both engines."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.store.site import feed_standing
from tests.api.rows import goal_row, put


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/status", "/fhir/R4/metadata"])
def test_a_monitor_may_ask_without_a_body(shared, path):
    answer = shared.ask("HEAD", path)
    assert answer.status_code == 200
    assert answer.content == b""
    assert int(answer.headers["content-length"]) > 0


def test_metrics_answer_without_a_database(start, monkeypatch):
    gateway = start()
    assert "care_gateway_store_up 1.0" in gateway.get("/metrics").text
    gateway.at += timedelta(minutes=1)

    def broken():
        raise OSError("the database went away")

    monkeypatch.setattr(gateway.site.store.engine, "reading", broken)
    answer = gateway.get("/metrics")
    assert answer.status_code == 200
    assert "care_gateway_store_up 0.0" in answer.text
    assert "care_gateway_labels_waiting NaN" in answer.text
    assert "process_" in answer.text, "what needs no database is told"
    monkeypatch.undo()
    answer = gateway.get("/metrics")
    assert "care_gateway_store_up 1.0" in answer.text
    assert "care_gateway_labels_waiting 0.0" in answer.text


def test_what_monitors_ask_again_is_kept_for_a_moment(gateway, world):
    assert "care_gateway_labels_waiting 0.0" in gateway.get("/metrics").text
    put(gateway, world.alice, goal_row("g-1", world.alice, "words"), conf="")
    gateway.at += timedelta(seconds=14)
    assert "care_gateway_labels_waiting 0.0" in gateway.get("/metrics").text
    assert gateway.get("/status").json()["labels"]["waiting"] == 0
    gateway.at += timedelta(seconds=1)
    assert "care_gateway_labels_waiting 1.0" in gateway.get("/metrics").text
    assert gateway.get("/status").json()["labels"]["waiting"] == 1


def test_how_fresh_a_feed_is_costs_no_reading_of_its_items(gateway):
    """The newest source time of a delivery is one entry of an index that covers it."""
    plan = "EXPLAIN QUERY PLAN " if gateway.site.store.engine.one_writer else "EXPLAIN "

    async def explained(conn):
        asked: list[Any] = []

        class Asking:
            async def fetch(self, sql, args=(), seconds=None):
                if not plan.endswith("PLAN "):
                    await conn.execute("SET LOCAL enable_seqscan = off")
                asked.extend(await conn.fetch(plan + sql, args))
                return []

        asking: Any = Asking()
        await feed_standing.freshness(asking, "RQY", "mental-health")
        return asked

    text = " ".join(str(row[-1]) for row in gateway.write(explained))
    assert "item_delivery" in text
    assert "covering index item_delivery" in text.lower() or "Index Only Scan" in text

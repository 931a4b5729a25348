"""What vendors send that were never seen here: taken, or held back with a reason; nothing fails."""

import asyncio
from typing import Any

import pytest

from tests.integration.strangers import GP, HOSPITAL, Stranger
from tests.integration.taking import (
    Delivery,
    all_taken,
    opened,
    provider,
    resources,
    upgraded,
    verified,
)

STRANGERS = {"hospital": HOSPITAL, "gp": GP}


@pytest.mark.parametrize("feed", STRANGERS)
def test_each_is_taken_or_held_back_with_a_reason(feed, database_url, tmp_path):
    upgraded(database_url)
    sent = STRANGERS[feed]
    assert len({one.body for one in sent}) == len(sent)

    async def scenario() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        async with opened(database_url, provider(tmp_path)) as store:
            answers = await all_taken(store, [Delivery(feed, one.body) for one in sent])
            assert await verified(store)
            return answers, await resources(store)

    answers, standing = asyncio.run(scenario())
    for one, answer in zip(sent, answers, strict=True):
        _is_as_told(one, answer)
        stands = [each["reference"] for each in answer["resources"]]
        assert set(stands) <= set(standing), one.name
        assert bool(stands) == (one.status != "quarantined"), one.name
    for name, (body, (origins, lines)) in standing.items():
        assert body["resourceType"] == name.partition("/")[0]
        assert {line[3] for line in lines} == set(range(len(origins))), name


def _is_as_told(one: Stranger, answer: dict[str, Any]) -> None:
    assert answer["status"] == one.status, (one.name, answer["issues"])
    assert {issue["code"] for issue in answer["issues"]} == one.codes, (one.name, answer["issues"])
    errors = [issue for issue in answer["issues"] if issue["severity"] == "error"]
    assert bool(errors) == (one.status != "taken"), (one.name, errors)
    assert all(issue["text"] for issue in answer["issues"]), one.name

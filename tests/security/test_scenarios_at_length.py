"""Scenarios that are about numbers: how long a decision or a refusal takes.

Each test bears the id of its scenario. What is a timing or a long run is for `make soak`.
"""

from bisect import bisect_right
from datetime import timedelta
from statistics import median, quantiles
from time import perf_counter, process_time

import pytest

from consent.decision import compile_filter
from consent.periods import to_micros
from gateway.settings import Settings
from gateway.store.clear.filter_sql import where
from tests.api.rows import goal_row, put
from tests.unit.consent.world import LONG_AGO, caller, deny, org, permit, person, policy, request

CONSENTS = 50
ASKED = 2_000


def _said(count):
    """So many Consents, each about something else."""
    half = [deny(askers=org(f"ORG{n}"), source_orgs=frozenset({f"SRC{n}"})) for n in range(count)]
    days = [to_micros(LONG_AGO + timedelta(days=n)) for n in range(count)]
    return (*half[: count // 2], *(permit(data_end=day) for day in days[count // 2 :]))


def test_s70_a_filter_grows_with_what_consents_say_and_not_with_how_often():
    gp = caller("gp")

    def size(*consents):
        made = compile_filter(gp, person(*consents), request(), policy())
        sql, values = where(made, "r", 1)
        return len(sql), len(values)

    fifty = _said(CONSENTS)
    assert size(*fifty) == size(*fifty, *fifty)
    none, ten = size()[1], size(*_said(10))[1]
    assert none < ten < size(*fifty)[1] <= none + (ten - none) * CONSENTS / 10


@pytest.mark.soak
def test_s70_fifty_consents_compile_in_under_a_millisecond():
    gp, about = caller("gp"), person(*_said(CONSENTS))
    taken = []
    for _ in range(ASKED):
        began = process_time()
        compile_filter(gp, about, request(), policy())
        taken.append(process_time() - began)
    assert quantiles(taken, n=100)[-1] < 0.001


def _apart(first, second):
    """Kolmogorov and Smirnov's distance, and what it exceeds once in a thousand runs by chance."""
    one, other = sorted(first), sorted(second)
    at = [(bisect_right(one, v) / len(one), bisect_right(other, v) / len(other)) for v in first]
    at += [(bisect_right(one, v) / len(one), bisect_right(other, v) / len(other)) for v in second]
    return max(abs(a - b) for a, b in at), 1.95 * (2 / len(one)) ** 0.5


@pytest.mark.soak
def test_a1_a23_hidden_and_missing_take_the_same_time(gateway, world):
    """Asked in turn: medians within a twentieth, and distributions that chance explains."""
    alice, worker = world.alice, world.social_worker
    put(gateway, alice, goal_row("g-shut", alice, "words"), conf="V")
    gateway.app.state.tick = Settings.model_fields["tick_ms"].default / 1_000
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(ASKED):
        for name in (0, 1) if turn % 2 else (1, 0):
            began = perf_counter()
            answer = gateway.get(f"Goal/{('g-shut', 'g-none')[name]}", worker)
            taken[name].append(perf_counter() - began)
            assert answer.status_code == 404
    assert abs(median(taken[0]) - median(taken[1])) < median(taken[1]) / 20
    distance, by_chance = _apart(*taken)
    assert distance < by_chance

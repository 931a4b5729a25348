"""The links on a small borough with planted errors: nobody is linked with somebody else."""

import asyncio

from bench.identity import CLEAN, OF_TWINS, PLANTS, measured, people_with_twins, records_of


def test_planted_errors_link_nobody_wrongly_and_the_queue_finds_most(tmp_path):
    sent = records_of(people_with_twins(60, 11), 11)
    assert {one.plant for one in sent} >= set(PLANTS)
    found = asyncio.run(measured(sent, tmp_path))
    assert found["wrong_links"] == 0
    assert found["precision"] == 1.0
    assert found["recall"] > 0.5
    assert found["plants"]["number missing"]["linked"] == 0
    assert found["plants"]["number reused"]["linked"] == 0
    assert found["plants"]["local id used before"]["linked"] == 0
    of_twins = [plant for plant in found["plants"] if plant in OF_TWINS]
    assert set(of_twins) == OF_TWINS
    assert all(found["plants"][plant]["linked"] == 0 for plant in of_twins)
    assert found["plants"]["two people in a message"]["linked"] == 0
    apart = found["waiting_with_a_record_elsewhere"]
    assert found["right_one_proposed"] == apart
    others = apart - found["of_twins"]
    first = found["right_one_first"] - found["right_one_first_of_twins"]
    assert first >= 0.9 * others > 0


def test_a_wrong_link_is_counted_as_one(tmp_path):
    """The measure itself: two people whom an organisation sends as one are a wrong link."""
    sent = records_of(people_with_twins(12, 3), 3)
    one, other = (
        next(s for s in sent if s.truth == truth and s.plant == CLEAN) for truth in (0, 1)
    )
    mixed = [one, type(other)(
        "XX1", "mixed", other.truth, "number reused", one.numbers, one.born, other.family,
        one.given, one.person,
    )]  # fmt: skip
    found = asyncio.run(measured(mixed, tmp_path))
    assert found["wrong_links"] == 1
    assert found["precision"] == 0.0

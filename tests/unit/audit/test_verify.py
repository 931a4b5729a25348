from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.merkle import EMPTY_ROOT, Frontier, leaf_hash
from gateway.audit.verify import verify

records = st.lists(st.binary(max_size=40), min_size=1, max_size=30, unique=True)


def written(contents):
    """The log that these records make, and its head."""
    log, frontier, root = [], Frontier(), EMPTY_ROOT
    for seq, content in enumerate(contents):
        leaf = leaf_hash(content)
        frontier, root = frontier.append(leaf)
        log.append((seq, content, leaf, root))
    return log, (len(log), root)


def renumbered(log):
    return [(seq, *rest) for seq, (_, *rest) in enumerate(log)]


@given(records)
def test_a_log_as_it_was_written_is_good(contents):
    log, head = written(contents)
    verdict = verify(log, head, {size: log[size - 1][3] for size in range(1, len(log) + 1)})
    assert verdict.ok
    assert (verdict.size, verdict.root) == head
    assert verdict.first_bad is None


def test_an_empty_log_is_good_until_a_head_says_more():
    assert verify([], (0, EMPTY_ROOT)).ok
    assert verify([], (1, b"r" * 32)).first_bad == 0


@given(records, st.data())
def test_an_edit_is_found_by_number(contents, data):
    log, head = written(contents)
    at = data.draw(st.integers(0, len(log) - 1))
    column = data.draw(st.sampled_from([1, 2, 3]))
    row = list(log[at])
    row[column] = bytes(row[column]) + b"!" if column == 1 else leaf_hash(row[column])
    log[at] = tuple(row)
    verdict = verify(log, head)
    assert (verdict.ok, verdict.first_bad) == (False, at)


@given(records, st.data())
def test_an_edit_with_its_leaf_made_to_fit_is_found_by_number(contents, data):
    log, head = written(contents)
    at = data.draw(st.integers(0, len(log) - 1))
    seq, record, _, root = log[at]
    log[at] = (seq, record + b"!", leaf_hash(record + b"!"), root)
    verdict = verify(log, head)
    assert (verdict.ok, verdict.first_bad) == (False, at)


@given(records, st.data(), st.booleans())
def test_a_removed_entry_is_found_by_number(contents, data, renumber):
    log, head = written(contents)
    at = data.draw(st.integers(0, len(log) - 1))
    del log[at]
    verdict = verify(renumbered(log) if renumber else log, head)
    assert (verdict.ok, verdict.first_bad) == (False, at)


@given(records.filter(lambda contents: len(contents) > 1), st.data(), st.booleans())
def test_two_entries_that_changed_places_are_found_at_the_first(contents, data, renumber):
    log, head = written(contents)
    places = st.integers(0, len(log) - 1)
    one, other = data.draw(st.tuples(places, places).filter(lambda pair: pair[0] != pair[1]))
    log[one], log[other] = log[other], log[one]
    verdict = verify(renumbered(log) if renumber else log, head)
    assert (verdict.ok, verdict.first_bad) == (False, min(one, other))


@given(records, st.data())
def test_a_lost_tail_is_found_by_the_head_and_by_a_checkpoint(contents, data):
    log, head = written(contents)
    kept = data.draw(st.integers(0, len(log) - 1))
    by_head = verify(log[:kept], head)
    by_checkpoint = verify(log[:kept], None, {head[0]: head[1]})
    assert (by_head.ok, by_head.first_bad) == (False, kept)
    assert (by_checkpoint.ok, by_checkpoint.first_bad) == (False, kept)


@given(records, st.binary(max_size=40))
def test_an_entry_added_beside_the_head_is_found(contents, added):
    _, head = written(contents)
    longer, _ = written([*contents, added])
    verdict = verify(longer, head)
    assert (verdict.ok, verdict.first_bad) == (False, head[0])


@given(records, st.data())
def test_a30_s60_a_log_rewritten_whole_is_found_after_the_last_checkpoint_that_holds(
    contents, data
):
    log, head = written(contents)
    at = data.draw(st.integers(0, len(log) - 1))
    forged, forged_head = written([*contents[:at], contents[at] + b"!", *contents[at + 1 :]])
    assert verify(forged, forged_head).ok, "nothing inside a rewritten log can tell"
    sizes = data.draw(st.sets(st.integers(1, len(log)))) | {len(log)}
    verdict = verify(forged, forged_head, {size: log[size - 1][3] for size in sizes})
    held = max((size for size in sizes if size <= at), default=0)
    assert (verdict.ok, verdict.first_bad) == (False, held)
    against_old_head = verify(forged, head)
    assert (against_old_head.ok, against_old_head.first_bad) == (False, 0)


def test_the_reason_says_what_was_done_to_the_entry():
    log, head = written([b"one", b"two", b"three"])
    changed = (1, b"TWO", *log[1][2:])
    unrooted = (*log[1][:3], log[0][3])
    reasons = [
        verify([log[0], log[2]], head).reason,
        verify([log[0], log[0], log[1], log[2]], head).reason,
        verify([log[0], changed, log[2]], head).reason,
        verify([log[0], unrooted, log[2]], head).reason,
        verify(log, (2, log[1][3])).reason,
    ]
    words = ["removed", "another entry", "its leaf hash", "the root after", "after its head"]
    assert [word in reason for word, reason in zip(words, reasons, strict=True)] == [True] * 5


def test_a_verdict_prints_what_the_command_promises():
    log, head = written([b"one", b"two"])
    assert verify(log, head).to_json() == {"ok": True, "size": 2, "root": head[1].hex()}
    told = verify(log[:1], head).to_json()
    assert told["ok"] is False
    assert told["first_bad"] == 1
    assert told["reason"] == "the log ends before this entry: its tail was removed"

"""Whatever bytes come: a feed reads them, or says that they are not its format. Nothing else.

Golden inputs are cut, spliced, repeated and overwritten (Hypothesis); and the classic poisons.
"""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.model.outcome import NotThisFormatError
from mappings.registry import FEEDS
from tests.contract.deliveries import deliveries
from tests.golden.cases import delivery as members_of

EXAMPLES = 60
LARGEST = 60_000
SPLICES = (
    b"", b"\0", b"\xff\xfe", b'"', b"\\", b"{", b"[", b"]", b"}", b"null", b"true", b"-1",
    b"1e999", b"NaN", b",", b"|", b"^", b"~", b"&", b"\r", b"\n", b"\r\n", b"\x0b", b"\x1c\r",
    b"\\ud800", b"\xe2\x80", b"[[[[", b'{"":', b"MSH|", b"9" * 400, b" " * 50,
)  # fmt: skip

POISONS = {
    "nothing": b"",
    "blanks": b" \r\n\t" * 50,
    "a mark alone": b"\xef\xbb\xbf",
    "zeros": b"\0" * 1000,
    "not text": bytes(range(256)) * 20,
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"document":' * 50_000,
    "deep and closed": b'{"a":' * 900 + b"1" + b"}" * 900,
    "a number": b"1",
    "a text": b'"support-plan"',
    "null": b"null",
    "an empty array": b"[]",
    "an empty object": b"{}",
    "not a number": b'{"document":"support-plan","version":NaN}',
    "too large a number": b'{"document":"support-plan","version":1e999}',
    "a very long number": b'{"document":"support-plan","version":' + b"9" * 5000 + b"}",
    "half a character": b'{"document":"support-plan","version":"\\ud800"}',
    "one line, huge": b"A" * 5_000_000,
    "one field, huge": b"MSH|^~\\&|" + b"B" * 5_000_000,
    "many lines": b"a,b,c\n" * 200_000,
    "segments without a head": b"PID|1\rPV1|1\r" * 1000,
    "a page": b"<html><body>502</body></html>",
    "an archive": b"PK\x03\x04" + b"\0" * 200,
    "utf-16": '{"document":"support-plan"}'.encode("utf-16"),
}


@cache
def _bodies(feed):
    """The golden inputs of a feed as members; only small ones, which are quick to try."""
    found = [members_of(one.source) for one in deliveries() if one.feed_name == feed]
    return [one for one in found if sum(map(len, one.values())) <= LARGEST]


def _take(feed, members):
    """Read and map as the gateway would; whatever else is raised is the failure."""
    for form in FEEDS[feed].formats:
        form.recognises(members)
        try:
            items = list(form.read(members))
        except NotThisFormatError:
            continue
        for item in (part for one in items for part in parts_of(FEEDS[feed].kinds, one)):
            kind = FEEDS[feed].kinds.get(item.kind)
            if kind is not None:
                outcome = map_item(kind, item)
                assert not (outcome.quarantined and outcome.resources)


@pytest.mark.parametrize("feed", FEEDS)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(data=st.data())
def test_a_changed_body_is_read_or_refused(feed, data):
    members = dict(data.draw(st.sampled_from(_bodies(feed))))
    name = data.draw(st.sampled_from(sorted(members)))
    body = members[name]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.sampled_from((0, 1, 2, 7, 40))))
        splice = data.draw(st.one_of(st.sampled_from(SPLICES), st.binary(max_size=12)))
        body = body[:start] + splice + body[end:]
    members[name] = body
    _take(feed, members)


@pytest.mark.parametrize("feed", FEEDS)
def test_a_truncated_body_is_read_or_refused(feed, whole):
    cuts = 40 if whole else 10
    for members in _bodies(feed)[:6]:
        for name, body in members.items():
            for cut in range(0, len(body), max(1, len(body) // cuts)):
                _take(feed, {**members, name: body[:cut]})


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("poison", POISONS)
def test_a_poison_is_read_or_refused(feed, poison):
    _take(feed, {"": POISONS[poison]})
    _take(feed, {"one.csv": POISONS[poison], "other.csv": b"x"})


@pytest.mark.parametrize("feed", FEEDS)
def test_nothing_at_all_is_refused(feed):
    for form in FEEDS[feed].formats:
        assert not form.recognises({})
        with pytest.raises(NotThisFormatError):
            list(form.read({}))


@pytest.mark.parametrize("feed", FEEDS)
def test_every_input_of_its_own_is_recognised_by_one_format(feed):
    for members in _bodies(feed):
        assert sum(form.recognises(members) for form in FEEDS[feed].formats) == 1

"""HL7 v2 messages for these tests, written by field number; the people are invented."""

from datetime import UTC, datetime

from mappings.core.applying.apply import map_item, parts_of
from mappings.core.applying.merging import merged
from mappings.core.checking.validate import validate
from mappings.hospital import FEED

AT = datetime(2026, 10, 6, 9, 0, tzinfo=UTC)


def segment(name, fields=None, **more):
    """`segment("PRB", {1: "AD"})`: `PRB|AD`."""
    fields = {**(fields or {}), **{int(key[1:]): value for key, value in more.items()}}
    last = max(fields, default=0)
    return "|".join([name, *(fields.get(number, "") for number in range(1, last + 1))])


def header(kind, at="20261005102000", **more):
    fields = {2: "^~\\&", 3: "EPR", 4: "RAX", 5: "GW", 6: "SWL", 7: at, 9: kind, 10: "M-1"}
    fields |= {11: "P", 12: "2.4"} | {int(key[1:]): value for key, value in more.items()}
    last = max(fields)
    return "MSH|" + "|".join(fields.get(number, "") for number in range(2, last + 1))


def person(**more):
    fields = {3: "5500123^^^RAX^MR~9990001006^^^NHS^NH", 5: "MARSH^Edwin", 7: "19510622"}
    return segment("PID", fields, **more)


def problem(**more):
    fields = {1: "AD", 2: "20261005101500", 3: "195967001^Asthma^SCT", 4: "P-1^RAX"}
    return segment("PRB", fields, **more)


def goal(**more):
    fields = {1: "AD", 2: "20261006093000", 3: "^I want to climb my own stairs.", 4: "G-1^RAX"}
    return segment("GOL", fields, **more)


def visit(**more):
    fields = {2: "I", 3: "Astor^Bay 2", 19: "SP-9^^^RAX", 44: "20261001083000"}
    return segment("PV1", fields, **more)


def body(*segments, end="\r"):
    return (end.join(segments) + end).encode()


def read(*segments, end="\r"):
    return list(FEED.formats[0].read({"": body(*segments, end=end)}))


def outcomes(*segments):
    (item,) = read(*segments)
    return [map_item(FEED.kinds[part.kind], part) for part in parts_of(FEED.kinds, item)]


def outcome(*segments):
    return outcomes(*segments)[0]


def made(result, resource_type):
    return [one for one in result.resources if one.type == resource_type]


def only(result, resource_type):
    (one,) = made(result, resource_type)
    return one.alone()


def state(outcomes, resource_type):
    """The one resource of a type that some outcomes come to, in source-time order."""
    folded = None
    for result in sorted(outcomes, key=lambda result: result.source_time):
        for one in made(result, resource_type):
            folded = merged(folded, one)
            assert validate(folded) == (), "every state on the way is FHIR"
    return folded


def codes_of(result):
    return {(issue.path, issue.code) for issue in result.issues}

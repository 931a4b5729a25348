"""The files of a site are taken whole or refused whole, with every fault by file and key."""

from typing import Any

import pytest

from gateway.errors import FaultyRequestError
from gateway.flows.site.site_files import LARGEST_BYTES, read_site
from mappings.registry import FEEDS

GOOD = """
reviewed = "The lead, 2026-11-20"
[borough]
id = "b"
name = "The Borough"
[[locality]]
id = "north"
name = "North"
feeds_off = ["mental-health"]
features_off = ["own-record"]
[[practice]]
ods = "H85001"
name = "Practice A"
locality = "north"
[[mdt]]
id = "team-a"
name = "Team A"
practice = "H85001"
[[organisation]]
ods = "RQY"
name = "The Trust"
kind = "mental-health"
[[organisation]]
ods = "RQY01"
name = "A part of the Trust"
kind = "mental-health"
part_of = "RQY"
"""
SERVICE = """
[[service]]
id = "crisis"
name = "Crisis line"
kind = "crisis"
organisation = "RQY"
hours = ["daily 00:00-24:00"]
"""
HEADS = "id,name,kind,organisation,localities,hours,reviewed\n"


def faults(*texts: str, name: str = "x.toml") -> list[tuple[str, str]]:
    files = [("site.toml", GOOD.encode()), *((name, text.encode()) for text in texts)]
    with pytest.raises(FaultyRequestError) as refused:
        read_site(files, FEEDS)
    return [(one.path, one.text) for one in refused.value.faults]


def more(text: str) -> list[tuple[str, str]]:
    return faults('reviewed = "me"\n' + text)


def test_files_are_read_as_one_site_whatever_their_order():
    rows = 'crisis,Crisis line,crisis,RQY,north; ,daily 00:00-24:00,"me, today"\n'
    files = [("a.csv", (HEADS + rows).encode()), ("site.toml", GOOD.encode())]
    one, other = read_site(files, FEEDS), read_site(files[::-1], FEEDS)
    assert one == other
    assert one.reviewed == ("me, today", "The lead, 2026-11-20")
    service: Any = one.entries["service", "crisis"]
    assert (service.localities, service.hours) == (("north",), ("daily 00:00-24:00",))
    assert one.hash != read_site([("site.toml", GOOD.encode())], FEEDS).hash


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ('[[locality]]\nid = "South Side"\nname = "S"', "locality 1: id", "small letters"),
        ('[[locality]]\nid = "s"', "locality 1: name", "is needed"),
        ('[[locality]]\nid = "s"\nname = "S"\nhue = "red"', "locality 1", "not known"),
        ('[[locality]]\nid = "s"\nname = "S"\nfeeds_off = ["telex"]', "feeds_off", "a feed: comm"),
        (
            '[[locality]]\nid = "s"\nname = "S"\nfeatures_off = ["magic"]',
            "features_off[0]",
            "own-record",
        ),
        (
            '[[locality]]\nid = "b"\nname = "B"',
            "locality 1",
            "bears the name of site.toml, borough",
        ),
        ('[[locality]]\nid = "north"\nname = "B"', "locality 1", "the same name as site.toml"),
        ('[borough]\nid = "c"\nname = "C"', "the files: borough", "once"),
        ('[[practice]]\nods = "H2"\nname = "P"\nlocality = "west"', "practice 1: locality", "here"),
        ('[[practice]]\nods = "h2"\nname = "P"\nlocality = "north"', "practice 1: ods", "capitals"),
        ('[[mdt]]\nid = "t"\nname = "T"\npractice = "RQY"', "mdt 1: practice", "a practice here"),
        (
            '[[organisation]]\nods = "X"\nname = "X"\nkind = "zoo"',
            "organisation 1: kind",
            "hospice",
        ),
        (
            '[[organisation]]\nods = "H85001"\nname = "X"\nkind = "other"',
            "organisation 1",
            "bears the name of site.toml, practice 1",
        ),
        (
            '[[practice]]\nods = "7"\nname = "P"\nlocality = "north"\n'
            '[[mdt]]\nid = "7"\nname = "T"\npractice = "H85001"',
            "mdt 1",
            "bears the name of x.toml, practice 1",
        ),
        (
            '[[practice]]\nods = "7"\nname = "P"\nlocality = "7"\n'
            '[[locality]]\nid = "7"\nname = "L"',
            "practice 1",
            "bears the name of x.toml, locality 1",
        ),
        (
            '[[organisation]]\nods = "X"\nname = "X"\nkind = "other"\npart_of = "Q"',
            "part_of",
            "an organisation here",
        ),
        (SERVICE.replace('"RQY"', '"NONE"'), "service 1: organisation", "practice here"),
        (SERVICE.replace('kind = "crisis"', 'kind = "zebra"'), "service 1: kind", "reablement"),
        (SERVICE.replace("daily", "Zebra"), "service 1: hours[0]", "must be days and times"),
        (SERVICE + 'closed = ["zebra"]', "service 1: closed[0]", "must be a date"),
        (SERVICE + 'localities = ["zebra"]', "service 1: localities", "localities here"),
        (SERVICE + 'methods = ["zebra"]', "service 1: methods[0]", "phone"),
        (SERVICE + 'phone = "zebra"', "service 1: phone", "a telephone number"),
        ("[[zebra]]\nid = 1", "x.toml", "a table of no known kind"),
        ("[locality]\nid = 1", "x.toml: locality", "must be [[locality]]"),
        ("[[borough]]\nid = 1", "x.toml: borough", "must be [borough]"),
        ("[[[zebra", "x.toml", "is not TOML in UTF-8"),
    ],
)
def test_every_fault_is_told_by_file_and_key_and_repeats_nothing(text, path, said):
    (found,) = [one for one in more(text) if path in one[0]][:1]
    assert said in found[1]
    assert not {
        word for word in ("zebra", "magic", "telex", "zoo", "NONE", "Side") if word in found[1]
    }


def test_all_faults_are_told_at_once():
    found = more(SERVICE.replace("daily", "zebra") + '[[mdt]]\nid = "t"\n[[practice]]\nods = "x"')
    assert len(found) == 6


def test_an_organisation_is_no_part_of_itself():
    text = '[[organisation]]\nods = "{}"\nname = "X"\nkind = "other"\npart_of = "{}"\n'
    found = more(text.format("A", "B") + text.format("B", "A"))
    assert [path for path, _ in found] == ["x.toml, organisation 1: part_of",
                                           "x.toml, organisation 2: part_of"]  # fmt: skip


def test_nothing_is_taken_that_nobody_looked_at():
    assert faults(SERVICE) == [("x.toml: reviewed", "is needed: who looked at it, and when")]
    rows = HEADS + "crisis,Crisis line,crisis,RQY,,daily 00:00-24:00,\n"
    assert [path for path, _ in faults(rows, name="a.csv")] == ["a.csv, row 2: reviewed"]


@pytest.mark.parametrize("row", ["a,b", "a,b,c,d,e,f,g,h", '"a'])
def test_a_row_of_another_shape_is_refused(row):
    assert faults(HEADS + row + "\n", name="a.csv")[0][0].startswith("a.csv")


def test_a_file_that_is_no_text_or_too_large_is_refused():
    for name, body in (
        ("a.csv", b"\xff"),
        ("a.toml", b"\xff"),
        ("a.csv", b"0" * LARGEST_BYTES * 2),
    ):
        with pytest.raises(FaultyRequestError):
            read_site([(name, body)], FEEDS)

"""The page of a feed shows everything a reviewer signs off; its version follows the tables."""

from dataclasses import replace
from functools import partial

import pytest

from mappings.core.model.codes import CodeTable, Concept
from mappings.core.model.outcome import Fold, PersonClaim
from mappings.core.model.rows import Feed, Format, Kind, Row, Target
from mappings.core.released.page import page
from mappings.core.released.version import version
from mappings.terms.access import Category

TABLE = CodeTable("Table 5 | v3", {"on": "active"}, required=True)
SORTS = CodeTable("Table 6", {"walk": Concept("urn:sort", "w", "Walking | out")})


def to_words(text, tail=""):
    """Words, with a tail.

    More than a page shows.
    """
    return f"{text}{tail}"


def silent(_):
    return True


class Narrowing:
    """Labels by a table."""

    __name__ = "narrowing"
    table = SORTS

    def __call__(self, _):
        return []


ROWS = (
    Row("g.state", "lifecycleStatus", "state", table=TABLE, must=True),
    Row("g.words", "description.text", ("a", "b"), fn=partial(to_words, "!")),
    Row("g.sort", "category[+]", "sort", table=SORTS),
    Row("g.sort2", "category[+]", "sort2", table=SORTS),
    Row("g.kind", "priority", value={"text": "p"}, why="a reason | of ours"),
    Row("g.refs", "addresses[+]", refers_to="need"),
    Row("g.due", "target[0]", "due", rows=(Row("d.on", "dueDate", "on"),)),
    Row("g.found", "note[+]", gather=silent, reads=("x[]", "y")),
)
GOAL = Target(
    "Goal",
    name="aim",
    rows=ROWS,
    each="aims[]",
    key=("plan", "=x", "id"),
    when=silent,
    labels=Narrowing(),
    category=Category.CARE_PLAN,
    fold=Fold.MERGE,
    defaults={"lifecycleStatus": "active"},
)
NEED = Target("Condition", name="need", rows=(), key=silent, category=Category.PROBLEMS)
KIND = Kind(
    "k",
    "A kind",
    targets=(GOAL, NEED),
    ignored={"cost": "not shared"},
    person=lambda _: PersonClaim(None),
    named_at="person.id",
    time=lambda _: "",
)
FEED = Feed("a-feed", "A feed", (Format("f", ("text/csv", "x/y"), silent, silent),), {"k": KIND})


@pytest.mark.parametrize(
    "line",
    [
        "# A feed: what its messages become",
        "| f | text/csv, x/y |",
        f"| `k` | A kind | `{version(KIND)}` |",
        "### Goal (`aim`)",
        "| made for | each `aims[]` |",
        "| only when | `silent` |",
        "| key | `plan` and `=x` and `id` |",
        "| further labels | `narrowing` |",
        "| several items | `merge` |",
        "| `lifecycleStatus` (needed) | `state` | codes of `g.state` |  | `g.state` |",
        "| `description.text` | `a`, `b` | `to_words(!)` |  | `g.words` |",
        "| `category[+]` | `sort2` | codes of `g.sort` |  | `g.sort2` |",
        '| `priority` | always `{"text": "p"}` |  | a reason \\| of ours | `g.kind` |',
        "| `addresses[+]` | every `need` made here |  |  | `g.refs` |",
        "| `target[0].dueDate` | `on` |  |  | `d.on` |",
        "| `lifecycleStatus` | `active` where nothing says it |  | needed in FHIR R4"
        " | `aim.default.lifecycleStatus` |",
        "| `note[+]` | `x[]`, `y` | `silent` |  | `g.found` |",
        "| key | `silent` |",
        "| made for | the item |",
        "| `cost` | not shared |",
        "| `to_words(!)` | Words, with a tail. |",
        "| `narrowing` | Labels by a table. |",
        "Required: any other code stops the item. Source: Table 5 | v3.",
        "| `on` | `active` |  |  |",
        "| `walk` | `w` | Walking \\| out | urn:sort |",
    ],
)
def test_a_page_shows(line):
    assert line in page(FEED).splitlines()


def test_a_page_shows_a_table_once_and_no_function_that_says_nothing():
    text = page(FEED)
    assert text.count("### Codes of `g.sort`") == 1
    assert not any(line.startswith("| `silent` |") for line in text.splitlines())


def test_what_kinds_share_is_printed_with_the_first_of_them():
    costly = {"cost": "not shared", "price": "not shared", "day": "unused"}
    second = replace(KIND, name="m", ignored=costly)
    text = page(replace(FEED, kinds={"k": KIND, "m": second}))
    assert text.count("### Goal (`aim`)") == 2
    assert text.count("| made for | each `aims[]` |") == 1
    assert "### Goal (`aim`)\n\nAs in `k`.\n" in text
    assert "| `cost` | not shared |" in text, "of k"
    assert "| `cost`, `price` | not shared |" in text, "of m, which differs"


def test_what_a_kind_is_like_is_said():
    plain = page(FEED)
    other = page(replace(FEED, kinds={"k": replace(KIND, keeps_rest=True, whole=silent)}))
    listed = page(replace(FEED, kinds={"k": replace(KIND, lists={"Goal": "goals"})}))
    assert "the List of goals names every Goal" in listed
    assert version(replace(KIND, lists={"Goal": "goals"})) != version(KIND)
    for words in ("refused alone", "what it no longer names is withdrawn"):
        assert words in other
        assert words not in plain


def _with(**given):
    return replace(KIND, targets=(replace(GOAL, **given), NEED))


@pytest.mark.parametrize(
    "other",
    [
        _with(rows=ROWS[1:]),
        _with(rows=(replace(ROWS[0], table=replace(TABLE, required=False)), *ROWS[1:])),
        _with(rows=(replace(ROWS[1], fn=partial(to_words, "?")), *ROWS[1:])),
        _with(key=("plan",)),
        _with(category=Category.CRISIS_PLAN),
        _with(confidentiality="R"),
        _with(labels=None),
        _with(fold=Fold.REPLACE),
        replace(KIND, ignored={"cost": "another reason"}),
    ],
)
def test_a_version_changes_with_any_table(other):
    assert version(other) != version(KIND)


def test_a_version_stays_with_the_same_tables():
    assert version(replace(KIND)) == version(KIND)

"""What a provider is told: errors first, warnings once each, and how much is not listed."""

from gateway.flows.intake.delivery_answer import MOST_LISTED, Tally
from gateway.store.intake.work import Applied
from mappings.core.model.outcome import error, warning


def _applied(number, *issues, references=(), quarantined=False):
    versions = [1] * len(references)
    return Applied(number, False, quarantined, issues, list(references), versions)


def _answer(*batches):
    tally = Tally()
    for batch in batches:
        tally = tally.with_items(batch)
    return tally.answer("d")


def test_an_error_after_many_warnings_is_told_first():
    noisy = [
        _applied(number, *(warning(f"a[{number}].b[{part}]", "blanks", "x") for part in range(9)))
        for number in range(1, 201)
    ]
    wrong = _applied(201, error("c", "missing", "send it"), quarantined=True)
    answer = _answer(noisy, [wrong])
    assert answer["status"] == "partly-taken"
    first = answer["issues"][0]
    assert (first["severity"], first["item"], first["path"]) == ("error", 201, "c")
    last = answer["issues"][-1]
    assert (last["code"], last["item"]) == ("not-listed", 0)
    assert "0 more errors, 800 more warnings, 0 more resource versions" in last["text"]
    assert len(answer["issues"]) == 1 + MOST_LISTED + 1


def test_a_warning_that_comes_again_stands_once_and_says_how_often():
    issue = warning("MHS001", "column-name", "an older name")
    answer = _answer([_applied(1, issue), _applied(2, issue)], [_applied(3, issue)])
    (told,) = answer["issues"]
    assert told["item"] == 1
    assert told["text"] == "an older name (3 times)"


def test_errors_and_resources_beyond_the_limit_are_counted():
    items = [
        _applied(n, error("a", "missing", "x"), references=[f"Goal/{n}"])
        for n in range(1, MOST_LISTED + 4)
    ]
    answer = _answer(items)
    assert len(answer["resources"]) == MOST_LISTED
    assert (
        "3 more errors, 0 more warnings, 3 more resource versions" in answer["issues"][-1]["text"]
    )
    assert answer["items"]["taken"] == MOST_LISTED + 3


def test_nothing_is_said_where_everything_is_listed():
    items = [_applied(n, references=[f"Goal/{n}"]) for n in range(MOST_LISTED)]
    assert _answer(items)["issues"] == []


def test_a_listed_resource_shows_the_version_that_holds_now():
    later = Applied(2, False, False, (), ["Goal/0"], [2])
    items = [_applied(1, references=[f"Goal/{n}" for n in range(MOST_LISTED)])]
    answer = _answer(items, [later])
    assert answer["resources"][0] == {"reference": "Goal/0", "version": 2}


def test_a_tally_is_not_changed_by_what_comes_of_a_batch_that_is_tried_again():
    before = Tally().with_items([_applied(1, error("a", "missing", "x"), references=["Goal/1"])])
    before.with_items([_applied(2, error("b", "missing", "x"), references=["Goal/2"])])
    assert len(before.answer("d")["issues"]) == 1
    assert len(before.answer("d")["resources"]) == 1

"""`care-gateway policy preview` over a real database: which roles gain and lose sight of what."""

from importlib.resources import files

import pytest

from tests.unit.cli.running import PLAN, Commands


@pytest.fixture
def commands(tmp_path, monkeypatch, database_url):
    """A database with Norma's support plan, from the council."""
    made = Commands(tmp_path, monkeypatch)
    made.set(database_url=database_url)
    made.good("db", "upgrade")
    made.good("ingest", "social-care", PLAN, "--org", "XK1")
    return made


@pytest.fixture
def policy(tmp_path):
    """Writes the shipped policy, changed, to a file; its path."""

    def write(*changes: tuple[str, str]) -> str:
        text = files("consent").joinpath("policy.toml").read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "next.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_role_that_loses_a_category_is_told_with_counts(commands, policy):
    """A social worker of the council sees the support plan that the council sent, and no more."""
    head, rest = policy_of_role("social-worker")
    changed = rest.replace('"support-plan", ', "", 1).replace(
        "none = [", 'none = ["support-plan", ', 1
    )
    file = policy((head + rest, head + changed))
    told = commands.json("policy", "preview", file)
    assert (told["roles"], told["people"]) == (["social-worker"], 1)
    assert told["from"]["hash"] != told["to"]["hash"]
    assert {one["change"] for one in told["changes"]} == {"loses"}
    assert {one["category"] for one in told["changes"]} == {"support-plan"}
    ordinary = [one for one in told["changes"] if one["situation"] == "ordinary"]
    assert {one["organisation"] for one in ordinary} == {"XK1"}
    elsewhere = [one for one in told["changes"] if one["organisation"] != "XK1"]
    assert {one["situation"] for one in elsewhere} == {"self-claim"}, "whoever claims to know her"
    goals = [name for one in ordinary for name in one["examples"] if "Goal/" in name]
    assert len(goals) == 2
    assert "swim" not in str(told)
    table = commands.good("policy", "preview", file)
    assert "social-worker" in table
    assert "support-plan" in table
    (entry,) = commands.json("audit", "search", "--limit", "1")["entries"]
    assert entry["event"] == "audit-view"


def test_the_same_policy_changes_nothing(commands, policy):
    told = commands.json("policy", "preview", policy())
    assert (told["roles"], told["changes"]) == ([], [])


def test_a_rule_for_everybody_is_tried_for_every_role(commands, policy):
    told = commands.json("policy", "preview", policy(('"SEALED"]', '"SEALED"] # the same')))
    assert told["changes"] == []
    held = 'person_holds = ["NOPAT", '
    told = commands.json("policy", "preview", policy((held, "person_holds = [")))
    assert told["people"] == 1
    assert told["roles"] == []


def test_what_is_masked_no_longer_or_from_then_on_is_told(commands, policy):
    """No row comes or goes by it: a list of roles and counts alone would say that nothing does."""
    file = policy(('"*.@Organization", ', ""), ('"*.note", ', '"*.note", "*.photo", '))
    told = commands.json("policy", "preview", file)
    assert told["elements"] == [
        {"change": "gains", "of": "restricted-people", "element": "*.@Organization"},
        {"change": "loses", "of": "instructions", "element": "*.photo"},
    ]
    assert told["changes"] == []
    said = commands("policy", "preview", file).stderr
    assert "gains, of restricted-people: *.@Organization" in said


def test_a_policy_that_would_be_refused_is_refused_here(commands, policy, tmp_path):
    made = commands("policy", "preview", policy(('"GRA"', '"SEALED"')))
    assert made.exit_code == 1
    assert "stops.legal" in made.stderr
    (tmp_path / "not.toml").write_text("= no", encoding="utf-8")
    assert commands("policy", "preview", str(tmp_path / "not.toml")).exit_code == 2
    assert commands("policy", "preview", str(tmp_path / "none.toml")).exit_code == 2


def policy_of_role(role: str) -> tuple[str, str]:
    """The heading of what a role sees, and the text up to the next heading."""
    text = files("consent").joinpath("policy.toml").read_text(encoding="utf-8")
    head = f"[roles.{role}.view]"
    rest = text.partition(head)[2]
    return head, rest[: rest.index("\n[")]

"""policy show | check | preview, config show: what this deployment has chosen."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from consent.policy import Policy
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

policy_app = typer.Typer(help="The access policy.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="The settings.", no_args_is_help=True, rich_markup_mode=None)


@policy_app.command("show")
def show_policy(json: Json = False) -> None:
    """The policy in use, as a page to read and sign, and who has signed it.

    Example: care-gateway policy show > policy.md
    """
    from consent.policy_page import page, signatures
    from gateway.cli import output
    from gateway.cli.choices import policy_rows
    from gateway.main import policy_of
    from gateway.settings import Settings
    from gateway.sign_offs import read_sign_offs

    settings = Settings()
    policy, signed = policy_of(settings), read_sign_offs(settings)
    if json:
        output.as_json(policy_rows(policy, signed))
    else:
        output.data(page(policy))
        output.data(signatures(policy, signed))


@policy_app.command("check")
def check_policy(json: Json = False) -> None:
    """Whether the policy is complete and refuses what it must; exit 1 when not.

    Example: care-gateway policy check
    """
    from consent.policy_reading import PolicyError
    from gateway.cli import output
    from gateway.cli.choices import checked_policy

    try:
        found = {"ok": True} | checked_policy()
    except PolicyError as fault:
        found = {"ok": False, "path": fault.path, "reason": fault.text}
    if json:
        output.as_json(found)
    else:
        for name, value in found.items():
            output.data(f"{name}\t{value}")
    raise typer.Exit(0 if found["ok"] else 1)


@policy_app.command("preview")
def preview_policy(
    file: Annotated[Path, typer.Argument(help="The policy that may come, as TOML.")],
    people: Annotated[int, typer.Option(min=1, help="Of how many people at most.")] = 1_000,
    tell_withheld: Annotated[
        bool | None, typer.Option(help="Were it told, or not, that something is withheld.")
    ] = None,
    json: Json = False,
) -> None:
    """Which roles would gain and lose sight of what, were this the policy; nothing is changed.

    Asked of the records that are held, by organisation, category and label: on an ordinary day,
    in an emergency, by a relationship that somebody claims, near a visit to the home, and of who
    is named on a team; and which elements would be masked or shown. The look is recorded. Exit 1
    when the policy is refused.

    Example: care-gateway policy preview next-policy.toml
    """
    from consent.policy_reading import PolicyError
    from gateway.cli import output
    from gateway.cli.opening import with_store

    try:
        policy = _read_policy(file, tell_withheld)
    except PolicyError as fault:
        output.say(f"refused: {fault.path}: {fault.text}")
        raise typer.Exit(1) from None

    async def work(settings: "Settings", store: "Store") -> dict[str, Any]:
        from gateway.cli.opening import operator
        from gateway.flows.access import preview_policy as flow
        from gateway.main import policy_of

        return await flow.preview_policy(store, operator(), (policy_of(settings), policy), people)

    found = with_store(work)
    output.as_json(found) if json else _say_changes(found)


def _say_changes(found: dict[str, Any]) -> None:
    from gateway.cli import output

    heads = ("change", "role", "organisation", "situation", "category", "labels", "people", "items")
    rows = [row | {"labels": " ".join(row["labels"])} for row in found["changes"]]
    output.table(heads, [[row[head] for head in heads] for row in rows])
    for one in found["elements"]:
        output.say(f"{one['change']}, of {one['of']}: {one['element']}")
    output.say(
        f"of {found['people']} people; roles that differ: {', '.join(found['roles']) or '-'}"
    )


def _read_policy(file: Path, tell_withheld: bool | None) -> "Policy":
    """The policy of a file, under this deployment's choices. Errors: typer.BadParameter for what
    is no TOML; PolicyError."""
    import tomllib
    from dataclasses import replace

    from consent.policy import Policy
    from gateway.settings import Settings, access_settings

    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise typer.BadParameter(f"not a TOML file that can be read: {file}") from None
    chosen = access_settings(Settings())
    if tell_withheld is not None:
        chosen = replace(chosen, tell_withheld=tell_withheld)
    return Policy.parse(document, chosen)


@config_app.command("show")
def show_config(
    name: Annotated[str, typer.Argument(help="One setting alone.")] = "", json: Json = False
) -> None:
    """Every setting with its value and where it comes from; secrets as `****`.

    Example: care-gateway config show limits
    """
    from gateway.cli import output
    from gateway.cli.choices import setting_rows

    rows = [row for row in setting_rows() if not name or row["name"].split(".")[0] == name]
    if not rows:
        raise typer.BadParameter("there is no setting of that name")
    if json:
        output.as_json({"settings": rows})
    else:
        heads = ("name", "value", "from")
        output.table(heads, [[row[head] for head in heads] for row in rows])

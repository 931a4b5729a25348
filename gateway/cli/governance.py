"""policy show | check, config show: what this deployment has chosen."""

from typing import Annotated

import typer

from gateway.cli.output import Json

policy_app = typer.Typer(help="The access policy.", no_args_is_help=True, rich_markup_mode=None)
config_app = typer.Typer(help="The settings.", no_args_is_help=True, rich_markup_mode=None)


@policy_app.command("show")
def show_policy(json: Json = False) -> None:
    """The policy in use, as a page to read and sign.

    Example: care-gateway policy show > policy.md
    """
    from consent.policy_page import page
    from gateway.cli import output
    from gateway.cli.choices import policy_rows
    from gateway.main import policy_of
    from gateway.settings import Settings

    policy = policy_of(Settings())
    if json:
        output.as_json(policy_rows(policy))
    else:
        output.data(page(policy))


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

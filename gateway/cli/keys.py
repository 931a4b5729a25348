"""keys list | rotate, dev token."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.units import Store

keys_app = typer.Typer(help="The deployment's keys.", no_args_is_help=True, rich_markup_mode=None)
dev_app = typer.Typer(
    help="For development and demos; refused in production.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@keys_app.command("list")
def list_keys(json: Json = False) -> None:
    """The ids of the key file's keys, which are current, and how much each has wrapped.

    Example: care-gateway keys list
    """
    from gateway.cli import output
    from gateway.cli.keyring import listed
    from gateway.cli.opening import with_store

    rows = with_store(listed)
    if json:
        output.as_json({"keys": rows})
    else:
        heads = ("purpose", "id", "current", "data_keys")
        output.table(heads, [[row[name] for name in heads] for row in rows])


@keys_app.command("rotate")
def rotate(
    purpose: Annotated[
        str,
        typer.Argument(help="`key-encryption`, `log-signing` or `token-signing`."),
    ] = "key-encryption",
    rewrap: Annotated[
        bool,
        typer.Option("--rewrap", help="Wrap every data key under the current key; add none."),
    ] = False,
) -> None:
    """Add a new current key of a purpose; old keys stay, to open what they closed.

    For key-encryption run this with `--rewrap` then, while the service runs: the old key is needed
    no more. With GATEWAY_KEY_SERVICE it makes the new one. For the other purposes restart every
    process. Each is recorded.

    Example: care-gateway keys rotate key-encryption
    """
    from gateway.cli import output
    from gateway.cli.keyring import PURPOSES, rewrapped, rotated
    from gateway.cli.opening import with_store

    if purpose not in PURPOSES:
        raise typer.BadParameter(f"one of {', '.join(PURPOSES)}")
    if rewrap:
        output.say(f"{with_store(rewrapped)} data keys wrapped again")
        return

    async def add(settings: "Settings", store: "Store") -> str:
        return await rotated(settings, store, purpose)

    output.data(with_store(add))
    if purpose == "key-encryption":
        output.say("run this with --rewrap, so that the old key is needed no more")
    else:
        output.say("restart every process: each reads this key at its start")


@dev_app.command("token")
def token(
    role: Annotated[str, typer.Option("--as", help="A role of the policy.")],
    user: Annotated[str, typer.Option(help="Who; by default `ROLE-1`.")] = "",
    org: Annotated[str, typer.Option(help="The organisation (ODS code); by default H85001.")] = "",
    feed: Annotated[
        list[str] | None, typer.Option(help="A feed a provider may push to; repeatable.")
    ] = None,
    purpose: Annotated[str, typer.Option(help="Why; by default TREAT where the role has it.")] = "",
    patient: Annotated[
        str, typer.Option(help="For patient and proxy: the id of the Patient.")
    ] = "",
) -> None:
    """A signed development token, on standard output; it lives for twelve hours.

    Only a service with the same audience takes it, which is the service's address unless it is
    set: name the service's GATEWAY_PORT (or GATEWAY_BASE_URL) here too.

    Example: care-gateway dev token --as provider --org X1K01 --feed social-care
    """
    from gateway.cli import output
    from gateway.cli.development import Wanted, issued
    from gateway.settings import Settings

    settings = Settings()
    wanted = Wanted(role, user, org, tuple(feed or ()), purpose, patient)
    output.data(issued(settings, wanted))
    output.say(
        f"good for {settings.audience} alone: a service at another address answers 401;"
        " name its GATEWAY_PORT or GATEWAY_BASE_URL"
    )

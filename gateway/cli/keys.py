"""keys list | rotate | retire, dev token; keys shred is in gateway.cli.shredding."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli import shredding
from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.settings import Settings
    from gateway.store.commit.units import Store

keys_app = typer.Typer(help="The deployment's keys.", no_args_is_help=True, rich_markup_mode=None)
keys_app.add_typer(shredding.app, name="shred")
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
        typer.Argument(help="`key-encryption` (if none), `index`, `log-signing`, `token-signing`."),
    ] = "",
    rewrap: Annotated[
        bool,
        typer.Option("--rewrap", help="Wrap every data key under the current key; add none."),
    ] = False,
    rehash: Annotated[
        bool,
        typer.Option("--rehash", help="Make stored hashes again under the newest index key."),
    ] = False,
    to_file: Annotated[
        bool,
        typer.Option("--to-file", help="With --rewrap: under the key file's, to leave a service."),
    ] = False,
) -> None:
    """Add a new current key of a purpose; old keys stay, to open what they closed.

    For key-encryption run this with `--rewrap` then, for index with `--rehash`, both while the
    service runs, once every machine has the new file. With GATEWAY_KEY_SERVICE it makes the
    wrapping key. For log-signing it signs the log at once, and the key before it never again: give
    every machine the new file. For token-signing restart every process. Each is recorded.

    Example: care-gateway keys rotate key-encryption
    """
    from gateway.cli import output
    from gateway.cli.keyring import rehashed, rewrapped
    from gateway.cli.opening import with_store

    purpose = _checked(purpose, "key-encryption" if rewrap else "index" if rehash else "")
    if rewrap:
        again = with_store(partial(rewrapped, to_file=to_file))
        output.say(f"{again} data keys wrapped again")
    elif rehash:
        people, resources = with_store(rehashed)
        output.say(f"{people} source records and {resources} resources hashed again")
    else:
        _add(purpose)


def _checked(purpose: str, wanted: str) -> str:
    """Whose keys are meant, where one purpose alone is done so.
    Errors: typer.BadParameter for one whose keys are not rotated, or not so."""
    from gateway.cli.keyring import PURPOSES

    named = purpose or wanted or "key-encryption"
    if named not in PURPOSES:
        raise typer.BadParameter(f"one of {', '.join(PURPOSES)}")
    if wanted and named != wanted:
        raise typer.BadParameter(f"this is for {wanted}")
    return named


def _add(purpose: str) -> None:
    """A new key of that purpose, and what is to be done then."""
    from gateway.cli import output
    from gateway.cli.keyring import rotated
    from gateway.cli.opening import with_store

    async def add(settings: "Settings", store: "Store") -> str:
        return await rotated(settings, store, purpose)

    output.data(with_store(add))
    if purpose == "key-encryption":
        output.say("run this with --rewrap, so that the old key is needed no more")
    elif purpose == "index":
        output.say("run this with --rehash, once every machine has the new key file")
    elif purpose == "log-signing":
        output.say("give every machine the new key file: by the old one none signs the log now")
    else:
        output.say("restart every process: each reads this key at its start")


@keys_app.command("retire")
def retire(
    yes: Annotated[bool, typer.Option("--yes", help="Destroy them.")] = False,
) -> None:
    """Destroy the key-encryption keys that wrap nothing any more.

    Give every machine the new key file before. No copy of the database from before `rotate
    --rewrap` opens then, of anybody: make a new copy first. It is what makes a shredding hold
    against old copies in any hands.

    Example: care-gateway keys retire --yes
    """
    from gateway.cli import output
    from gateway.cli.keyring import retired
    from gateway.cli.opening import with_store

    if not yes:
        raise typer.BadParameter("older copies of the database become unreadable: add --yes")
    gone = with_store(retired)
    output.table(("retired",), [[name] for name in gone])


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

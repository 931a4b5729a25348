"""identity queue | show | merge | unmerge | open | state | settle: whose it is, what stands."""

from typing import Annotated, Any

import typer

from gateway.cli.output import Json

app = typer.Typer(help="Whose record it is.", no_args_is_help=True, rich_markup_mode=None)

_Record = Annotated[str, typer.Argument(metavar="RECORD", help="A source record, by its id.")]
_Other = Annotated[str, typer.Argument(metavar="OTHER", help="The record it is put with.")]
_Stays = Annotated[str, typer.Argument(metavar="OTHER", help="The record it is taken from.")]
_Seen = Annotated[
    str,
    typer.Option(help="As the queue told it: refused where something else is said of them since."),
]
_Reason = Annotated[str, typer.Option(help="Why; it stands sealed in the audit log.")]
_ReviewFrom = Annotated[
    str,
    typer.Option(
        help="The day from which new entries wait to be shown to the person, or no; open takes it"
        " back."
    ),
]
_HEADS = ("source_record", "organisation", "feed", "state", "person")


@app.command("queue")
def queue(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Of so many records.")] = 100,
    json: Json = False,
) -> None:
    """Records that could not be linked, with whom they may be: the likeliest pairs first.

    Each trait's weight is log2 of how much likelier it is for one person than for two; the sum
    ranks and never links. Then what was written of people who are parted since, and waits for
    `settle`. Ids and weights only, nothing of any person. Who looks is recorded.

    Example: care-gateway identity queue --limit 20
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.identity import review_identity

    found = with_store(lambda _settings, store: review_identity.work(store, operator(), limit))
    if json:
        output.as_json(found)
        return
    output.table(
        ("weight", "record", "state", "other", "its state", "seen", "why"),
        [
            (
                row["weight"], row["record"]["source_record"], row["record"]["state"],
                row["other"] and row["other"]["source_record"],
                row["other"] and row["other"]["state"],
                row["seen"],
                [f"{one['trait']} {one['agreement']} {one['weight']:+}" for one in row["why"]],
            )
            for row in found["queue"]
        ],
    )  # fmt: skip
    _unsettled(found["unsettled"], "raised", "overdue")


@app.command("show")
def show(record: _Record, json: Json = False) -> None:
    """Everybody's records of that record's person, and all that was said of any of them. Who
    looks is recorded.

    Example: care-gateway identity show 0aed9aac-a63f-8323-8175-5b8988c7531f
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.identity.decide_identity import history

    found = with_store(lambda _settings, store: history(store, operator(), record.strip()))
    if json:
        output.as_json(found)
        return
    output.table(_HEADS, [[one[head] for head in _HEADS] for one in found["records"]])
    if found["statements"]:
        output.data("")
        heads = ("recorded", "by", "record", "verdict", "other")
        output.table(heads, [[one[head] for head in heads] for one in found["statements"]])
    if found["facts"]:
        output.data("")
        heads = ("recorded", "by", "record", "fact", "value")
        output.table(heads, [[one[head] for head in heads] for one in found["facts"]])
    _unsettled(found["unsettled"])


@app.command("merge")
def merge(
    record: _Record, other: _Other, reason: _Reason, seen: _Seen = "", json: Json = False
) -> None:
    """Decide that RECORD is of the same person as OTHER.

    RECORD follows OTHER from then on: its own NHS number and birth date no longer decide. Nothing
    of what was sent is moved or changed. `identity open` takes the decision back.

    Example: care-gateway identity merge ID ID --reason "the trust's records department rang"
    """
    _decide(record, other, "same", reason, seen, json=json)


@app.command("unmerge")
def unmerge(
    record: _Record, other: _Stays, reason: _Reason, seen: _Seen = "", json: Json = False
) -> None:
    """Decide that RECORD is not of OTHER's person; it is taken out, OTHER stays.

    Nobody sees across from the next request. RECORD links by decisions and its own source's merges
    alone with those who share OTHER's number. `identity open` takes the decision back.

    Example: care-gateway identity unmerge ID ID --reason "twins; the number is the sister's"
    """
    _decide(record, other, "different", reason, seen, json=json)


@app.command("open")
def take_back(record: _Record, other: _Other, reason: _Reason, json: Json = False) -> None:
    """Take back what was decided of the two: numbers, dates and merges decide again.

    Example: care-gateway identity open ID ID --reason "decided on the wrong record"
    """
    _decide(record, other, "open", reason, "", json=json)


@app.command("state")
def state(
    record: _Record,
    reason: _Reason,
    pds: Annotated[str, typer.Option(help="U, R, V or REDACTED; open takes it back.")] = "",
    opted_out: Annotated[str, typer.Option(help="yes or no; open takes it back.")] = "",
    deceased: Annotated[str, typer.Option(help="yes or no; open takes it back.")] = "",
    review_from: _ReviewFrom = "",
    json: Json = False,
) -> None:
    """State what stands on the person of RECORD: protection, opt-out, death, review; one at a time.

    It holds from the next request for everybody the record is linked with, and goes with the
    record where links part. Of several records the strictest word stands.

    Example: care-gateway identity state ID --pds R --reason "letter of the 3rd; whereabouts kept"
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.errors import Fault, FaultyRequestError
    from gateway.flows.identity import state_person
    from gateway.identity.person_facts import Fact

    given = (pds, opted_out, deceased, review_from)
    said = [(fact, value.strip()) for fact, value in zip(Fact, given, strict=True) if value]
    if len(said) != 1:
        raise FaultyRequestError([Fault("required", "pds", "state one thing at a time")])
    found = with_store(
        lambda _settings, store: state_person.state(
            store, operator(), record.strip(), said[0], reason
        )
    )
    if json:
        output.as_json(found)
        return
    output.table(("fact", "stands"), sorted(found["stands"].items()))


@app.command("settle")
def settle(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What waits, as `show` names it.")],
    reason: _Reason,
    json: Json = False,
) -> None:
    """Settle that NAME, written while records were linked that are parted since, is of the person
    of the record it stands on.

    Until then a Consent binds each of them, and what opens a record opens none. Record what was
    another's for that one first.

    Example: care-gateway identity settle ID --reason "both were asked; it was his sister's word"
    """
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.identity import settle_parted

    found = with_store(
        lambda _settings, store: settle_parted.settle(store, operator(), name.strip(), reason)
    )
    if json:
        output.as_json(found)
        return
    _unsettled(found["settled"])


def _unsettled(waits: list[dict[str, Any]], *more: str) -> None:
    from gateway.cli import output

    if waits:
        output.data("")
        heads = ("kind", "name", "version", "owner", *more, "records")
        output.table(heads, [[one[head] for head in heads] for one in waits])


def _decide(record: str, other: str, verdict: str, reason: str, seen: str, *, json: bool) -> None:
    from gateway.cli import output
    from gateway.cli.opening import operator, with_store
    from gateway.flows.identity.decide_identity import decide
    from gateway.identity.statements import Verdict

    said = (record.strip(), other.strip(), Verdict(verdict))
    found = with_store(
        lambda _settings, store: decide(store, operator(), said, reason, seen.strip())
    )
    if json:
        output.as_json(found)
        return
    output.table(_HEADS, [[one[head] for head in _HEADS] for one in found["records"]])

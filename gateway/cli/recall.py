"""recall: who was shown something wrong, and a task to each organisation."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.output import Json

if TYPE_CHECKING:
    from gateway.flows.site.site import Site
    from gateway.settings import Settings
    from gateway.store.commit.units import Store


def recall(
    resource: Annotated[
        str, typer.Argument(help="`Type/id`, or one version: `Type/id/_history/2`.")
    ] = "",
    decision: Annotated[
        str, typer.Option(help="An identity decision that was wrong, by its id.")
    ] = "",
    delivery: Annotated[str, typer.Option(help="A delivery that was wrong, by its id.")] = "",
    missed: Annotated[
        bool, typer.Option("--missed", help="With --delivery: what was shown while it waited.")
    ] = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Make a task for each organisation.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=365, help="The tasks are due in so many.")] = 14,
    json: Json = False,
) -> None:
    """Everyone who was shown something wrong, withdrawn, or more restricted now: by exact version,
    and whether they may see all of it today. The question is recorded; no task is made twice.

    Example: care-gateway recall Goal/0aed9aac-a63f-8323-8175-5b8988c7531f --notify
    """
    from gateway.cli import output

    if sum(map(bool, (resource, decision, delivery))) != 1:
        raise typer.BadParameter("name one of RESOURCE, --decision and --delivery")
    asked = {"resource": resource, "decision": decision, "delivery": delivery}
    found = _found(asked, days if notify else 0, missed=missed)
    if json:
        output.as_json(found)
        return
    heads = ("organisation", "caller", "role", "times", "first", "last", "sees_now")
    output.table(heads, [[str(one[head]) for head in heads] for one in found["shown"]])
    output.say(f"{found['reason']}: shown to {len(found['shown'])}; tasks: {len(found['tasks'])}")


def _found(asked: dict[str, str], days: int, *, missed: bool) -> dict[str, Any]:
    """Who was shown it; with the tasks, due in so many days, where any are to be made."""
    from gateway.cli.opening import operator, with_store
    from gateway.flows.asking.governance import Looker
    from gateway.flows.audit import recall as flow
    from gateway.flows.audit.recall_subject import Question
    from gateway.flows.audit.recall_tasks import to_fhir

    question, looker = Question(**asked, missed=missed), Looker.of(operator())

    async def run(settings: "Settings", store: "Store") -> dict[str, Any]:
        site = site_over(settings, store)
        found = await flow.found_by(site, looker, question)
        told = await flow.find(site, looker, found)
        made = await flow.notify(site, looker, found, days) if days else []
        return told | {"tasks": [to_fhir(one) for one in made]}

    return with_store(run)


def site_over(settings: "Settings", store: "Store") -> "Site":
    """The deployment as a command finds it, under a policy that is signed. Errors:
    ConfigurationError."""
    from gateway.flows.site.site import Site
    from gateway.main import policy_of
    from gateway.sign_offs import check_signed
    from mappings.registry import FEEDS

    policy = policy_of(settings)
    check_signed(settings, policy)
    return Site(store, policy, FEEDS, settings.base_url, settings.on_call_number)

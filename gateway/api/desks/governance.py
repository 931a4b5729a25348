"""What governance asks, and what organisations are asked to do about it.

GET  /ig/recall         who was shown it: resource, or decision, or delivery (and missed)
POST /ig/recall         the same question: a Task to each organisation
GET  /recalls           the Tasks of the caller's organisation, as a searchset Bundle
POST /recalls/{id}/{status}     accepted | completed
GET  /ig/discards       what operators discarded; GET /ig/discards/{number} with its reason
"""

from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Query, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, looking
from gateway.api.answers.responses import bundle
from gateway.flows.asking.governance import Looker
from gateway.flows.audit import recall, recall_tasks
from gateway.flows.audit.recall_subject import Question
from gateway.flows.feeds import discard_reasons

router = APIRouter()
_JSON = "application/json"
_FHIR = "application/fhir+json"
_Named = Annotated[str, Query(max_length=200)]
_Count = Annotated[int, Query(ge=1, le=500)]
_Number = Annotated[int, Path(ge=0, le=10**15)]
_Days = Annotated[int, Query(ge=1, le=365)]
_Looking = Annotated[Looker, looking("recall")]
_OF_DISCARDS = [looking(discard_reasons.QUERY)]


@router.get("/ig/recall")
async def find_recall(
    site: SiteGiven,
    looker: _Looking,
    resource: _Named = "",
    decision: _Named = "",
    delivery: _Named = "",
    missed: bool = False,
) -> Response:
    """Everyone who was shown what was wrong, by exact version. For governance roles: a lead of an
    organisation asks about its own data. 404 where there is nothing of that name for them."""
    question = Question(resource, decision, delivery, missed)
    found = await recall.found_by(site, looker, question)
    return Response(orjson.dumps(await recall.find(site, looker, found)), media_type=_JSON)


@router.post("/ig/recall")
async def open_recall(
    site: SiteGiven,
    looker: _Looking,
    resource: _Named = "",
    decision: _Named = "",
    delivery: _Named = "",
    missed: bool = False,
    days: _Days = recall.DUE_DAYS,
) -> Response:
    """A FHIR Task to each organisation whose staff were shown it, due in so many days; the Tasks
    that are new. Asking again makes none twice."""
    question = Question(resource, decision, delivery, missed)
    found = await recall.found_by(site, looker, question)
    made = await recall.notify(site, looker, found, days)
    tasks = [recall_tasks.to_fhir(one) for one in made]
    return Response(orjson.dumps({"tasks": tasks}), 201, media_type=_JSON)


@router.get("/recalls", response_class=Response)
async def read_tasks(site: SiteGiven, asking: AskingGiven, still_open: bool = False) -> Response:
    """The Tasks that the caller's organisation owns; all of them for the borough's governance."""
    tasks = await recall_tasks.tasks_for(site, asking, still_open=still_open)
    entries = [orjson.dumps({"resource": one, "search": {"mode": "match"}}) for one in tasks]
    links = {"self": f"{site.base_url}/recalls"}
    return Response(bundle("searchset", len(tasks), links, entries), media_type=_FHIR)


@router.post("/recalls/{task_id}/{status}", response_class=Response)
async def move_task(task_id: str, status: str, site: SiteGiven, asking: AskingGiven) -> Response:
    """The organisation accepts or completes its Task: the Task as it stands then."""
    made = await recall_tasks.move(site, asking, task_id, status)
    return Response(orjson.dumps(made), media_type=_FHIR)


@router.get("/ig/discards", dependencies=_OF_DISCARDS)
async def read_discards(site: SiteGiven, asking: AskingGiven, count: _Count = 100) -> Response:
    """What operators decided not to take, the latest first, without the reasons. For governance
    roles: a lead of an organisation sees what became of its own deliveries."""
    found = await discard_reasons.discards(site, asking, count)
    return Response(orjson.dumps({"discards": found}), media_type=_JSON)


@router.get("/ig/discards/{number}", dependencies=_OF_DISCARDS)
async def read_discard(number: _Number, site: SiteGiven, asking: AskingGiven) -> Response:
    """One discard with the reason that was given, which stands sealed; reading it is recorded."""
    found = await discard_reasons.reason(site, asking, number)
    return Response(orjson.dumps(found), media_type=_JSON)

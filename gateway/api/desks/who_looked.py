"""The person asks who looked at their record.

GET /access/log        accesses in plain words, newest first
"""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Query, Response

from gateway.api.answers.dependencies import AskingGiven, SiteGiven, role_first
from gateway.api.answers.pages import PageTokens
from gateway.flows.audit.who_looked import own_id, who_looked

router = APIRouter()
_Count = Annotated[int, Query(ge=1, le=200)]
_Page = Annotated[str, Query(max_length=200)]
_OWN: Final = [role_first(own_id)]


@router.get("/access/log", dependencies=_OWN)
async def read_log(
    site: SiteGiven, asking: AskingGiven, count: _Count = 50, page: _Page = ""
) -> Response:
    """Who looked at the caller's own record: organisation, role, purpose, moment, whether as an
    emergency; no names. For the person's own token alone. `next` is the `page` that follows."""
    tokens = PageTokens(site.store.vault.hasher, asking.caller, "access-log")
    before = int(tokens.open(page)) if page else None
    found = await who_looked(site, asking, count, before)
    following = tokens.make(str(found.last)) if found.last is not None else ""
    body = {"accesses": found.told, "next": following}
    return Response(orjson.dumps(body), media_type="application/json")

"""The log for whoever checks it: what public transparency-log tools read and verify.

GET /log/checkpoint       the signed size and root (C2SP tlog-checkpoint)
GET /log/keys             the verifier keys, the current one last (C2SP signed-note)
GET /log/tile/{path}      a tile of hashes (C2SP tlog-tiles)

Rule    No token: hashes and counts only, of nobody. The records themselves are not here.
"""

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from gateway.api.answers.dependencies import SiteGiven
from gateway.flows.asking import search_log
from gateway.flows.audit import publish_log

router = APIRouter()


@router.get("/log/checkpoint", response_class=PlainTextResponse)
async def checkpoint(request: Request, site: SiteGiven) -> Response:
    """The size and root of the log, signed; at most a minute or a thousand entries old."""
    origin = search_log.origin(site.base_url)
    made = await publish_log.checkpoint(site.store, origin, request.app.state.clock())
    return PlainTextResponse(made.note)


@router.get("/log/keys", response_class=PlainTextResponse)
async def keys(site: SiteGiven) -> Response:
    """The public keys that checkpoints are signed with, one a line, with the sizes of the log that
    each signs where that is not all."""
    origin = search_log.origin(site.base_url)
    site.store.vault.provider.notice()
    public = site.store.vault.provider.log_public_keys
    lines = [key.verifier(origin).to_line() for key in public]
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/log/tile/{path:path}", response_class=Response)
async def tile(path: str, site: SiteGiven) -> Response:
    """Up to 256 hashes of one level of the tree."""
    found = await publish_log.tile(site.store, path)
    return Response(found, media_type="application/octet-stream")

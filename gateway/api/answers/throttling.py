"""Who asks from where: what is limited by the network address, before anybody is known.

Rule    The address is the one that the server names: behind a proxy, the one that a trusted proxy
        forwards.
Errors  ThrottledError.
"""

from fastapi import Request

from gateway.auth.rates import Kind, Rates, network_name
from gateway.errors import ThrottledError


def check_address(request: Request, kind: Kind) -> None:
    """Refuse an address that asks for this too often."""
    seconds = seconds_of(request, kind)
    if seconds:
        raise ThrottledError(seconds)


def seconds_of(request: Request, kind: Kind) -> int:
    """The seconds that this address has to wait; 0: it may go on, which is counted."""
    rates: Rates = request.app.state.rates
    address = request.client.host if request.client else ""
    return rates.wait(kind, network_name(address), request.app.state.clock())

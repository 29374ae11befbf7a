"""From which address does a request come?"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import Scope


def address_of(scope: Scope, proxies: int) -> str:
    """The caller's address, as the last proxy that is not ours was seen by the first that is.

    `proxies`: so many of our own stand before us, each of which adds whom it heard to
    X-Forwarded-For; what callers wrote there themselves is never read. Of IPv6 only the network,
    for everybody there has any number of addresses.
    """
    found = (scope.get("client") or ("", 0))[0]
    if proxies:
        told = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
        heard = told.split(",") if told else []
        if len(heard) >= proxies:
            found = heard[-proxies].strip()
    try:
        address = ip_address(found)
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))

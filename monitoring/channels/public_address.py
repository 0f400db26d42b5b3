"""Which addresses a request of ours may go to: those of the internet, and private ones that the operator has named.

Anybody who may add a channel chooses where the server sends requests to. Without this they could be sent to what only
the server reaches: a database's console, a cloud's metadata with its keys. (OWASP, Server-Side Request Forgery.)
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

from monitoring.channels.outcome import NotTaken

Address = IPv4Address | IPv6Address

# Beyond what `ipaddress` calls global in each of its versions.
REFUSED = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "224.0.0.0/4",
            "240.0.0.0/4", "168.63.129.16/32",  # the last is Azure's own, public as it looks
            "::/96", "64:ff9b:1::/48", "100::/64", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
NAT64 = ip_network("64:ff9b::/96")


class Refused(NotTaken):
    """The request was not made: it may not go there."""

    def __init__(self, why: str) -> None:
        super().__init__(why, retryable=False)


def checked_addresses(host: str, port: int) -> list[str]:
    """The addresses of a host, each of them allowed. One that is not is reason enough: names of attackers have both."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as fault:
        raise NotTaken(f"{host} was not found: {fault}") from None
    addresses = list(dict.fromkeys(str(address[4][0]) for address in found))
    for address in addresses:
        if not is_allowed(host, address):
            raise Refused(
                f"{host} is at {address}, a private address: NOTIFY_PRIVATE_ADDRESSES names those that are let in."
            )
    return addresses


def is_allowed(host: str, address: str) -> bool:
    at = ip_address(address)
    return is_public(at) or names_private(host, at)


def names_private(host: str, at: Address) -> bool:
    """The operator has named it: as a host, an address or a network."""
    plain = embedded(at)[-1]
    for entry in settings.NOTIFY_PRIVATE_ADDRESSES:
        if entry.lower() == host.lower():
            return True
        try:
            network = ip_network(entry, strict=False)
        except ValueError:
            continue  # a host's name
        if plain in network or at in network:
            return True
    return False


def is_public(at: Address) -> bool:
    """It, and every address that is written inside it."""
    return all(
        one.is_global and not one.is_multicast and not any(one in network for network in REFUSED)
        for one in embedded(at)
        if not _mapped(one)  # `::ffff:8.8.8.8` is as public as what is in it
    )


def embedded(at: Address) -> list[Address]:
    """The address, and the IPv4 addresses that IPv6 can carry it as: mapped, 6to4, Teredo, NAT64."""
    if isinstance(at, IPv4Address):
        return [at]
    inner: list[IPv4Address | None] = [at.ipv4_mapped, at.sixtofour, *(at.teredo or ())]
    if at in NAT64:
        inner.append(IPv4Address(int(at) & 0xFFFF_FFFF))
    return [at, *(one for one in inner if one is not None)]


def _mapped(at: Address) -> bool:
    return isinstance(at, IPv6Address) and at.ipv4_mapped is not None

"""Which network addresses the outbound client may connect to. Pure.

Public means ordinary unicast that the whole Internet routes, by our own list: what the standard library
thinks of an address changes between releases. An IPv6 address that carries an IPv4 address inside is judged
by the inner one.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_NOT_PUBLIC_V4 = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network, unspecified
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_GLOBAL_UNICAST_V6 = IPv6Network("2000::/3")  # the rest is private, link-local, multicast, unassigned
_NOT_PUBLIC_V6 = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_SIX_TO_FOUR = IPv6Network("2002::/16")
_NAT64 = IPv6Network("64:ff9b::/96")
_MAPPED = IPv6Network("::ffff:0:0/96")
_ISATAP_MARKS = (0x00005EFE, 0x02005EFE)  # upper half of an interface identifier that ends in an IPv4 address
_LOCAL_V4 = tuple(IPv4Network(block) for block in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
_LOCAL_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether anybody's server may be contacted at this address."""
    if isinstance(address, IPv6Address):
        inner = _inner_v4(address)
        if inner is not None and not is_public(inner):
            return False
        if address in _NAT64 or address in _MAPPED:
            return True  # these have no meaning but the inner address, and that is public
        return address in _GLOBAL_UNICAST_V6 and not any(address in block for block in _NOT_PUBLIC_V6)
    return not any(address in block for block in _NOT_PUBLIC_V4)


def is_local(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is the own machine or a private network: what the development setting opens."""
    if isinstance(address, IPv6Address):
        return any(address in block for block in _LOCAL_V6)
    return any(address in block for block in _LOCAL_V4)


def _inner_v4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this address would end up at, if there is one inside."""
    value = int(address)
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(value & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(value >> 80 & 0xFFFFFFFF)
    if value >> 32 & 0xFFFFFFFF in _ISATAP_MARKS:
        return IPv4Address(value & 0xFFFFFFFF)
    return None

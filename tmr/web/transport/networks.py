"""Which clients count as one: an IPv4 address, or an IPv6 network of /64."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str, prefix: int = 64) -> str:
    """Return ``address``, or of IPv6 its network, a /64 at first: whoever has one address of that has all of them.

    A line at home has up to 256 of these, a site up to 65,536, which is a /48 (RFC 6177). The IPv6 form of an IPv4
    address counts as that address.
    """
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return f"{IPv6Address(int(known) >> 128 - prefix << 128 - prefix)}/{prefix}"

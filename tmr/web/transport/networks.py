"""Which addresses limits count as one client: an IPv4 address, or an IPv6 network."""

from ipaddress import IPv6Address, ip_address


def network_of(address: str, prefix: int = 64) -> str:
    """Return ``address``, or for IPv6 its network of ``prefix`` bits; text that is not an address stays as it is.

    One client has all addresses of a /64. A home gets up to 256 of those, a site up to 65,536, which is a /48
    (RFC 6177). The IPv6 form of an IPv4 address counts as that address.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> 128 - prefix << 128 - prefix)}/{prefix}"

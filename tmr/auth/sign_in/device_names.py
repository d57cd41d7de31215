"""What a session's device is called: coarse words, enough to tell one's own devices apart. Pure, no Flask."""

from ipaddress import IPv4Address, ip_address

from ua_parser import parse


def device_name(user_agent: str) -> str:
    """Return browser and system, such as ``Firefox on Windows``."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else "Unknown browser"
    return f"{browser} on {found.os.family}" if found.os else browser


def coarse_address(address: str) -> str:
    """Return the network of an IP address, without the part that names one line: ``198.51.x.x``."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown address"
    if known.is_loopback:
        return "this computer"
    if isinstance(known, IPv4Address):
        return ".".join([*address.split(".")[:2], "x", "x"])
    return ":".join(known.exploded.split(":")[:2]) + "::"

"""What a session's device is called: coarse words, enough for people to tell their devices apart. Pure, no Flask."""

from ipaddress import IPv4Address, ip_address

from ua_parser import parse


def device_name(user_agent: str) -> str:
    """Return browser and system, such as ``Firefox on Windows``."""
    agent = parse(user_agent)
    browser = agent.user_agent.family if agent.user_agent else "Unknown browser"
    return f"{browser} on {agent.os.family}" if agent.os else browser


def coarse_address(address: str) -> str:
    """Return the network of an IP address, without the part that identifies one connection: ``198.51.x.x``."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "unknown address"
    if parsed.is_loopback:
        return "this computer"
    if isinstance(parsed, IPv4Address):
        return ".".join([*address.split(".")[:2], "x", "x"])
    return ":".join(parsed.exploded.split(":")[:2]) + "::"

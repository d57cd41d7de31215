"""Where the address of a database leads: libpq takes hosts from three places in it, each of them may name several."""

from collections.abc import Mapping

from psycopg import pq
from sqlalchemy.engine import make_url
from sqlalchemy.engine.url import URL

HERE = ("localhost", "127.0.0.1", "::1")


def parameters_of(url: URL) -> Mapping[str, tuple[str, ...]]:
    """Return the parameters after the question mark, each with all its values."""
    return {name: (value,) if isinstance(value, str) else value for name, value in url.query.items()}


def unknown_parameters(url: URL) -> list[str]:
    """Return the parameters that the client of PostgreSQL does not know, and would refuse to connect for."""
    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    return sorted(set(parameters_of(url)) - known)


def hosts_elsewhere(url: URL | str) -> list[str]:
    """Return every host of an address that is not this machine, in the order they are named; none if all are here."""
    url = make_url(url)
    asked = parameters_of(url)
    named = [url.host or "", *asked.get("host", ()), *asked.get("hostaddr", ())]
    hosts = [host for value in named for host in value.split(",")]
    return list(dict.fromkeys(host for host in hosts if host and host[0] != "/" and host not in HERE))


def asked_sslmode(url: str) -> str:
    """Return the sslmode of an address, ``none`` if it has none."""
    return parameters_of(make_url(url)).get("sslmode", ("none",))[-1]


def with_verified_name(url: URL) -> str:
    """Return the address of a database on another machine so that its name is verified, by the system's roots if it
    names none.

    The addresses that providers hand out say require: encrypted, but for any server that answers.
    """
    asked = parameters_of(url)
    keeps_roots = asked.get("sslmode") == ("verify-full",) or "sslrootcert" in asked
    verified = {"sslmode": "verify-full", **({} if keeps_roots else {"sslrootcert": "system"})}
    # SQLAlchemy leaves spaces as they are, which other readers of such an address refuse.
    return url.update_query_dict(verified).render_as_string(hide_password=False).replace(" ", "%20")

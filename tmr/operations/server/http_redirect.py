"""Plain http, only to say that the app is at https: pages are sent there, and nothing else is taken."""

import contextlib
import socket
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

from tmr.web.transport.networks import network_of

SECONDS = 5  # until a connection is closed, whatever it has sent
CONNECTIONS = 512
SITE_CONNECTIONS = 32  # from one IPv4 address or one IPv6 /48, unless a proxy is in front


class Redirect(BaseHTTPRequestHandler):
    """Sends GET and HEAD to the same path over https, whatever Host was asked for, and refuses the rest unread."""

    base_url = ""
    timeout = SECONDS
    server_version, sys_version = "tmr", ""

    def do_GET(self) -> None:
        """Send to the same path over https."""
        parts = urlsplit("//-" + self.path if self.path.startswith("/") else "//-/")
        query = "?" + quote(parts.query, safe="=&%+/:,;@-._~") if parts.query else ""
        self._answer(301, Location=self.base_url + "/" + quote(parts.path.lstrip("/"), safe="/%:@=-._~") + query)

    do_HEAD = do_GET

    def _refuse(self) -> None:
        self._answer(403)

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = _refuse

    def _answer(self, status: int, **headers: str) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Length": "0", "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def setup(self) -> None:
        """End the connection after a fixed time, however slowly the client sends."""
        self._deadline = threading.Timer(SECONDS, self._cut)
        self._deadline.daemon = True
        self._deadline.start()
        super().setup()

    def finish(self) -> None:
        """Cancel the deadline."""
        self._deadline.cancel()
        with contextlib.suppress(OSError):
            super().finish()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_arguments: object) -> None:
        """Log nothing: paths would say who reads what."""


class Server(ThreadingHTTPServer):
    """Threads that end with the process, and not too many of them."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    has_proxy = False

    def __init__(self, place: tuple[str, int]) -> None:
        self._taken: Counter[str] = Counter()
        self._changing = threading.Lock()
        super().__init__(place, Redirect)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread, or end the connection if there are too many, in all or of its site."""
        site = self._site(client_address)
        with self._changing:
            is_crowded = self._taken.total() >= CONNECTIONS or self._taken[site] >= SITE_CONNECTIONS
            self._taken.update([] if is_crowded else [site])
        if is_crowded:
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # the system allows no further thread just now
            self._give_back(site)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and free the slot."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._give_back(self._site(client_address))

    def _give_back(self, site: str) -> None:
        with self._changing:
            self._taken -= Counter([site])  # which also drops what is at zero

    def _site(self, client_address: Any) -> str:
        return str(client_address) if self.has_proxy else network_of(client_address[0], 48)

    def handle_error(self, _request: object, _client_address: object) -> None:
        """Log nothing: a client went away, and its address is private."""


def main(host: str, port: str, base_url: str, proxies: str = "0") -> None:
    """Answer on ``host`` and ``port`` until ended; ``proxies`` is how many are in front."""
    Redirect.base_url = base_url
    Server.has_proxy = proxies != "0"
    if ":" in host:
        Server.address_family = socket.AF_INET6
    Server((host, int(port))).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

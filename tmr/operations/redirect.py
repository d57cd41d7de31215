"""Plain http, only to say that the app is at https: pages are sent there, and nothing else is taken."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

SECONDS = 5


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

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: paths would say who reads what."""


class Server(ThreadingHTTPServer):
    """Threads that end with the process."""

    daemon_threads = True
    allow_reuse_address = True


def main(host: str, port: str, base_url: str) -> None:
    """Answer on ``host`` and ``port`` until ended."""
    Redirect.base_url = base_url
    Server((host, int(port)), Redirect).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])

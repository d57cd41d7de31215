"""S3-compatible storage on loopback."""

import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server


class Storage:
    """A real S3 server on loopback that counts what it is sent."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.accepted: set[str] = set()
        app = DomainDispatcherApplication(create_backend_app)

        def counted(environ, start_response):
            self.requests.append((environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")))
            if self.accepted and key_of(environ) not in self.accepted:
                start_response("403 Forbidden", [("Content-Type", "application/xml")])
                return [b"<Error><Code>AccessDenied</Code><Message>This key is not known.</Message></Error>"]
            return app(environ, start_response)

        self.server = make_server("127.0.0.1", 0, counted, threaded=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def parts_sent(self) -> list[str]:
        return [query for verb, query in self.requests if verb == "PUT" and "partNumber" in query]


def key_of(environ) -> str:
    """The id of the key that a request is signed with (AWS Signature Version 4)."""
    return environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition("/")[0]

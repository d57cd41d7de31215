"""``tmr serve``, ``demo``, ``worker``, ``migrate``."""

import argparse
import os
from typing import Any

from tmr.config import SettingsError, load_settings


def add_serving(commands: Any) -> None:
    """Add the commands that run the app."""
    _add_serve(commands.add_parser("serve", help="serve the app, with one worker for the queue beside it"))
    _add_demo(commands.add_parser("demo", help="serve a made-up search, in a folder of its own"))
    commands.add_parser("worker", help="run jobs of the queue").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database's schema up to date").set_defaults(run=_migrate)


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", help="address to listen on (TMR_HOST, default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    serve.add_argument("--workers", help="number of web processes (TMR_WORKERS, default 2)")
    serve.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (TMR_TLS_CERT)")
    serve.add_argument("--tls-key", metavar="FILE", help="the key of the certificate (TMR_TLS_KEY)")
    serve.add_argument("--tls-self-signed", action="store_const", const="1", help="serve https for a local network")
    serve.add_argument("--http-port", metavar="PORT", help="redirect plain http to https (TMR_HTTP_PORT, default off)")
    no_worker: dict[str, Any] = {"dest": "worker", "action": "store_const", "const": "0"}
    serve.add_argument("--no-worker", **no_worker, help="run no worker for the queue beside it: `tmr worker` does")
    serve.set_defaults(run=_serve)


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--records", type=int, default=60, metavar="N", help="how many applications; 60 at least")
    demo.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    demo.set_defaults(run=_demo)


SERVE_OPTIONS = ("host", "port", "workers", "tls_cert", "tls_key", "tls_self_signed", "http_port", "worker")


def _serve(options: argparse.Namespace) -> int:
    for name in SERVE_OPTIONS:
        if getattr(options, name):
            os.environ[f"TMR_{name.upper()}"] = getattr(options, name)
    from tmr.wiring import serve

    return serve(load_settings())


def _demo(options: argparse.Namespace) -> int:
    if not 1 <= options.records <= 10_000:
        raise SettingsError("--records must be a whole number up to 10000.")
    if options.port:
        os.environ["TMR_PORT"] = options.port
    os.environ["TMR_DATA_DIR"] = os.environ.get("TMR_DEMO_DIR") or "./var-demo"
    for name in ("TMR_DATABASE_URL", "TMR_MIGRATION_URL", "TMR_KEYRING", "TMR_KEYRING_FILE", "TMR_MAIL_URL"):
        os.environ.pop(name, None)  # a demo touches nothing of a real installation
    os.environ["TMR_BACKUP_TARGET"] = "off"  # nobody would miss what is made up
    os.environ.pop("TMR_BACKUP_RECIPIENT", None)
    from tmr.wiring import serve_demo

    return serve_demo(load_settings(), options.records)


def _worker(_options: argparse.Namespace) -> int:
    from tmr.wiring import run_worker

    return run_worker(load_settings())


def _migrate(_options: argparse.Namespace) -> int:
    from tmr.wiring import prepare

    prepare(load_settings()).leave()
    print("The schema is up to date.")
    return 0

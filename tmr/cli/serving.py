"""``tmr serve``, ``demo``, ``worker``, ``migrate``."""

import argparse
import os
from pathlib import Path
from typing import Any

from tmr.cli.files import refuse_existing, write_new
from tmr.config import SettingsError, load_settings, verified_database_url


def add_serving(commands: Any) -> None:
    """Add the commands that run the app."""
    _add_serve(commands.add_parser("serve", help="serve the app, and run a worker for its queue"))
    _add_demo(commands.add_parser("demo", help="serve an account with sample data, in a separate folder"))
    database = commands.add_parser("database", help="set up your own PostgreSQL")
    actions: Any = database.add_subparsers(required=True, metavar="ACTION")
    init = actions.add_parser("init", help="create the database, and the role that owns its tables")
    init.add_argument(
        "--admin-url", required=True, metavar="URL", help="its address, as a role that may create roles and databases"
    )
    init.add_argument("--to", metavar="FILE", type=Path, help="write the two settings here instead of printing them")
    init.set_defaults(run=_database_init)
    spread = actions.add_parser("spread", help="spread the tables over the nodes of a Citus cluster")
    spread.set_defaults(run=_database_spread)
    commands.add_parser("worker", help="run the jobs of the queue").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database schema up to date").set_defaults(run=_migrate)


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", help="address to listen on (TMR_HOST, default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    serve.add_argument("--workers", help="number of web processes (TMR_WORKERS, default 2)")
    serve.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (TMR_TLS_CERT)")
    serve.add_argument("--tls-key", metavar="FILE", help="the key of the certificate (TMR_TLS_KEY)")
    serve.add_argument(
        "--tls-self-signed",
        action="store_const",
        const="1",
        help="make a certificate and serve https, for a local network",
    )
    serve.add_argument("--http-port", metavar="PORT", help="redirect plain http to https (TMR_HTTP_PORT, default off)")
    no_worker: dict[str, Any] = {"dest": "worker", "action": "store_const", "const": "0"}
    serve.add_argument("--no-worker", **no_worker, help="run no worker here; `tmr worker` runs one")
    serve.set_defaults(run=_serve)


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--records", type=int, default=60, metavar="N", help="number of applications; at least 60")
    demo.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    demo.set_defaults(run=_demo)


SERVE_OPTIONS = ("host", "port", "workers", "tls_cert", "tls_key", "tls_self_signed", "http_port", "worker")


def _serve(options: argparse.Namespace) -> int:
    for name in SERVE_OPTIONS:
        if getattr(options, name):
            os.environ[f"TMR_{name.upper()}"] = getattr(options, name)
    from tmr.wiring.processes import serve

    return serve(load_settings())


def _demo(options: argparse.Namespace) -> int:
    if not 1 <= options.records <= 10_000:
        raise SettingsError("--records must be a whole number from 1 to 10000.")
    if options.port:
        os.environ["TMR_PORT"] = options.port
    os.environ["TMR_DATA_DIR"] = os.environ.get("TMR_DEMO_DIR") or "./var-demo"
    for name in ("TMR_DATABASE_URL", "TMR_MIGRATION_URL", "TMR_KEYRING", "TMR_KEYRING_FILE", "TMR_MAIL_URL"):
        os.environ.pop(name, None)  # a demo must not touch a real installation
    os.environ["TMR_BACKUP_TARGET"] = "off"  # sample data needs no backups
    os.environ.pop("TMR_BACKUP_RECIPIENT", None)
    from tmr.wiring.processes import serve_demo

    return serve_demo(load_settings(), options.records)


def _database_init(options: argparse.Namespace) -> int:
    from tmr.operations.database.setup import set_up_database

    if options.to:
        refuse_existing(options.to)
    made = set_up_database(verified_database_url("--admin-url", options.admin_url))
    lines = f"TMR_DATABASE_URL={made.database_url}\nTMR_MIGRATION_URL={made.migration_url}\n"
    if options.to:
        write_new(options.to, lines)
        print(f"Both addresses, with their passwords, are in {options.to}. Run `tmr migrate` with them next.")
    else:
        print(f"{lines}Keep these two: the passwords are shown only once. Run `tmr migrate` with them next.")
    return 0


def _database_spread(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import spread_database

    print(spread_database(load_settings()))
    return 0


def _worker(_options: argparse.Namespace) -> int:
    from tmr.wiring.processes import run_worker

    return run_worker(load_settings())


def _migrate(_options: argparse.Namespace) -> int:
    from tmr.wiring.services import prepare

    prepare(load_settings(), ends_with_process=True).leave()
    print("The schema is up to date.")
    return 0

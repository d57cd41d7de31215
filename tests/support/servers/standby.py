"""A second PostgreSQL that follows an embedded one by streaming, and can take its place."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from tests.conftest import libpq
from tests.support.servers.served import until
from tmr.operations.database.embedded import EmbeddedServer
from tmr.operations.database.service_user import service_user

REPLICATED = {"wal_level": "replica", "max_wal_senders": "4"}


class Standby:
    """The replica; from its start on the primary acknowledges nothing that is not here too."""

    def __init__(self, primary: EmbeddedServer) -> None:
        self.primary = primary
        self.folder = Path(tempfile.mkdtemp())  # where its user may enter, which may not be ours
        self.user = service_user(self.folder)
        self.data, self.socket = self.folder / "data", self.folder / "socket"
        if account := self.user.identity():
            os.chown(self.folder, account["user"], account["group"])
        self.user.make_folder(self.socket)

    def start(self) -> "Standby":
        options = {"cwd": "/", "env": self.user.environment(), "capture_output": True, **self.user.identity()}
        copy = [self.user.binary("pg_basebackup"), "-D", str(self.data), "-R", "-d", libpq(self.primary.admin_url)]
        subprocess.run([*copy, "--checkpoint=fast"], check=True, **options)
        self.process = subprocess.Popen(
            [self.user.binary("postgres"), "-D", str(self.data), "-k", str(self.socket)],
            cwd="/",
            env=self.user.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self.user.identity(),
        )
        with psycopg.connect(libpq(self.primary.admin_url), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
            admin.execute("SELECT pg_reload_conf()")
            until(lambda: admin.execute("SELECT sync_state FROM pg_stat_replication").fetchall() == [("sync",)])
        return self

    def url(self, primary_url: str) -> str:
        """The address of both, for whoever wants the one that takes changes."""
        one = make_url(primary_url)
        both = {"host": f"{one.query['host']},{self.socket}", "target_session_attrs": "read-write"}
        return libpq(one.set(query=both).render_as_string(hide_password=False))

    def promote(self) -> None:
        one = make_url(self.primary.admin_url).set(query={"host": str(self.socket)})
        with psycopg.connect(libpq(one.render_as_string(hide_password=False)), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
            admin.execute("SELECT pg_reload_conf()")
            admin.execute("SELECT pg_promote()")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        shutil.rmtree(self.folder)

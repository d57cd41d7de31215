"""PgBouncer in transaction mode before the embedded PostgreSQL of a test, and a balancer before web processes."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import trustme
from sqlalchemy import make_url

from tests.support.servers.served import free_port, until
from tmr.operations.database.embedded import EmbeddedServer


class Pooler:
    """One PgBouncer; ``url`` leads through it as the role that serves requests."""

    def __init__(self, server: EmbeddedServer, pool_size: int = 6, tls: trustme.LeafCert | None = None) -> None:
        direct = make_url(server.direct_url if isinstance(server, ServerBehindPooler) else server.app_url)
        self.port = free_port()
        self.folder = folder = Path(tempfile.mkdtemp())  # where its user may enter, which may not be ours
        self.config = folder / "pgbouncer.ini"
        users = folder / "users.txt"
        users.write_text(f'"{direct.username}" "{direct.password}"\n')
        self.config.write_text(
            f"[databases]\ntmr = host={direct.query['host']} dbname=tmr\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {users}\n"
            f"pool_mode = transaction\ndefault_pool_size = {pool_size}\nmax_client_conn = 200\n"
            "server_reset_query =\nserver_login_retry = 1\n" + (self._tls(tls) if tls else "")
        )
        self.url = f"postgresql://{direct.username}:{direct.password}@127.0.0.1:{self.port}/tmr"
        self.log = folder / "pgbouncer.log"

    def _tls(self, issued: trustme.LeafCert) -> str:
        issued.cert_chain_pems[0].write_to_path(self.folder / "cert.pem")
        issued.private_key_pem.write_to_path(self.folder / "key.pem")
        files = f"client_tls_cert_file = {self.folder}/cert.pem\nclient_tls_key_file = {self.folder}/key.pem\n"
        return "client_tls_sslmode = require\n" + files

    def start(self) -> "Pooler":
        program = shutil.which("pgbouncer", path=os.environ["PATH"] + ":/usr/sbin")
        assert program, "pgbouncer is missing: scripts/install-programs installs it"
        identity = {}
        if os.getuid() == 0:  # it refuses to run as root, and the socket belongs to the database's user
            account = pwd.getpwnam("tmr-postgres")
            identity = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [program, str(self.config)], stdout=log, stderr=log, cwd="/", start_new_session=True, **identity
            )
        until(lambda: not socket.create_connection(("127.0.0.1", self.port), 1).close(), 20, self.log)
        return self

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        shutil.rmtree(self.folder)

    def __enter__(self) -> "Pooler":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()


class ServerBehindPooler(EmbeddedServer):
    """The embedded PostgreSQL, which the app reaches through PgBouncer alone."""

    _pooler: Pooler | None = None

    @property
    def direct_url(self) -> str:
        """Address past the pooler, for another one."""
        return super().app_url

    @property
    def app_url(self) -> str:
        if self._pooler is None:
            return self.direct_url
        driver = make_url(self.direct_url).drivername
        return make_url(self._pooler.url).set(drivername=driver).render_as_string(False)

    def join(self) -> None:
        super().join()
        self._pooler = Pooler(self, pool_size=20).start()

    def leave(self) -> None:
        if self._pooler:
            self._pooler.stop()
        super().leave()


class Balancer:
    """One port before several: each connection goes to the next one that answers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ports: list[int] = []
        self.taken: dict[int, int] = {}
        self._turn = 0
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        for _ in range(100):
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            try:
                behind = socket.create_connection(("127.0.0.1", port), 2)
            except OSError:
                time.sleep(0.05)
                continue
            behind.settimeout(None)
            self.taken[port] = self.taken.get(port, 0) + 1
            threading.Thread(target=_pump, args=(behind, client), daemon=True).start()
            _pump(client, behind)
            return
        client.close()

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()

"""Makes the filled installation that later releases must still read; run once for a release, never to mend a test.

.venv/bin/python -m tests.samples.make_installation tests/samples/installation-0006
"""

import datetime as dt
import gzip
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import libpq
from tests.support.factories import one_of_each
from tests.support.people import PASSWORD, Person
from tmr import create_app
from tmr.config import load_settings
from tmr.operations.demo import DEMO_EMAIL, make_demo
from tmr.repository.access.calendar_feeds import Feed
from tmr.repository.access.legal_orders import Order
from tmr.repository.access.support_grants import RECORDS, Terms
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.wiring.services import build, prepare

LEFT_OUT = ("procrastinate*", "alembic_version", "limits")
SHOWN_ONCE = "installation.txt"


def fill(services, app) -> None:
    """Put something into every table that belongs to an account, with two accounts."""
    now = dt.datetime.now(dt.UTC)
    password = make_demo(services.repository, services.hash_password, 60, now)
    ada = Person(app, "byron@example.org").sign_up()
    with services.repository.for_owner(ada.owner) as uow:
        one_of_each(uow, now)
        uow.totp.set("JBSWY3DPEHPK3PXP", 1, now)
        uow.recovery_codes.renew()
        uow.feeds.add(Feed("Calendar", "full"), now)
        uow.identities.add(ProviderIdentity("https://issuer.example", "1", ada.email), now)
        uow.grants.add(Terms(RECORDS, "help"), 24, now)
        uow.legal_orders.add(Order("AZ 1", "age1"), now + dt.timedelta(days=30), now)
        uow.account.rename("Ada")
        uow.commit()
    record = ada.add(company="Ørsted", notes="Kept since schema 0006")
    ada.change(record, title="Changed once")
    Path(SHOWN_ONCE).write_text(f"{DEMO_EMAIL} {password}\nbyron@example.org {PASSWORD}\n")


def main(folder: Path) -> None:
    """Write the rows, the keyring, an export and the passwords."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        settings = load_settings({"TMR_DATA_DIR": f"{scratch}/var", "TMR_BACKUP_TARGET": "off"})
        database = prepare(settings)
        services = build(settings, database.app_url)
        app = create_app(services)
        fill(services, app)
        demo = Person(app, DEMO_EMAIL)
        assert demo.sign_in(Path(SHOWN_ONCE).read_text().split()[1]).status_code == 303
        (folder / "export.zip").write_bytes(demo.post("/settings/privacy/export").data)
        server = database.embedded
        options = [f"--exclude-table={name}" for name in LEFT_OUT]
        command = [server._needed_user.binary("pg_dump"), "--data-only", "--inserts", "--no-comments", *options]
        dumped = subprocess.run([*command, libpq(server.admin_url)], check=True, capture_output=True).stdout
        (folder / "rows.sql.gz").write_bytes(gzip.compress(dumped, 9, mtime=0))
        (folder / "keyring.json").write_bytes(settings.keyring_file.read_bytes())
        Path(SHOWN_ONCE).rename(folder / "passwords.txt")
        database.leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

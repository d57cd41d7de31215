"""Every command of the operator, where an account is locked: none shows or writes a word of its records."""

import argparse
import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest

from tests.support.backups import Keys, opened_by_age
from tests.support.factories import application
from tests.support.locked import Locked
from tests.support.servers.forensics import Installation
from tmr.cli import _parser, main
from tmr.domain.kinds.application import APPLICATION

WORD, ADDRESS = "Quagga7Xq", "locked@example.org"
LEFT_OUT = {
    "serve": "serves pages, which the other proofs ask",
    "worker": "runs jobs, which the other proofs run",
    "demo": "makes an installation of its own",
    "database init": "makes a database of its own",
    "database spread": "needs a cluster",
    "migrate": "has run by then, and has no keys",
    "account create": "is about another account",
    "account invite": "is about another account",
    "account dismiss": "undoes `appoint`",
    "reports answer": "needs a report",
    "legal defer": "changes a date",
    "keys init": "has run by then",
    "keys retire": "refuses while a backup may need the key",
    "keys promote": "is part of `add`",
    "keygen": "writes a new key pair alone",
    "backup forget": "changes what is known of a target",
    "recovery-kit": "is made of the keyring alone",
    "backup restore": "needs another machine, as in `test_p26_locked_backups.py`",
}


def commands(parser: argparse.ArgumentParser, before: str = "") -> list[str]:
    """Every command that the parser knows, in words."""
    deeper = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not deeper:
        return [before]
    return [
        name
        for action in deeper
        for word, each in action.choices.items()
        for name in commands(each, f"{before} {word}")
    ]


class Operator:
    """Someone at the command line of an installation with one locked account."""

    def __init__(self, folder: Path, monkeypatch, capfd) -> None:
        self.folder, self.keys, self.capfd = folder, Keys(folder), capfd
        self.done: list[str] = []
        self.installation = Installation(folder)
        monkeypatch.setenv("TMR_DATA_DIR", str(self.installation.settings.data_dir))
        job_context = self.installation.start()
        owner = self.installation.add(job_context, ADDRESS)
        self.locked = Locked(job_context, owner, lambda: dt.datetime.now(dt.UTC))
        with self.locked.repository.claim(self.locked.unlock(self.locked.sign_in()), self.locked.clock()) as uow:
            uow.records.add(APPLICATION, application(company=WORD, notes=WORD), self.locked.clock())
            uow.commit()

    def run(self, command: str, *options: object) -> str:
        """Run one command, and return what it said, of which no word is of the records."""
        status = main([*command.split(), *map(str, options)])
        said = "".join(self.capfd.readouterr())
        assert status in (0, 1), said  # 1 where the doctor found something
        assert "Traceback" not in said
        assert WORD not in said
        self.done.append(command)
        return said


@pytest.fixture
def operator(tmp_path, monkeypatch, capfd):
    made = Operator(tmp_path, monkeypatch, capfd)
    yield made
    made.installation.stop()


def test_proof_2_every_command_leaves_locked_records_closed_and_says_so_where_it_needs_them(
    operator, monkeypatch
) -> None:
    """Seen failing: `tmr legal export` ended with a traceback."""
    keys, folder = operator.keys, operator.folder
    monkeypatch.setattr("builtins.input", lambda _words: ADDRESS)

    order = ("--reference", "AZ 1", "--recipient", keys.recipient, "--to", folder / "export.age", "--notify")
    said = operator.run("legal export", ADDRESS, *order)
    assert "locked" in said
    with zipfile.ZipFile(io.BytesIO(opened_by_age(folder / "export.age", keys))) as zipped:
        files = {name: zipped.read(name) for name in zipped.namelist()}
    assert WORD.encode() not in b"".join(files.values())
    assert ADDRESS.encode() in files["account.json"]
    assert files["sealed/records.jsonl"].count(b"summary_sealed") == 3
    for action in ("sign-out", "disable", "enable", "appoint", "reset-factor"):
        operator.run(f"account {action}", ADDRESS)
    operator.run("keys list")
    operator.run("keys add")
    operator.run("keys rewrap")
    assert "locked" in operator.run("keys renew", "--all")
    operator.run("keys backup", "--recipient", keys.recipient, "--to", folder / "keyring.age")
    place = folder / "backups"
    operator.run("backup create", "--to", place, "--recipient", keys.recipient)
    operator.run("backup list", "--from", place)
    operator.run("backup verify", "--from", place, "--identity", keys.file)
    operator.run("backup prune", "--from", place)
    for plain in ("stats", "reports list", "support list", "upkeep"):
        operator.run(plain)
    assert "1 account is locked; the keyring opens 0 of them" in operator.run("doctor")

    assert all(WORD.encode() not in opened_by_age(path, keys) for path in place.glob("*.age"))
    known = {name.strip() for name in commands(_parser())}
    assert known - set(operator.done) == set(LEFT_OUT)

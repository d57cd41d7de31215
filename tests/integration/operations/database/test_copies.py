"""A copied installation touches nothing of its original: every command, on a copy (W7).

Seen failing before the check moved to where every command opens the database: `tmr keys add`, `rewrap` and `retire`
ran on the copy, and the original could not be read any longer.
"""

import argparse
import contextlib
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.backups import Keys
from tmr import cli

REFUSED = "is a copy of another installation"
NOBODY = "nobody@example.org"
REPORT = "00000000-0000-4000-8000-000000000000"
# What each command is called with on the copy, and what it answers. OUT is a file that it may write.
COMMANDS = {
    "serve": ([], REFUSED),
    "worker": ([], REFUSED),
    "migrate": ([], REFUSED),
    "database spread": ([], REFUSED),
    "doctor": ([], REFUSED),
    "upkeep": ([], REFUSED),
    "stats": ([], REFUSED),
    "reports list": ([], REFUSED),
    "reports answer": ([REPORT], REFUSED),
    "support list": ([], REFUSED),
    "legal export": ([NOBODY, "--reference", "1", "--recipient", "RECIPIENT", "--to", "OUT", "--notify"], REFUSED),
    "legal defer": ([NOBODY, "--reference", "1", "--until", "2999-01-01"], REFUSED),
    **{
        f"account {action}": ([NOBODY], REFUSED)
        for action in ["create", "invite", "sign-out", "disable", "enable", "appoint", "dismiss", "reset-factor"]
    },
    "keys list": ([], REFUSED),
    "keys add": ([], REFUSED),
    "keys promote": (["k1"], REFUSED),
    "keys rewrap": ([], REFUSED),
    "keys retire": (["k1"], REFUSED),
    "keys backup": (["--recipient", "RECIPIENT", "--to", "OUT"], REFUSED),
    "keys renew": (["--all"], REFUSED),
    "recovery-kit": (["--to", "OUT"], REFUSED),
    "recovery-kit --moved": (["CODE"], REFUSED),
    "recovery-kit --renew": (["OUT"], REFUSED),
    "backup create": ([], REFUSED),
    "backup list": ([], REFUSED),
    "backup prune": ([], REFUSED),
    "backup forget": (["--from", "OUT"], REFUSED),
    # It fills an empty database, and would make the keyring its own.
    "backup restore": (["--identity", "IDENTITY", "--yes"], REFUSED),
    # It restores into a database of its own and reads the rest.
    "backup verify": (["--identity", "IDENTITY"], ""),
    # These open no installation.
    "keys init": ([], "There is a keyring"),
    "keygen": ([], ""),
    "database init": (["--admin-url", "postgresql://postgres@127.0.0.1:1/postgres"], "cannot be reached"),
}
SEPARATE = {"demo"}  # it has a folder and a keyring of its own, whatever the settings say


class Installation:
    """An original with a keyring, a ledger and backups, and a copy of its folder that is given the same keyring."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pair = Keys(folder)
        self.keyring = folder / "keys" / "keyring"
        self.keyring.parent.mkdir()
        self.target = folder / "target"

    def environ(self, name: str) -> dict[str, str]:
        return {
            **os.environ,
            "TMR_DATA_DIR": str(self.folder / name),
            "TMR_KEYRING_FILE": str(self.keyring),
            "TMR_BACKUP_TARGET": str(self.target),
            "TMR_BACKUP_RECIPIENT": self.pair.recipient,
        }

    def tmr(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run a command; return its exit status and what it says. One that would go on for good is ended."""
        if arguments[0] in ("serve", "worker"):
            command = [sys.executable, "-m", "tmr", *arguments]
            done = subprocess.run(
                command, env=self.environ(name), capture_output=True, text=True, timeout=60, check=False
            )
            return done.returncode, done.stderr
        words = io.StringIO()
        with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stderr(words):
            for variable, value in self.environ(name).items():
                patched.setenv(variable, value)
            patched.setattr(sys, "stdin", io.StringIO("correct horse battery staple\n"))
            return cli.main(arguments), words.getvalue()

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of all that the original shares with its copy: keyring, ledger, counter, backups."""
        files = [*self.keyring.parent.iterdir(), *self.target.iterdir()]
        return {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if not path.name.endswith(".lock")
        }


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = Installation(tmp_path_factory.mktemp("copies"))
    assert made.tmr("var", "migrate")[0] == 0
    assert made.tmr("var", "account", "create", "alice@example.org")[0] == 0
    assert made.tmr("var", "backup", "create")[0] == 0
    subprocess.run(["cp", "-a", str(made.folder / "var"), str(made.folder / "copy")], check=True)
    yield made
    for process in psutil.process_iter(["cmdline"]):
        if str(made.folder) in " ".join(process.info["cmdline"] or []):
            process.kill()


def commands_of(parser: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield every command of the command line, such as ``keys add``."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield " ".join(words)
    for action in below:
        for name, inner in action.choices.items():
            yield from commands_of(inner, (*words, name))


def test_w7_the_table_of_commands_names_every_command() -> None:
    named = {" ".join(word for word in command.split() if not word.startswith("--")) for command in COMMANDS}

    assert named | SEPARATE == set(commands_of(cli._parser()))


@pytest.mark.parametrize("command", COMMANDS)
def test_w7_no_command_on_a_copy_touches_what_belongs_to_the_original(
    installation: Installation, command: str, tmp_path: Path
) -> None:
    arguments, answer = COMMANDS[command]
    values = {
        "RECIPIENT": installation.pair.recipient,
        "IDENTITY": str(installation.pair.file),
        "OUT": str(tmp_path / "out"),
    }
    before = installation.digests()

    status, said = installation.tmr("copy", *command.split(), *(values.get(word, word) for word in arguments))

    assert installation.digests() == before
    assert answer in said
    assert status == (2 if answer else 0), said
    assert not (tmp_path / "out").exists()


def test_w7_the_original_works_on_after_all_that(installation: Installation) -> None:
    assert installation.tmr("var", "keys", "list")[0] == 0
    assert installation.tmr("var", "backup", "create")[0] == 0

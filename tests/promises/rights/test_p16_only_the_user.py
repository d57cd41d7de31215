"""P16, P17: only the user sees the data, and nobody at the operator does.

The sweep over every route with the ids of another user is in `tests/integration/repository/test_isolation.py`, the own
refusal of the database itself in `test_row_level_security.py`. Here: no command of the operator prints content.

Seen failing with the titles of records printed by `tmr stats`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pyrage
import pytest

from tests.support.factories import one_of_each
from tests.support.people import Person
from tmr.cli import _parser

CANARY = "Kanarienvogel9Zq"
NEVER_ENDING = {("serve",), ("demo",), ("worker",)}  # they print an address and a demo's own password
REPORT = "00000000-0000-4000-8000-000000000000"
MARK = "\n----- the next command -----\n"
# In one process, since most of what a command takes is its start. A command that fails with an error ends it.
ONE_AFTER_ANOTHER = """
import contextlib, json, sys
from tmr.cli import main
for arguments in json.loads(sys.argv[2]):
    print(sys.argv[1], end="", flush=True)
    print(sys.argv[1], end="", file=sys.stderr, flush=True)
    with contextlib.suppress(SystemExit):
        main(arguments)
"""


def commands(parser: argparse.ArgumentParser, so_far: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command that there is, from the parser itself."""
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not groups:
        yield so_far
    for group in groups:
        for name, inner in group.choices.items():
            yield from commands(inner, (*so_far, name))


def arguments(command: tuple[str, ...], folder) -> list[str]:
    recipient = str(pyrage.x25519.Identity.generate().to_public())
    known = {
        "account": [f"{CANARY}@example.org"],
        "legal": [f"{CANARY}@example.org", "--reference", "x", "--recipient", recipient, "--notify"],
        "reports": [REPORT] if command[-1] == "answer" else [],
        "keys": {
            "promote": ["k2"],
            "retire": ["k1"],
            "renew": ["--all"],
            "backup": ["--recipient", recipient, "--to", str(folder / "keys.age")],
        }.get(command[-1], []),
    }
    extra = ["--to", str(folder / "x.age")] if command[0] == "legal" else []
    return [*command, *known.get(command[0], []), *extra]


def test_p17_no_command_prints_content_or_an_address(app, services, clock, settings, tmp_path) -> None:
    keyring = tmp_path / "copied.keyring"
    shutil.copy(settings.keyring_file, keyring)  # some of the commands change it
    ada = Person(app, f"{CANARY}@example.org").sign_up()
    ada.add(company=CANARY, title=CANARY, notes=CANARY)

    with services.repository.for_owner(ada.owner) as uow:
        one_of_each(uow, clock())
        uow.commit()
    checked = [command for command in commands(_parser()) if command not in NEVER_ENDING]
    environ = {**os.environ, "TMR_DATA_DIR": str(settings.data_dir), "TMR_KEYRING_FILE": str(keyring)}

    whole = [arguments(command, tmp_path) for command in checked]
    typed = ("x" * 20 + "\n") * len(whole)
    process = [sys.executable, "-c", ONE_AFTER_ANOTHER, MARK, json.dumps(whole)]
    done = subprocess.run(process, env=environ, capture_output=True, text=True, input=typed)

    for stream in (done.stdout, done.stderr):
        for command, printed in zip(checked, stream.split(MARK)[1:], strict=True):
            assert CANARY.lower() not in printed.lower(), command
            assert "Traceback" not in printed, (command, printed)
    assert done.returncode == 0
    assert len(checked) >= 15


@pytest.mark.parametrize("kind", ["applications", "contacts", "interviews", "tasks", "offers", "documents", "events"])
def test_p16_another_person_finds_nothing_by_any_view(alice, bob, kind: str) -> None:
    alice.add(company=CANARY, title=CANARY, notes=CANARY, status="applied", follow_up_on="2020-01-01")
    alice.post("/contacts", name=CANARY)
    alice.post("/tasks", title=CANARY)

    views = ("/today", "/board", "/calendar", "/activity", "/insights", f"/{kind}", f"/search?q={CANARY}")
    for view in (*views, f"/export/{kind}.csv"):
        assert CANARY not in bob.get(view).text.replace(f'value="{CANARY}"', "").replace(f"“{CANARY}”", "")

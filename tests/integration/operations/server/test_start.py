"""Starting: the keyring is made once and never replaced; what is missing is said."""

import shutil
import socket
import tomllib
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.support.factories import new_account
from tests.support.paths import ROOT
from tests.support.servers.served import free_port
from tmr.cli import main
from tmr.config import SettingsError, load_settings
from tmr.crypto.errors import KeyringError
from tmr.crypto.keyring import new_keyring, parse_keyring
from tmr.operations.server.processes import refuse_open_plain_http
from tmr.repository.database.across_owners import AcrossOwners
from tmr.wiring import processes
from tmr.wiring.keyring import check_keys, load_keyring
from tmr.wiring.processes import serve
from tmr.wiring.services import build, prepare, utc_now


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory that has been used."""
    folder = tmp_path_factory.mktemp("start") / "var"
    settings = load_settings({"TMR_DATA_DIR": str(folder)})
    database = prepare(settings)
    build(settings, database.app_url).repository.add_account(new_account(), utc_now())
    database.leave()
    return folder


def test_a_second_start_finds_everything_as_it_was(used: Path) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(used)})
    keyring = settings.keyring_file.read_text()

    database = prepare(settings)
    owner = build(settings, database.app_url).repository.find_owner("a@example.org")
    database.leave()

    assert owner
    assert settings.keyring_file.read_text() == keyring


def test_k4_a_missing_keyring_stops_the_start_and_is_not_replaced(used: Path) -> None:
    settings = load_settings({"TMR_DATA_DIR": str(used)})
    hidden = settings.keyring_file.with_suffix(".hidden")
    shutil.move(settings.keyring_file, hidden)
    try:
        with pytest.raises(KeyringError, match="Without it nothing can be read"):
            prepare(settings)
        assert not settings.keyring_file.exists()
    finally:
        shutil.move(hidden, settings.keyring_file)


def test_a_command_in_the_wrong_folder_says_that_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no installation in .*/nowhere"):
        load_keyring(load_settings({"TMR_DATA_DIR": str(tmp_path / "nowhere")}))


@pytest.mark.parametrize(
    ("host", "problem"), [("127.0.0.1", r"Port \d+ is in use"), ("192.0.2.1", "an address of this machine")]
)
def test_where_the_app_cannot_listen_it_says_so_before_anything_starts(tmp_path: Path, host: str, problem: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = load_settings({"TMR_DATA_DIR": str(tmp_path / "var"), "TMR_HOST": host, "TMR_PORT": port})

        with pytest.raises(SettingsError, match=problem):
            serve(settings)

    assert not settings.data_dir.exists()


def test_k4_a_keyring_that_lacks_a_key_of_the_data_stops_the_start() -> None:
    class Data(AcrossOwners):
        def __init__(self) -> None:
            pass

        def kek_ids(self) -> set[str]:
            return {"k1", "k7"}

    with pytest.raises(KeyringError, match="k7"):
        check_keys(parse_keyring(new_keyring()), Data())


def test_a_command_says_what_is_wrong_and_exits_with_2(capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMR_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TMR_PORT", "http")

    assert main(["migrate"]) == 2
    assert "TMR_PORT must be a whole number" in capsys.readouterr().err


def test_keys_init_makes_a_keyring_once(capsys, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMR_DATA_DIR", str(tmp_path / "var"))

    assert main(["keys", "init"]) == 0
    assert main(["keys", "init"]) == 2
    assert (tmp_path / "var.keyring").exists()


@pytest.mark.parametrize("command", [["serve"], ["demo"]])
def test_p05_plain_http_is_not_opened_to_other_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """Seen failing: it started, answered at another address, and /privacy said that only this machine can reach it."""
    monkeypatch.setattr(processes, "prepare", lambda _settings: pytest.fail("it went on"))
    monkeypatch.setenv("TMR_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("TMR_DEMO_DIR", str(tmp_path / "demo"))
    monkeypatch.setenv("TMR_HOST", "0.0.0.0")
    monkeypatch.setenv("TMR_PORT", str(free_port()))

    assert main(command) == 2

    assert "Set TMR_BASE_URL to the https address" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environ", "is_refused"),
    [
        ({"TMR_HOST": "192.0.2.1"}, True),
        ({"TMR_HOST": "::"}, True),
        ({"TMR_HOST": "0.0.0.0", "TMR_BASE_URL": "http://127.0.0.1:8000"}, True),
        ({}, False),
        ({"TMR_HOST": "127.0.0.2"}, False),
        ({"TMR_HOST": "::1"}, False),
        ({"TMR_HOST": "0.0.0.0", "TMR_PROXIES": "1"}, False),
        ({"TMR_HOST": "0.0.0.0", "TMR_BASE_URL": "https://roles.example.org"}, False),
        ({"TMR_HOST": "0.0.0.0", "TMR_TLS_SELF_SIGNED": "1"}, False),
    ],
)
def test_p05_which_addresses_need_https(environ: dict[str, str], is_refused: bool) -> None:
    with pytest.raises(SettingsError, match="TMR_HOST") if is_refused else nullcontext():
        refuse_open_plain_http(load_settings(environ))


def test_p05_the_image_starts_with_the_settings_that_are_documented_for_it() -> None:
    """The Dockerfile listens everywhere; fly.toml names the https address and the proxies."""
    image = dict(
        word.split("=", 1)
        for line in (ROOT / "Dockerfile").read_text().splitlines()
        if line.startswith("ENV")
        for word in line.split()[1:]
    )
    environ = {name: value for name, value in image.items() if name.startswith("TMR_")}

    refuse_open_plain_http(load_settings({**environ, **tomllib.loads((ROOT / "fly.toml").read_text())["env"]}))

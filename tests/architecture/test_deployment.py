"""The files that people deploy with, checked as far as is possible without their platforms."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tmr.cli import _parser

FLY = tomllib.loads((ROOT / "fly.toml").read_text())
DOCKER = (ROOT / "Dockerfile").read_text()
UNIT = (ROOT / "deploy" / "tmr.service").read_text()
# What the platform's reference names, for the sections that are used here.
FLY_KEYS = {
    "": {"app", "primary_region", "kill_signal", "kill_timeout"} | {"build", "deploy", "env", "processes"},
    "sections": {"http_service", "vm"},
    "http_service": {"internal_port", "force_https", "auto_stop_machines", "auto_start_machines", "concurrency"}
    | {"min_machines_running", "processes", "tls_options", "checks"},
    "checks": {"grace_period", "interval", "method", "path", "timeout", "headers"},
}


def test_p13_fly_takes_tls_1_3_only_and_forces_https() -> None:
    service = FLY["http_service"]

    assert service["tls_options"]["versions"] == ["TLSv1.3"]
    assert service["force_https"] is True
    assert FLY["env"]["TMR_BASE_URL"].startswith("https://")


def test_p13_fly_names_only_what_the_platform_knows() -> None:
    assert set(FLY) == FLY_KEYS[""] | FLY_KEYS["sections"]
    assert set(FLY["http_service"]) == FLY_KEYS["http_service"]
    assert all(set(check) == FLY_KEYS["checks"] for check in FLY["http_service"]["checks"])
    assert FLY["http_service"]["processes"] == ["web"]


@pytest.mark.parametrize("command", [*FLY["processes"].values(), FLY["deploy"]["release_command"]])
def test_p13_what_fly_runs_is_a_command_of_this_program(command: str) -> None:
    assert _parser().parse_args(command.split()).run


def test_p13_fly_asks_for_readiness_by_the_name_that_is_answered_and_limits_the_crowd() -> None:
    [check] = FLY["http_service"]["checks"]
    limits = FLY["http_service"]["concurrency"]

    assert check["path"] == "/readyz"
    assert check["headers"]["Host"] == FLY["env"]["TMR_BASE_URL"].removeprefix("https://")
    assert FLY["http_service"]["internal_port"] == int(FLY["env"]["TMR_PORT"])
    assert 0 < limits["soft_limit"] < limits["hard_limit"] <= 256


def known_settings() -> set[str]:
    return set(re.findall(r"^#?(TMR_\w+)=", (ROOT / ".env.example").read_text(), re.M))


def test_every_setting_in_these_files_is_one_that_is_read() -> None:
    named = set(re.findall(r"\bTMR_\w+", "\n".join([DOCKER, UNIT, (ROOT / "fly.toml").read_text(), docs()])))
    read = set(re.findall(r'"(TMR_\w+)"', (ROOT / "tmr" / "config.py").read_text()))

    assert named <= read
    assert read <= known_settings()


def docs() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "docs" / "running").glob("*.md"))


def test_the_image_is_built_in_two_stages_and_runs_as_an_ordinary_account() -> None:
    stages = re.split(r"^FROM ", DOCKER, flags=re.M)[1:]
    last = stages[-1]

    assert len(stages) == 2
    assert all(re.match(r"python:\d+\.\d+-slim-\w+", stage) for stage in stages)
    assert re.search(r"^USER 10001$", last, re.M)
    assert not re.search(r"\bUSER (root|0)\b|\bsudo\b|chmod 777|apt-get|ADD |:latest", DOCKER)
    assert "pip install" not in last
    assert "--require-hashes" in stages[0]
    assert re.search(r'^ENTRYPOINT \["tmr"\]$', last, re.M)
    assert not re.search(r"(PASSWORD|SECRET|KEYRING)=", DOCKER)


def test_the_image_holds_no_more_than_it_needs() -> None:
    allowed = (ROOT / ".dockerignore").read_text().split()

    assert allowed[0] == "**"
    copied = set(re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKER, re.M))
    for source in " ".join(copied).split():
        assert f"!{source}" in allowed, source


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    assert program, "systemd-analyze is missing: scripts/install-programs installs it"
    unit = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", UNIT, flags=re.M)
    unit = re.sub(r"^(User|Group|WorkingDirectory|EnvironmentFile|Documentation)=.*\n", "", unit, flags=re.M)
    (tmp_path / "tmr.service").write_text(unit)

    done = subprocess.run(
        [program, "verify", "--man=no", str(tmp_path / "tmr.service")], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_shuts_the_service_in() -> None:
    for line in ("NoNewPrivileges=true", "ProtectSystem=strict", "LimitCORE=0", "UMask=0077", "User=tmr"):
        assert f"\n{line}\n" in UNIT, line
    command = re.search(r"^ExecStart=\S+/tmr (.+)$", UNIT, re.M)
    assert command
    assert _parser().parse_args(command[1].split()).run

"""Settings are checked at start; a wrong one says what is accepted."""

import pytest
from sqlalchemy import make_url

from tmr.config import SettingsError, load_settings


@pytest.mark.parametrize(
    "environ",
    [
        {"TMR_PORT": "http"},
        {"TMR_RATELIMIT_URL": "redis://localhost"},
        {"TMR_PORT": "70000"},
        {"TMR_WORKERS": "0"},
        {"TMR_WORKER": "yes"},
        {"TMR_HTTP_PORT": "8080"},
        {"TMR_HTTP_PORT": "80x", "TMR_BASE_URL": "https://roles.example.org"},
        {"TMR_TLS_SELF_SIGNED": "1", "TMR_TLS_CERT": __file__, "TMR_TLS_KEY": __file__},
        {"TMR_HOST": "roles.example.org"},
        {"TMR_HOST": "999.0.0.1"},
        {"TMR_SESSION_IDLE": "0"},
        {"TMR_SESSION_MAX": "0"},
        {"TMR_BASE_URL": "http://roles.example.org"},
        {"TMR_BASE_URL": "roles.example.org"},
        {"TMR_BASE_URL": "https://["},
        {"TMR_BASE_URL": "https://me@roles.example.org"},
        {"TMR_BASE_URL": "https://roles.example.org/path"},
        {"TMR_DATABASE_URL": "mysql://x", "TMR_MIGRATION_URL": "mysql://x"},
        {"TMR_DATABASE_URL": "postgresql://localhost/x"},
        {"TMR_DATA_DIR": "/srv/var", "TMR_KEYRING_FILE": "/srv/var/keyring"},
    ],
)
def test_g1_a_wrong_setting_stops_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="TMR_"):
        load_settings(environ)


@pytest.mark.parametrize(("given", "host"), [("localhost", "127.0.0.1"), ("[::1]", "::1"), ("0.0.0.0", "0.0.0.0")])
def test_the_host_is_an_address(given: str, host: str) -> None:
    assert load_settings({"TMR_HOST": given}).host == host


def test_k10_the_keyring_is_outside_the_data_directory_by_default() -> None:
    settings = load_settings({"TMR_DATA_DIR": "/srv/tmr"})

    assert str(settings.keyring_file) == "/srv/tmr.keyring"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9", "[::1]:8000"])
def test_loopback_names_count_as_each_other(host: str) -> None:
    settings = load_settings({"TMR_BASE_URL": f"http://{host}"})

    assert settings.trusted_hosts == ["localhost", "127.0.0.1", "[::1]"]
    assert not settings.is_secure


def test_https_is_secure_and_trusts_its_own_name_only() -> None:
    settings = load_settings({"TMR_BASE_URL": "https://roles.example.org"})

    assert settings.is_secure
    assert settings.trusted_hosts == ["roles.example.org"]


def test_k10_settings_do_not_print_their_secrets() -> None:
    settings = load_settings(
        {
            "TMR_KEYRING": "geheim-1",
            "TMR_DATABASE_URL": "postgresql://a:geheim-2@h/d",
            "TMR_MIGRATION_URL": "postgresql://a:geheim-3@h/d",
            "TMR_MAIL_URL": "smtps://a:geheim-4@h",
        }
    )

    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    "environ",
    [
        {"TMR_BACKUP_TARGET": "/backups"},
        {"TMR_BACKUP_RECIPIENT": "age1" + "q" * 58},
        {"TMR_BACKUP_TARGET": "ftp://x/y", "TMR_BACKUP_RECIPIENT": "age1" + "q" * 58},
        {"TMR_BACKUP_TARGET": "var/backups", "TMR_BACKUP_RECIPIENT": "age1" + "q" * 58},
        {"TMR_BACKUP_TARGET": "/backups", "TMR_BACKUP_RECIPIENT": "age1x"},
        {"TMR_SECURITY_CONTACT": "no address"},
    ],
)
def test_settings_of_backups_and_reports_are_checked(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        load_settings(environ)


def database_url(url: str) -> str:
    return load_settings({"TMR_DATABASE_URL": url, "TMR_MIGRATION_URL": url}).database_url or ""


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("db.example.org/tmr", "db.example.org/tmr?sslmode=verify-full&sslrootcert=system"),
        ("db.example.org/tmr?options=a", "db.example.org/tmr?options=a&sslmode=verify-full&sslrootcert=system"),
        ("u:p@db/tmr?sslrootcert=/ca.pem", "u:p@db/tmr?sslrootcert=/ca.pem&sslmode=verify-full"),
        ("db/tmr?sslmode=verify-full", "db/tmr?sslmode=verify-full"),
        ("db/tmr?sslmode=require", "db/tmr?sslmode=verify-full&sslrootcert=system"),
        (
            "u:p@ep-a-pooler.eu.aws.neon.tech/x?sslmode=require&channel_binding=require",
            "u:p@ep-a-pooler.eu.aws.neon.tech/x?channel_binding=require&sslmode=verify-full&sslrootcert=system",
        ),
        ("u:p@db/x?sslmode=require&sslrootcert=/ca.pem", "u:p@db/x?sslmode=verify-full&sslrootcert=/ca.pem"),
        ("/tmr?host=db.example.org", "/tmr?host=db.example.org&sslmode=verify-full&sslrootcert=system"),
        ("localhost,db/tmr?sslmode=verify-full", "localhost,db/tmr?sslmode=verify-full"),
        ("/tmr?host=/run,db&sslrootcert=/ca.pem", "/tmr?host=/run,db&sslrootcert=/ca.pem&sslmode=verify-full"),
        ("localhost/tmr", "localhost/tmr"),
        ("[::1]/tmr", "[::1]/tmr"),
        ("u:p%20a@db/tmr", "u:p%20a@db/tmr?sslmode=verify-full&sslrootcert=system"),
        ("u:p%3Fa@db/tmr", "u:p%3Fa@db/tmr?sslmode=verify-full&sslrootcert=system"),
        ("u:p?a@db/x", "u:p%3Fa@db/x?sslmode=verify-full&sslrootcert=system"),
        ("localhost#@db/x", "localhost%23@db/x?sslmode=verify-full&sslrootcert=system"),
        ("db/x?", "db/x?sslmode=verify-full&sslrootcert=system"),
        ("localhost/x?hostaddr=192.0.2.1", "localhost/x?hostaddr=192.0.2.1&sslmode=verify-full&sslrootcert=system"),
        ("/tmr?host=/run/postgresql", "/tmr?host=/run/postgresql"),
    ],
)
def test_t4_the_way_to_a_database_elsewhere_is_verified(given: str, used: str) -> None:
    assert make_url(database_url("postgresql://" + given)) == make_url("postgresql+psycopg://" + used)


@pytest.mark.parametrize("mode", ["disable", "prefer", "verify-ca", "verify-full&sslmode=disable"])
def test_t4_a_weaker_way_to_a_database_elsewhere_stops_the_start(mode: str) -> None:
    with pytest.raises(SettingsError, match="verify-full"):
        database_url(f"postgresql://db.example.org/tmr?sslmode={mode}")


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        ("postgresql:///x?service=prod", {}),
        ("postgresql://localhost/x?hostaddr=192.0.2.1&sslmode=disable", {}),
        ("postgresql:///x", {"PGHOST": "db.example.org"}),
        ("postgresql://localhost/x", {"PGHOSTADDR": "192.0.2.1"}),
        ("postgresql:///x", {"PGSERVICE": "prod"}),
        ("postgresql://a:5432,b:5432/x", {}),
        ("postgresql://@[::1/x", {}),
    ],
)
def test_t4_no_other_way_leads_past_the_check(url: str, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="TMR_"):
        load_settings({"TMR_DATABASE_URL": url, "TMR_MIGRATION_URL": url, **environ})


def test_t4_a_mode_that_is_raised_is_reported_and_a_pooler_is_known_by_its_name() -> None:
    base = {"TMR_DATA_DIR": "/x"}
    pooled = "postgresql://u:p@ep-a-pooler.eu.aws.neon.tech/x?sslmode=require&channel_binding=require"
    direct = pooled.replace("-pooler", "")
    made = load_settings({**base, "TMR_DATABASE_URL": pooled, "TMR_MIGRATION_URL": direct})
    plain = load_settings(
        {**base, "TMR_DATABASE_URL": direct, "TMR_MIGRATION_URL": direct.replace("require", "verify-full", 1)}
    )

    assert made.is_pooled
    assert not plain.is_pooled
    assert made.notices[0].startswith(
        "TMR_DATABASE_URL and TMR_MIGRATION_URL: sslmode=require is raised to verify-full"
    )
    assert plain.notices[0].startswith("TMR_DATABASE_URL: ")
    assert load_settings(base).notices == ()


def test_an_address_with_a_parameter_that_nothing_knows_is_refused_without_its_password() -> None:
    """Seen failing at the first connection, with a traceback."""
    url = "postgresql://u:S3CRET@127.0.0.1:1/x?bogus=1&application_name=a"

    with pytest.raises(
        SettingsError, match="TMR_DATABASE_URL has a parameter that PostgreSQL does not know: bogus"
    ) as caught:
        load_settings({"TMR_DATABASE_URL": url, "TMR_MIGRATION_URL": url})
    assert "S3CRET" not in str(caught.value)

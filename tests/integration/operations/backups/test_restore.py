"""Reading a backup that is sealed, of which the end is not wanted."""

import io

import pyrage

from tmr.operations.backups.restore import _Opened


def test_p07_a_backup_that_its_reader_leaves_early_raises_nothing_in_its_thread() -> None:
    """What a thread raises is an error of the test."""
    identity = pyrage.x25519.Identity.generate()
    sealed = io.BytesIO(pyrage.encrypt(b"x" * 4_096, [identity.to_public()]))
    opened = _Opened(sealed, [identity])

    opened.reading.close()
    with opened:
        pass

    assert opened.error == ""

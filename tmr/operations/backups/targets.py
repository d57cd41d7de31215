"""Where backups go: a directory, or S3-compatible storage. A file appears under its name whole, or not at all."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import urlsplit

from tmr.config import SettingsError
from tmr.errors import OperatorError
from tmr.operations.backups.names import recognised
from tmr.private_files import sync_folder

PART_BYTES = 8 * 1024 * 1024
Progress = Callable[[int], None]


class TargetError(OperatorError):
    """The storage cannot be reached or refuses; the message says what its client said."""


class Target(Protocol):
    """A place for files."""

    def list(self) -> list[tuple[str, int]]:
        """Return the names and sizes of the files that are there."""

    def publish(self, source: Path, name: str, progress: Progress) -> None:
        """Put a finished local file there; an upload that was interrupted continues where it stopped."""

    def opened(self, name: str) -> Any:
        """Open a file for reading, as a context manager that gives a binary file."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def tidy(self, start: str = "") -> None:
        """Remove interrupted uploads that will not continue, of files whose names start so. None may be under way."""


class Directory:
    """A folder, best on another disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def list(self) -> list[tuple[str, int]]:
        """Return the names and sizes of the files that are there."""
        if not self._folder.exists():
            return []
        return [(path.name, path.stat().st_size) for path in self._folder.iterdir() if path.is_file()]

    def publish(self, source: Path, name: str, progress: Progress) -> None:
        """Copy the file under another name, flush it to the disk, and rename it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._folder / f".{name}.partial"
        with source.open("rb") as reading, os.fdopen(os.open(draft, _CREATE, 0o600), "wb") as writing:
            while piece := reading.read(PART_BYTES):
                writing.write(piece)
                progress(len(piece))
            writing.flush()
            os.fsync(writing.fileno())
        draft.replace(self._folder / name)
        sync_folder(self._folder)

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading."""
        with (self._folder / name).open("rb") as file:
            yield file

    def remove(self, name: str) -> None:
        """Remove a file."""
        (self._folder / name).unlink(missing_ok=True)

    def tidy(self, start: str = "") -> None:
        """Remove drafts."""
        for path in self._folder.glob(f".{start}*.partial"):
            path.unlink()


@contextmanager
def _storage_errors_told() -> Iterator[None]:
    """Raise ``TargetError`` for what the storage's client raises inside the block."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise TargetError(str(error)) from error


class Bucket:
    """S3-compatible storage; credentials and region come from the environment, as every S3 client takes them."""

    def __init__(self, bucket: str, prefix: str) -> None:
        try:
            import boto3
        except ImportError:
            raise SettingsError(
                "S3-compatible storage needs the package boto3: pip install --require-hashes -r requirements/s3.lock"
            ) from None
        self._bucket, self._prefix = bucket, f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        with _storage_errors_told():
            self._client: Any = boto3.client("s3")

    @_storage_errors_told()
    def list(self) -> list[tuple[str, int]]:
        """Return the names and sizes of the files that are there."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        objects = [entry for page in pages for entry in page.get("Contents", [])]
        return [(entry["Key"].removeprefix(self._prefix), entry["Size"]) for entry in objects]

    @_storage_errors_told()
    def publish(self, source: Path, name: str, progress: Progress) -> None:
        """Upload; the object appears when all of it is there. Parts of a data file that are there already are not sent
        again.

        Other names are used again with other content, so parts of an earlier try must not be taken for theirs.
        """
        if not name.startswith("data-"):
            self._client.upload_file(str(source), self._bucket, self._prefix + name, Callback=progress)
            return
        place = {"Bucket": self._bucket, "Key": self._prefix + name}
        upload, sent = self._waiting_upload(place)
        parts = []
        with source.open("rb") as file:
            for number in range(1, max(1, -(-source.stat().st_size // PART_BYTES)) + 1):
                piece = file.read(PART_BYTES)
                tag = (
                    f'"{hashlib.md5(piece, usedforsecurity=False).hexdigest()}"'  # the tag that most stores give a part
                )
                if sent.get(number) != tag:
                    tag = self._client.upload_part(**place, UploadId=upload, PartNumber=number, Body=piece)["ETag"]
                parts.append({"PartNumber": number, "ETag": tag})
                progress(len(piece))
        self._client.complete_multipart_upload(**place, UploadId=upload, MultipartUpload={"Parts": parts})

    @contextmanager
    def opened(self, name: str) -> Iterator[BinaryIO]:
        """Open a file for reading, streamed."""
        with _storage_errors_told():
            answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + name)
            try:
                yield answer["Body"]
            finally:
                answer["Body"].close()

    @_storage_errors_told()
    def remove(self, name: str) -> None:
        """Remove a file."""
        self._client.delete_object(Bucket=self._bucket, Key=self._prefix + name)

    @_storage_errors_told()
    def tidy(self, start: str = "") -> None:
        """Abort interrupted uploads of backups: their parts are stored, and paid for, without being listed."""
        waiting = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=self._prefix).get("Uploads", [])
        for upload in waiting:
            name = upload["Key"].removeprefix(self._prefix)
            if name.startswith(start) and recognised([(name, 0)]):
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])

    def _waiting_upload(self, place: dict[str, str]) -> tuple[str, dict[int, str]]:
        """Return an interrupted upload of this file, with its parts by number, or else a new one."""
        waiting = self._client.list_multipart_uploads(Bucket=self._bucket, Prefix=place["Key"]).get("Uploads", [])
        for upload in waiting:
            if upload["Key"] == place["Key"]:
                pages = self._client.get_paginator("list_parts").paginate(**place, UploadId=upload["UploadId"])
                sent = [part for page in pages for part in page.get("Parts", [])]
                return upload["UploadId"], {part["PartNumber"]: part["ETag"] for part in sent}
        return self._client.create_multipart_upload(**place)["UploadId"], {}


def target_of(text: str) -> Target:
    """Return the target that a setting or an option names."""
    if text.startswith("s3://"):
        parts = urlsplit(text)
        if not parts.netloc:
            raise SettingsError(f"{text} names no bucket: an address looks like s3://bucket/prefix.")
        return Bucket(parts.netloc, parts.path)
    if "://" in text:
        raise SettingsError(
            f"{text} is not a place for backups: give a directory or an address such as s3://bucket/prefix."
        )
    return Directory(Path(text).absolute())


_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC

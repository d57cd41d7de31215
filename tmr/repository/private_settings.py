"""What a person wrote outside of their records, sealed like those: it tells as much as they do.

Names of stages, of calendar links, access tokens and links for a coach, lines of Today that were put off, and what a
request for support says. Earlier releases sealed them under the account's own key; ``settle`` moves them, one account
at a time.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tmr.crypto.envelope import ACCOUNT, RECORDS
from tmr.crypto.errors import DecryptionError
from tmr.domain.pipeline.stage import Stage
from tmr.repository.accounts.accounts import Accounts
from tmr.repository.errors import LockedError
from tmr.repository.keys.owner_keys import OwnerKeys
from tmr.repository.schema import access_tokens, calendar_feeds, coach_links, private_settings, support_grants

# Rows that may still have names of their own, by where those move.
_NAMED = {"tokens": (access_tokens, "token_sealed"), "links": (coach_links, "link_sealed")}

SETTLED = 1  # how many moves of earlier releases' words to here a row is through: with 1, lines of Today are here


class PrivateSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Stages, if they are not the usual ones; names of what is handed out and messages to support, by what they are of.

    ``feeds``, ``tokens`` and ``links`` are calendar links, access tokens and links for a coach. ``feed_keys`` seal the
    prepared copies of calendar links, in hexadecimal. ``snoozed`` says until when a line of Today is left out, by its
    key: see ``snooze`` of the agenda.
    """

    stages: list[Stage] | None = None
    feeds: dict[str, str] = {}
    messages: dict[str, str] = {}
    feed_keys: dict[str, str] = {}
    tokens: dict[str, str] = {}
    links: dict[str, str] = {}
    snoozed: dict[str, str] = {}


class SealedSettings(msgspec.Struct, frozen=True):
    """The sealed row, as it comes with the look-up of a session."""

    key_id: int
    settings_sealed: bytes
    settled: int = 0


class KeptSettings:
    """The private settings of the owner that a unit of work is bound to.

    The row is the truth as soon as there is one. Until then stages are among the account's preferences, and names of
    links and messages are in their own rows, where an earlier release put them.
    """

    def __init__(
        self,
        connection: Connection,
        owner_keys: OwnerKeys,
        account: Accounts,
        known: SealedSettings | None = None,
        *,
        is_known: bool = False,
    ) -> None:
        """With ``is_known``, ``known`` is what the look-up of a session found: None if there is no row."""
        self._connection = connection
        self._owner_keys = owner_keys
        self._account = account
        self._row, self._is_known = known, is_known
        self._opened: PrivateSettings | None = None
        self.is_changed = False

    def get(self) -> PrivateSettings:
        """Return what the person wrote; opened once in a unit of work."""
        if self._opened is None:
            row = self._row if self._is_known else self._read()
            self._opened = self._with_lines(
                self._open(row) if row else PrivateSettings(self._account.preferences().stages)
            )
        return self._opened

    def hold(self) -> None:
        """Let two devices that change these wait for each other; what was read before is read again."""
        self._account.hold()
        self._is_known, self._opened = False, None

    def change(self, **changes: Any) -> None:
        """Replace some of what the person wrote; the rest stays as it is now, even if it changed since it was read."""
        self._account.hold()
        self._keep(msgspec.structs.replace(self._settled(), **changes))

    def name_feed(self, feed_id: UUID, label: str) -> None:
        """Keep the name of a calendar link."""
        self._account.hold()
        settled = self._without_gone(self._settled())
        self._keep(msgspec.structs.replace(settled, feeds={**settled.feeds, str(feed_id): label}))

    def name_token(self, token_id: UUID, label: str) -> None:
        """Keep the name of an access token."""
        self._account.hold()
        settled = self._without_gone(self._settled())
        self._keep(msgspec.structs.replace(settled, tokens={**settled.tokens, str(token_id): label}))

    def name_link(self, link_id: UUID, label: str) -> None:
        """Keep the name of a link for a coach."""
        self._account.hold()
        settled = self._without_gone(self._settled())
        self._keep(msgspec.structs.replace(settled, links={**settled.links, str(link_id): label}))

    def known(self) -> PrivateSettings:
        """Return what the person wrote, or nothing where it is locked."""
        try:
            return self.get()
        except LockedError:
            return PrivateSettings()

    def keep_feed_key(self, feed_id: UUID, key: str) -> None:
        """Keep the key of a calendar link's prepared copies."""
        self._account.hold()
        settled = self._settled()
        self._keep(msgspec.structs.replace(settled, feed_keys={**settled.feed_keys, str(feed_id): key}))

    def add_message(self, grant_id: UUID, message: str) -> None:
        """Keep what a request for support says."""
        self._account.hold()
        settled = self._without_gone(self._settled())
        self._keep(msgspec.structs.replace(settled, messages={**settled.messages, str(grant_id): message}))

    def forget_gone(self) -> None:
        """Forget the names of calendar links that are gone, and what requests for support said that are over.

        Where the records are locked, that waits for the next name or message: nothing may keep a link from being ended.
        """
        with suppress(LockedError):
            known = self.get()
            if self._without_gone(known) != known:
                self._account.hold()
                self._keep(self._without_gone(self._settled()))

    def settle(self) -> None:
        """Move what an earlier release sealed under the account's key; an account that is settled stays as it is."""
        self._account.hold()
        self._settled()
        moved = {name: self._take_names(table, column) for name, (table, column) in _NAMED.items()}
        if any(moved.values()):
            known = self._settled()
            self._keep(
                msgspec.structs.replace(
                    known, **{name: {**getattr(known, name), **words} for name, words in moved.items()}
                )
            )

    def _take_names(self, table: Table, column: str) -> dict[str, str]:
        are_named = (table.c.owner_id == self._owner_keys.owner, table.c.is_named_here)
        if self._connection.scalar(select(table.c.id).where(*are_named).limit(1)) is None:
            return {}
        words = self._take_words(table, column, "label")
        self._connection.execute(update(table).where(*are_named).values(is_named_here=False))
        return words

    def take(self) -> PrivateSettings | None:
        """Delete the row, because the key that sealed it is about to be destroyed; return what it held.

        That is None if there was no row, or if it does not open: then the names are lost with the key. Keys of prepared
        copies are left out, since a new key of the records is under the keyring, and such copies are of locked records.
        So are lines of Today, which go with the records.
        """
        self._account.hold()
        row, content = self._read(), None
        if row is not None:
            with suppress(DecryptionError, LockedError):
                content = msgspec.structs.replace(self._open(row), feed_keys={}, snoozed={})
            self._connection.execute(private_settings.delete().where(self._are_owners()))
        return content

    def put(self, taken: PrivateSettings | None) -> None:
        """Seal under the newest key what ``take`` returned."""
        if taken is not None:
            self._keep(taken)

    def _settled(self) -> PrivateSettings:
        row, preferences = self._read(), self._account.preferences()
        if row is not None and row.settled == SETTLED and not preferences.snoozed:
            return self._open(row)
        found = self._open(row) if row is not None else self._words_of_earlier_release()
        self._keep(self._with_lines(found))
        if preferences.stages is not None or preferences.snoozed:
            self._account.change_preferences(stages=None, snoozed={})
        return self.get()

    def _words_of_earlier_release(self) -> PrivateSettings:
        return PrivateSettings(
            self._account.preferences().stages,
            self._take_words(calendar_feeds, "feed_sealed", "label"),
            self._take_words(support_grants, "grant_sealed", "message"),
        )

    def _with_lines(self, known: PrivateSettings) -> PrivateSettings:
        """Return these with the lines of Today that a release before this one put off, while any of it runs."""
        elsewhere = self._account.preferences().snoozed
        return msgspec.structs.replace(known, snoozed={**elsewhere, **known.snoozed}) if elsewhere else known

    def _take_words(self, table: Table, column: str, name: str) -> dict[str, str]:
        """Return the text called ``name`` of each row, by the row's id, and empty it there."""
        words = {}
        is_owners = table.c.owner_id == self._owner_keys.owner
        query = select(table.c.id, table.c.key_id, table.c[column]).where(is_owners).with_for_update()
        for row_id, key_id, sealed in self._connection.execute(query).all():
            content: Any = self._owner_keys.unseal_json(key_id, sealed, table.name, column, row_id.bytes)
            if not content.get(name):
                continue
            words[str(row_id)], content[name] = content[name], ""
            newest = self._owner_keys.newest(ACCOUNT).key_id
            emptied = self._owner_keys.seal_json(newest, content, table.name, column, row_id.bytes)
            this_row = update(table).where(is_owners, table.c.id == row_id)
            self._connection.execute(this_row.values({"key_id": newest, column: emptied}))
        return words

    def _without_gone(self, known: PrivateSettings) -> PrivateSettings:
        return msgspec.structs.replace(
            known,
            feeds=self._of_rows(calendar_feeds, known.feeds),
            feed_keys=self._of_rows(calendar_feeds, known.feed_keys),
            messages=self._of_rows(support_grants, known.messages),
            tokens=self._of_rows(access_tokens, known.tokens),
            links=self._of_rows(coach_links, known.links),
        )

    def _of_rows(self, table: Table, words: dict[str, str]) -> dict[str, str]:
        if not words:
            return words
        query = select(table.c.id).where(table.c.owner_id == self._owner_keys.owner)
        there = set(map(str, self._connection.scalars(query)))
        return {row_id: text for row_id, text in words.items() if row_id in there}

    def _read(self) -> SealedSettings | None:
        columns = (private_settings.c.key_id, private_settings.c.settings_sealed, private_settings.c.settled)
        row = self._connection.execute(select(*columns).where(self._are_owners())).first()
        self._row, self._is_known = SealedSettings(*row) if row else None, True
        return self._row

    def _open(self, row: SealedSettings) -> PrivateSettings:
        place = ("private_settings", "settings_sealed", self._owner_keys.owner.bytes)
        return msgspec.convert(self._owner_keys.unseal_json(row.key_id, row.settings_sealed, *place), PrivateSettings)

    def _keep(self, content: PrivateSettings) -> None:
        owner, key_id = self._owner_keys.owner, self._owner_keys.newest(RECORDS).key_id
        place = ("private_settings", "settings_sealed", owner.bytes)
        sealed = self._owner_keys.seal_json(key_id, content, *place)
        values = {"key_id": key_id, "settings_sealed": sealed, "settled": SETTLED}
        query = upsert(private_settings).values(owner_id=owner, **values)
        self._connection.execute(query.on_conflict_do_update(index_elements=["owner_id"], set_=values))
        self._row, self._is_known, self._opened, self.is_changed = None, False, content, True

    def _are_owners(self) -> ColumnElement[bool]:
        return private_settings.c.owner_id == self._owner_keys.owner

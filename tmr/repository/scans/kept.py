"""What a process keeps of accounts between requests."""

from uuid import UUID

from tmr.repository.scans.kept_ids import KeptIds
from tmr.repository.scans.kept_texts import KeptTexts


class Kept:
    """The ids that pages chose, and the texts of those who are searching."""

    def __init__(self) -> None:
        self.ids = KeptIds()
        self.texts = KeptTexts()

    def drop(self, owner: UUID) -> None:
        """Forget all of an account: a session of it ended, or it was erased."""
        self.ids.drop(owner)
        self.texts.drop(owner)

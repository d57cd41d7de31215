"""One stage of a person's pipeline, counted by statistics under one fixed category."""

import msgspec

from tmr.domain.pipeline.category import CATEGORY


class Stage(msgspec.Struct, frozen=True):
    """One stage: its key in storage, what people read, its category.

    A retired stage takes no more applications; those in it, and its history, stay as they are. ``wait_days`` is how
    many days an answer usually takes there: None means the category's usual wait, and 0 means no reminder.
    """

    key: str
    label: str
    category: str
    is_retired: bool = False
    wait_days: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether an application in this stage still wants attention."""
        return not CATEGORY[self.category].is_closed

    @property
    def colour(self) -> str:
        """The token of its colour in the style sheets."""
        return CATEGORY[self.category].colour

    @property
    def shape(self) -> str:
        """The shape beside the word, so that nothing depends on colour alone."""
        return CATEGORY[self.category].shape

    @property
    def expected_wait(self) -> int:
        """Days without an answer after which Today suggests a follow-up; 0 for never."""
        return CATEGORY[self.category].usual_wait if self.wait_days is None else self.wait_days

"""What a person may type to get in, and what is wrong with it."""

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.auth.email_address import canonical
from tmr.auth.password_rule import weakness


class NewPassword(msgspec.Struct):
    """The password that an account has and the one that it shall have, with an error for each that is refused."""

    current: str = ""
    password: str = ""
    errors: dict[str, str] = {}

    @classmethod
    def parse(cls, form: MultiDict[str, str], email: str) -> "NewPassword":
        """Read what was typed; the new password must be a strong one, and a new one."""
        typed = cls(form.get("current", ""), form.get("password", ""), {})
        reason = weakness(typed.password, canonical(email) or email)
        if not reason and typed.password == typed.current:
            reason = "That is your password already."
        if reason:
            typed.errors["password"] = reason
        return typed


class Credentials(msgspec.Struct):
    """An address and a password as typed, with an error for each that is refused."""

    email: str = ""
    password: str = ""
    keep: bool = False
    canonical_email: str = ""
    errors: dict[str, str] = {}

    @classmethod
    def parse(cls, form: MultiDict[str, str]) -> "Credentials":
        """Read what was typed; only its form is checked here."""
        email = form.get("email", "").strip()
        typed = cls(email, form.get("password", ""), bool(form.get("keep")), canonical(email) or "", {})
        if not typed.canonical_email:
            typed.errors["email"] = "Write an email address, such as ada@example.org."
        if not typed.password:
            typed.errors["password"] = "Write your password."  # noqa: S105 - a message
        return typed

    @classmethod
    def parse_new(cls, form: MultiDict[str, str]) -> "Credentials":
        """Read what was typed for a new account; the password must be a strong one."""
        typed = cls.parse(form)
        reason = weakness(typed.password, typed.canonical_email)
        if reason:
            typed.errors["password"] = reason
        return typed

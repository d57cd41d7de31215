"""The forms of sign-in, sign-up, a new password and the profile: what was typed, and what is wrong with it."""

import msgspec
from werkzeug.datastructures import MultiDict

from tmr.auth.passwords.rule import rate
from tmr.auth.sign_up.email_address import canonical
from tmr.domain.fields.folding import fold
from tmr.domain.fields.types.times import ZONES
from tmr.domain.locales.locale import OFFERED
from tmr.repository.accounts.accounts import Preferences

NO_ADDRESS = "Enter an email address, for example ada@example.org."
NAME_LETTERS = 100
THEMES = {"": "System", "light": "Light", "dark": "Dark"}


class NewPassword(msgspec.Struct):
    """The current password and the new one as typed, with an error message for each field that is refused."""

    current: str = ""
    password: str = ""
    strength: int = 0
    errors: dict[str, str] = {}
    guesses_log10: float = 0.0

    @classmethod
    def parse(cls, form: MultiDict[str, str], email: str, name: str = "") -> "NewPassword":
        """Read the form; the new password must be strong, and differ from the current one that was typed."""
        typed = cls(form.get("current", ""), form.get("password", ""), 0, {})
        rating = rate(typed.password, canonical(email) or email, name)
        reason, typed.strength, typed.guesses_log10 = rating.weakness, rating.strength, rating.guesses_log10
        if not reason and typed.password == typed.current:
            reason = "That is already your password."
        if reason:
            typed.errors["password"] = reason
        return typed


class Credentials(msgspec.Struct):
    """An address and a password as typed, with an error message for each field that is refused."""

    email: str = ""
    password: str = ""
    keep: bool = False
    canonical_email: str = ""
    strength: int = 0
    errors: dict[str, str] = {}

    @classmethod
    def parse(cls, form: MultiDict[str, str]) -> "Credentials":
        """Read the form; whether the password is right is not checked here."""
        email = form.get("email", "").strip()
        typed = cls(email, form.get("password", ""), bool(form.get("keep")), canonical(email) or "", 0, {})
        if not typed.canonical_email:
            typed.errors["email"] = NO_ADDRESS
        if not typed.password:
            typed.errors["password"] = "Enter your password."  # noqa: S105 - a message
        return typed

    @classmethod
    def parse_new(cls, form: MultiDict[str, str]) -> "Credentials":
        """Read the form for a new account, whose password must be strong."""
        typed = cls.parse(form)
        rating = rate(typed.password, typed.canonical_email)
        typed.strength = rating.strength
        if rating.weakness:
            typed.errors["password"] = rating.weakness
        return typed


class Profile(msgspec.Struct):
    """The name, address and settings of an account as typed, with an error message for each refused field."""

    name: str = ""
    email: str = ""
    canonical_email: str = ""
    zone: str = ""
    locale: str = ""
    theme: str = ""
    has_letter_keys: bool = True
    errors: dict[str, str] = {}

    @classmethod
    def parse(cls, form: MultiDict[str, str], preferences: Preferences, email: str) -> "Profile":
        """Read the form; a field that was not sent keeps the stored value."""
        address = form.get("email", email).strip()
        typed = cls(form.get("name", preferences.name).strip(), address, canonical(address) or "")
        typed.zone = form.get("time_zone", preferences.zone).strip()
        typed.locale = form.get("locale", preferences.locale)
        typed.theme = form.get("theme", preferences.theme)
        typed.has_letter_keys = form.get("letter_keys", "on" if preferences.has_letter_keys else "off") != "off"
        if typed.zone and fold(typed.zone) not in ZONES:
            typed.errors["time_zone"] = "Enter the time zone as region/city, for example Europe/Berlin."
        if typed.locale not in OFFERED:
            typed.errors["locale"] = "Choose one of the places in the list."
        if typed.theme not in THEMES:
            typed.errors["theme"] = "Choose System, Light or Dark."
        if not typed.canonical_email:
            typed.errors["email"] = NO_ADDRESS
        if len(typed.name) > NAME_LETTERS:
            typed.errors["name"] = f"Use at most {NAME_LETTERS} characters. This has {len(typed.name):,}."
        return typed

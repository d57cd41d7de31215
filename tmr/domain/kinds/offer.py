"""The offer: what a company would pay and give, when it wants an answer, and what became of it."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.numbers import Amount, Currency
from tmr.domain.fields.types.texts import LongText

# fmt: off
OFFER = Kind(
    key="offer", plural="offers", title="Offer", heading="Offers", place=5, shortcut="f", named_by=("application_id",),
    icon="M8 1.5l2 4.2 4.5.6-3.3 3.2.8 4.5L8 11.8 4 14l.8-4.5L1.5 6.3 6 5.7z",
    settled={"decision": ("accepted", "declined")},
    empty="Compare what each company offers for a year, and see when you need to answer.",
    described_by=("base", "decision", "deadline_on"),
    identity=Identity(together=("application_id", "base", "currency")),
    fields=[
        Field(name="application_id", label="Application", number=2, type=Link("application"), is_required=True,
              is_headline=True,
              is_quick=True, aliases=("application_ids",), missing="Choose an application.",
              words="application, company, company name, employer, role, title, Firma, entreprise"),
        Field(name="base", label="Base salary", number=3, type=Amount(), is_quick=True,
              units=("currency", "period"),
              words="base salary, salary, pay, Gehalt, Grundgehalt, salaire, salario"),
        Field(name="currency", label="Currency", number=4, type=Currency(), is_quick=True, words="Währung, devise"),
        Field(name="period", label="Salary per", number=5, is_quick=True, words="pay period, per",
              type=Choice("Year", "Month", "Week", "Day", "Hour")),
        Field(name="bonus", label="Yearly bonus", number=6, type=Amount(), is_quick=True,
              units=("currency",),
              words="bonus a year, bonus, prime"),
        Field(name="sign_on", label="Signing bonus", number=7, type=Amount(), aliases=("signing_bonus",),
              units=("currency",),
              words="sign on, signing bonus, sign-on bonus"),
        Field(name="equity", label="Equity per year", number=8, type=FieldType(),
              hint="A number counts towards the total; other text is only shown.",
              words="equity a year, equity, shares, stock, options, rsu"),
        Field(name="deadline_on", label="Answer by", number=9, type=Date(), is_due=True, is_quick=True,
              role="deadline",
              words="deadline, expires, answer by, valid until, Frist"),
        Field(name="start_on", label="Start date", number=10, type=Date(),
              words="start, start date, starts, first day, Beginn"),
        Field(name="decision", label="Decision", number=11, type=Choice("Open", "Accepted", "Declined"), default="open",
              words="status, outcome, result"),
        Field(name="benefits", label="Benefits", number=1, type=LongText(), section="detail",
              words="perks, extras, Leistungen, avantages"),
        Field(name="notes", label="Notes", number=2, type=LongText(), section="detail",
              is_in_panel=True,
              words="note, comments, comment, Notizen, remarques, notas"),
    ],
)
# fmt: on

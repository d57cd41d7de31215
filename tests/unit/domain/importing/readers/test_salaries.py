"""Pay in a cell: amounts, currencies, periods and ranges; and no word of the cell is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.fields.amounts import read_amount
from tmr.domain.importing.readers.money.salaries import Pay, in_unit_of, is_pay_of_year, read_salary


def in_short(pay: Pay | None) -> str:
    """Return ``min - max currency period`` of what is there."""
    if pay is None:
        return "none"
    least, most, *others = [pay.texts.get(f"salary_{name}", "") for name in ("min", "max", "currency", "period")]
    return " ".join(filter(None, [least, f"- {most}" if most else "", *others]))


@pytest.mark.parametrize(
    ("cell", "short", "rest"),
    [
        ("35k RAL", "35000 year", ""),
        ("RAL 35.000 €", "35000 EUR year", ""),
        ("1.500 € netti al mese", "1500 EUR month", "netti"),
        ("28.000 € lordi annui", "28000 EUR year", "lordi"),
        ("R$ 8.000 mensal", "8000 BRL month", ""),
        ("24.000 € anuais", "24000 EUR year", ""),
        ("2.000 € netos/mes", "2000 EUR month", "netos"),
        ("15,00,000 CTC", "1500000 year", ""),
        ("12 000 PLN netto miesięcznie", "12000 PLN month", "netto"),
        ("32.000 EUR/a", "32000 EUR year", ""),
        ("TJM 450 €", "450 EUR day", ""),
        ("450€/j", "450 EUR day", ""),
        ("500kr", "500", "kr"),
        ("80k/90k", "80000 - 90000", ""),
        ("24.000 € brutos/año", "24000 EUR year", "brutos"),
        ("€ 14,20 p/u", "14.2 EUR hour", ""),
        ("$120k/$140k", "120000 - 140000 USD", ""),
        ("min 45k max 50k", "45000 - 50000", ""),
        ("55 000 SEK i månaden", "55000 SEK month", ""),
        ("£350 per day (inside IR35)", "350 GBP day", "inside IR35"),
        ("€45k (negotiable up to €50k)", "45000 EUR", "negotiable up to €50k"),
        ("45000 kr/mån", "45000 month", "kr"),
        ("500 kr - 600 kr", "500 - 600", "kr"),
        ("80k an excellent package", "80000", "an excellent package"),
        ("80k, day rate 500", "80000", "day rate 500"),
        ("€60k-70k all-in", "60000 - 70000 EUR", "all-in"),
        ("40 hours per week, 25k", "25000", "40 hours per week"),
        ("60k year", "60000 year", ""),
        ("£400pd", "400 GBP day", ""),
        ("£18.50ph", "18.5 GBP hour", ""),
        ("12,00,000", "1200000", ""),
        ("90,000 100,000", "90000", "100,000"),
        ("€45 brutto/Stunde zzgl. Spesen", "45 EUR hour", "brutto; zzgl. Spesen"),
        ("$45/hr", "45 USD hour", ""),
        ("€65,000", "65000 EUR", ""),
        ("90k-110k", "90000 - 110000", ""),
        ("90-110k", "90000 - 110000", ""),
        ("CHF 120'000 – 130'000 per year", "120000 - 130000 CHF year", ""),
        ("65.000 € brutto/Jahr", "65000 EUR year", "brutto"),
        ("1", "1", ""),
        ("$20.50 - $25.75 an hour", "20.5 - 25.75 USD hour", ""),
        ("$19 an hour", "19 USD hour", ""),
        ("£1,900 a month", "1900 GBP month", ""),
        ("up to 80k", "- 80000", ""),
        ("100k + 10% bonus", "100000", "10% bonus"),
        ("12-15 LPA", "1200000 - 1500000 INR year", ""),
        ("6.5L", "650000 INR", ""),
        ("$120,000 per year plus equity and sign-on", "120000 USD year", "plus equity and sign-on"),
        ("C$90,000", "90000 CAD", ""),
        ("A$120k", "120000 AUD", ""),
        ("S$6,000/month", "6000 SGD month", ""),
        ("NZ$95k", "95000 NZD", ""),
        ("R$ 5.000,00 por mês", "5000 BRL month", ""),
        ("HK$30k", "30000 HKD", ""),
        ("US$100k", "100000 USD", ""),
        ("CA$85k", "85000 CAD", ""),
        ("AU$100k", "100000 AUD", ""),
        ("500 000 kr", "500000", "kr"),
        ("kr 500 000", "500000", "kr"),
        ("12 000 zł brutto/mies.", "12000 PLN month", "brutto"),
        ("60 000 Kč", "60000 CZK", ""),
        ("800 000 Ft", "800000 HUF", ""),
        ("₹12,00,000", "1200000 INR", ""),
        ("¥5,000,000", "5000000 JPY", ""),
        ("₺40.000", "40000 TRY", ""),
        ("12 lakhs", "1200000 INR", ""),
        ("1.2 Cr", "12000000 INR", ""),
        ("₹15 lakh per annum", "1500000 INR year", ""),
        ("max 80k", "- 80000", ""),
        ("bis zu 70.000 €", "- 70000 EUR", ""),
        ("jusqu'à 55 k€", "- 55000 EUR", ""),
        ("hasta 40.000 €", "- 40000 EUR", ""),
        ("from 50k", "50000", ""),
        ("min. 45k", "45000", ""),
        ("ab 60.000 Euro", "60000 EUR", ""),
        ("à partir de 45 000 €", "45000 EUR", ""),
        ("desde 30000 EUR", "30000 EUR", ""),
        ("50k+", "50000", ""),
        ("from 80k to 90k", "80000 - 90000", ""),
        ("between $80k and $90k", "80000 - 90000 USD", ""),
        ("80k to 90k", "80000 - 90000", ""),
        ("50.000 bis 60.000 EUR", "50000 - 60000 EUR", ""),
        ("45 à 50 k€", "45000 - 50000 EUR", ""),
        ("$80,000/year", "80000 USD year", ""),
        ("€500/day", "500 EUR day", ""),
        ("450 per hour", "450 hour", ""),
        ("60k p.a.", "60000 year", ""),
        ("60k per annum", "60000 year", ""),
        ("25 € pro Stunde", "25 EUR hour", ""),
        ("45 000 € par an", "45000 EUR year", ""),
        ("2.000 € al mes", "2000 EUR month", ""),
        ("100k, 401k match", "100000", "401k match"),
        ("90k-110", "90000 - 110000", ""),
        ("80 tsd", "80000", ""),
        ("80 mil euros", "80000 EUR", ""),
        ("$100k OTE", "100000 USD", "OTE"),
        ("100k DOE", "100000", "DOE"),
        ("$20k sign-on bonus, base $120k", "120000 USD", "$20k sign-on bonus, base"),
        ("base 120k, bonus 20k", "120000", "base; bonus 20k"),
        ("80k (USD)", "80000 USD", ""),
        ("$80k CAD", "80000 CAD", ""),
        ("$20.50/hr - $25.75/hr", "20.5 - 25.75 USD hour", ""),
        ("40 hours a week, $25/hr", "25 USD hour", "40 hours a week"),
        ("500万円", "5000000 JPY", ""),
        ("月給30万円", "300000 JPY month", ""),
        ("年収500万円～700万円", "5000000 - 7000000 JPY year", ""),
        ("15k-25k·14薪", "15000 - 25000", "14薪"),
        ("80 000,- Kč", "80000 CZK", ""),
        ("50 000:- kr", "50000", "kr"),
        ("EUR 80k", "80000 EUR", ""),
        ("USD80k", "80000 USD", ""),
        ("80kEUR", "80000 EUR", ""),
        ("TEUR 80", "80000 EUR", ""),
        ("55-60 T€", "55000 - 60000 EUR", ""),
        ("R500,000", "500000 ZAR", ""),
        ("Salary: $80k", "80000 USD", "Salary"),
        ("approx. 80k", "80000", "approx"),
        ("~80k", "80000", ""),
        ("80k/yr", "80000 year", ""),
        ("$80K/yr + bonus", "80000 USD year", "bonus"),
        ("80-90k+", "80000 - 90000", ""),
        ("€60k - €70k", "60000 - 70000 EUR", ""),
        ("60k€ - 70k€", "60000 - 70000 EUR", ""),
        ("£50k - £60k pa", "50000 - 60000 GBP year", ""),
        ("£400 pd", "400 GBP day", ""),
        ("£1,900 pcm", "1900 GBP month", ""),
        ("2026", "2026", ""),
        ("$150,000.00", "150000 USD", ""),
        ("$1.2M", "1200000 USD", ""),
        ("DKK 45.000 pr. md.", "45000 DKK month", ""),
        ("80,000 - 90,000 USD annually", "80000 - 90000 USD year", ""),
        ("USD 80,000 - 90,000 (annual)", "80000 - 90000 USD year", ""),
        ("annual salary 80k", "80000 year", "salary"),
        ("Hourly: $45", "45 USD hour", ""),
        ("40k to 50k depending on experience", "40000 - 50000", "depending on experience"),
        ("$60,000 - $70,000 + 401k + health", "60000 - 70000 USD", "401k + health"),
        ("70-80k EUR (remote), 4-day week", "70000 - 80000 EUR", "(remote), 4-day week"),
        ("$1,500/week", "1500 USD week", ""),
        ("60.000 - 70.000 € p.a. zzgl. Bonus", "60000 - 70000 EUR year", "zzgl. Bonus"),
        ("100,000", "100000", ""),
        ("100000.00", "100000", ""),
        ("85k-95k CAD", "85000 - 95000 CAD", ""),
        ("8 LPA + 2L bonus", "800000 INR year", "2L bonus"),
        ("10 - 12 L", "1000000 - 1200000 INR", ""),
        ("From $100K/yr", "100000 USD year", ""),
        ("$50K/yr - $60K/yr", "50000 - 60000 USD year", ""),
        ("12.50 GBP per hour", "12.5 GBP hour", ""),
        ("£12.50 - £13 per hour", "12.5 - 13 GBP hour", ""),
        ("£30,000 to £35,000 depending on experience", "30000 - 35000 GBP", "depending on experience"),
        ("2,000-2,500 PLN net", "2000 - 2500 PLN", "net"),
        ("$120k base + $30k bonus + equity", "120000 USD", "base + $30k bonus + equity"),
    ],
)
def test_pay_is_read_and_other_words_are_returned(cell: str, short: str, rest: str) -> None:
    pay = read_salary(cell)

    assert (in_short(pay), pay and pay.rest) == (short, rest)


@pytest.mark.parametrize(
    "cell",
    [
        *["", "competitive", "negotiable", "TBD", "n/a", "DOE", "€", "$", "1 2 3", "x" * 201, "see mail of 4 March"],
        *["Grade E14", "E14", "Level 5", "Band 7", "EG 13", "TVöD 13", "401k", "401(k)", "5%", "0.5% equity", "20 %"],
        *[
            "110-90k",
            "90-80",
            "€60k - £50k",
            "1.500k",
            "$1.5 mil",
            "2026 budget",
            "25 days holiday",
            "3/4",
            "40 hours a week",
        ],
        *["10k sign-on bonus", "999999999999k"],
    ],
)
def test_what_is_no_clear_pay_is_none(cell: str) -> None:
    assert read_salary(cell) is None


WORDS = [
    "plus",
    "equity",
    "bonus",
    "DOE",
    "remote",
    "Zürich",
    "café",
    "10%",
    "(negotiable)",
    "health",
    "株",
    "Sam",
    "great",
]
AMOUNTS = ["$80k", "90-110k", "€65.000", "£1,900", "12-15 LPA", "500 000 kr", "120,000", "C$90,000", "7", "14", "401k"]
PERIODS = ["", "", "an hour", "/yr", "per month", "p.a.", "pro Jahr"]
BOUNDS = ["", "", "up to", "from", "ab", "max"]


@given(
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.sampled_from(BOUNDS),
    st.lists(st.sampled_from(AMOUNTS), min_size=1, max_size=3),
    st.sampled_from(PERIODS),
    st.lists(st.sampled_from(WORDS), max_size=4),
)
def test_no_word_is_lost(before: list[str], bound: str, amounts: list[str], period: str, after: list[str]) -> None:
    pay = read_salary(" ".join(filter(None, [*before, bound, " + ".join(amounts), period, *after])))

    if pay is not None:
        words = re.findall(r"\w+", pay.rest)
        for word in [word for given_word in before + after for word in re.findall(r"\w+", given_word)]:
            assert word in words
            words.remove(word)
        taken = sum(read_salary(amount) is not None for amount in amounts if amount not in pay.rest)
        assert taken <= 1


@given(st.text(alphabet="0123456789.,-–+%$€£kKmL /()ahryeoutp万円", max_size=60))
def test_every_digit_is_in_the_pay_or_in_the_rest(cell: str) -> None:
    pay = read_salary(cell)

    if pay is not None:
        left = re.findall(r"\d+", pay.rest)
        numbers = [number for number in re.findall(r"\d+", cell) if number not in left or left.remove(number)]
        assert len("".join(numbers)) <= 15 * 2 + 4
        for name in ("salary_min", "salary_max"):
            assert name not in pay.texts or read_amount(pay.texts[name]) is not None


@pytest.mark.parametrize(
    "piece", ["1", "a", " ", "1 ", "1,", "$", "(,", "1 000", "80k ", "80k+ ", "net ", "k", "up to "]
)
def test_no_cell_takes_long(piece: str) -> None:
    for size in (200, 60_000):
        cell = ("80k" + piece * size)[:size]
        with takes_at_most(hashes=1.25):
            for _ in range(10):
                read_salary(cell)


def test_a_thousand_cells_take_a_moment() -> None:
    with takes_at_most(hashes=0.8):
        for number in range(1_000):
            read_salary(f"${number},000 - $1{number:03},500 per year plus equity")


@pytest.mark.parametrize(
    ("header", "cell", "in_units"),
    [
        ("CTC (LPA)", "18", "18 LPA"),
        ("CTC (LPA)", "12-15", "12 LPA-15 LPA"),
        ("Gehalt (k€)", "55", "55k"),
        ("年収（万円）", "500", "500万"),
        ("Salary", "90", "90"),
        ("Salary (k)", "90,000", "90,000"),
        ("Salary (k)", "see ad", "see ad"),
    ],
)
def test_small_numbers_have_the_unit_of_their_header(header: str, cell: str, in_units: str) -> None:
    assert in_unit_of(header, cell) == in_units


def test_a_plus_before_the_unit_and_a_month_in_short_are_understood() -> None:
    lakhs, month = read_salary("30+ LPA"), read_salary("CHF 6'200/Mt.")

    assert lakhs is not None
    assert lakhs.texts == {"salary_min": "3000000", "salary_currency": "INR", "salary_period": "year"}
    assert month is not None
    assert month.texts == {"salary_min": "6200", "salary_currency": "CHF", "salary_period": "month"}


def test_yen_without_a_period_are_of_a_year_from_an_amount_that_no_month_has() -> None:
    found = [read_salary(cell) for cell in ("800万〜1000万円", "1,500,000円", "30万円", "8000000", "$2000000")]

    assert [bool(pay and is_pay_of_year(pay.texts)) for pay in found] == [True, True, False, False, False]

"""Files whose rows are alike: each row is compared with few others, so that a file takes seconds and not hours."""

from tests.integration.records.imports.test_import_cases import rows_of
from tmr.records.imports.tables import linking


def test_f2_once_many_names_were_looked_at_only_whole_names_are_linked(alice, monkeypatch) -> None:
    """Seen failing: the words of each row were looked for in the names of all records, for hours with one file."""
    alice.bring(b"Company,Title\nGlobex,Clerk\nInitech,Cook")
    monkeypatch.setattr(linking, "MOST_LOOKED_AT", 0)

    alice.bring(b"Name,Applications,Notes\nAnn,Globex,\nBo,Initech,\nCy,Initech Cook,\nDi,Globex,", kind="contacts")

    linked = {row["name"]: (bool(row["application_ids"]), row["notes"]) for row in rows_of(alice, "contacts")}
    assert linked == {
        "Ann": (True, ""),
        "Bo": (False, "Applications: Initech"),
        "Cy": (True, ""),
        "Di": (True, ""),  # asked before
    }

"""Which column fills which field: real layouts in eleven languages, none of which says it in our words."""

import csv
import io

import pytest

from tmr.domain.importing.plan import Plan
from tmr.domain.importing.propose import propose
from tmr.domain.kinds import KINDS


def plan_of(*rows: list[str]) -> Plan:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return propose(KINDS, lambda: io.StringIO(text.getvalue(), newline=""), "utf-8", "")


def layout(header: str, first: str, second: str, targets: str, kind: str = "applications"):
    return pytest.param([line.split(";") for line in (header, first, second)], targets.split(), kind, id=header[:40])


# fmt: off
LAYOUTS = [
    layout(
        "Firma;Stanowisko;Tryb;Status",
        "Wiąz;Tester;zdalnie;Odrzucone",
        "Dąb;Kucharz;stacjonarnie;Wysłane",
        "company title work_mode status",
    ),
    layout(
        "Who;What;Where;When sent;Where are we now;£",
        "Elm Bakery;Shift manager;Sunderland;14/10/26;Interview;13.20/hr",
        "Oak Stores;Assistant;Durham;15/10/26;waiting;12.45",
        "company title location applied_on status salary",
    ),
    layout(
        "Azienda;Ruolo;Dove;Smart working;RAL;Stato",
        "Olmo;Analista;Roma;2 gg a settimana;34-38k;Secondo colloquio",
        "Quercia;Cuoco;Milano;Sì;28k;Inviata",
        "company title location work_mode salary status",
    ),
    layout(
        "Stelle;Unternehmen;Ort/Homeoffice;Beworben;Ergebnis",
        "Buchhalter;Ulme GmbH;Ulm, 2 Tage Homeoffice;3.9.26;Absage",
        "Controller;Eiche SE;Friedrichshafen;5.9.26;offen",
        "title company location applied_on status",
    ),
    layout(
        "Role;Company;Remote / hybrid / office;How did it go?",
        "Cook;Elm;hybrid 2 days;rejected",
        "Clerk;Oak;office;interview",
        "title company work_mode status",
    ),
    layout(
        "Posting;Organization;Posted;Applied;Outcome",
        "Nurse;Elm Hospital;Oct 1;Oct 3;No reply",
        "Porter;Oak Hospital;Oct 4;Oct 5;Interview",
        "title company notes applied_on status",
    ),
    layout(
        "Vacature;Organisatie;Sluitdatum;Gereageerd op;Stand van zaken",
        "Adviseur;Gemeente Iep;15-10-2026;10-10-2026;Afgewezen",
        "Kok;Gemeente Eik;20-10-2026;19-10-2026;Uitgenodigd",
        "title company deadline_on applied_on status",
    ),
    layout(
        "Department;Title;Classification;Selection process #;Language req.;Closing;Stage",
        "Statistics Canada;Data Scientist;EC-05;26-STC-0091;Bilingual;2026-09-30;Applied",
        "CRA;Programmer Analyst;CS-02;26-CRA-7712;English;2026-11-13;Interview",
        "company title notes notes notes deadline_on status",
    ),
    layout(
        "Agency;Series & grade;Title;Location;Status",
        "Department of Energy;GS-0343-12;Management Analyst;Washington, DC;Applied",
        "NASA;GS-0801-13;Engineer;Houston, TX;Interview",
        "company notes title location status",
    ),
    layout(
        "Behörde;Stelle;Besoldung;Bewerbung am;Stand",
        "Bundesamt für Justiz;Sachbearbeiter;A9;01.10.2026;Eingeladen",
        "Stadt Köln;Referent;A13;02.10.2026;Absage",
        "company title notes applied_on status",
    ),
    layout(
        "Company;Department;Position;Status",
        "Acme;Finance;Analyst;Applied",
        "Beta;IT;Developer;Rejected",
        "company notes title status",
    ),
    layout(
        "Ministry;Post;Grade;Status",
        "Ministry of Justice;Policy Adviser;HEO;Applied",
        "HM Treasury;Analyst;SEO;Interview",
        "company title notes status",
    ),
    layout(
        "Firm;Scheme;Closes;Status",
        "Alder LLP;Graduate Audit Programme;2026-10-01;Applied",
        "Birch LLP;Future Leaders Finance;2026-10-02;Interview",
        "company title deadline_on status",
    ),
    layout(
        "Trust;Job;Band;Site;Outcome",
        "Elm Health;Nurse;5;The Royal Elm;Applied",
        "Oak Health;Midwife;6;Oak Hospital;Interview",
        "company title notes location status",
    ),
    layout(
        "Company;Role;Site;Status",
        "Acme;Engineer;Indeed;Applied",
        "Beta;Analyst;company site;Rejected",
        "company title source status",
    ),
    layout(
        "School;Position;Duty Station;Principal;Status",
        "Elm Academy;Teacher of maths;Leeds;Mrs. Delgado;Applied",
        "Oak School;Tutor;York;Dr. Okafor;Interview",
        "company title location contact.name status",
    ),
    layout(
        "Entreprise;Poste;Siège;Relance prévue;Statut",
        "Acme;Ingénieure;Lyon;02/12/2026;Candidature envoyée",
        "Beta;Analyste;Lille;25/12/2026;Refusé",
        "company title location follow_up_on status",
    ),
    layout(
        "Company;Position;Location;Date Applied;Status;Salary Range;Job Link;Contact;Notes",
        "Acme;Engineer;Oslo;3/14/2026;Applied;$90k-$100k;https://a.example/1;Ann;hm",
        "Beta;Analyst;Remote;3/15/2026;Rejected;;https://b.example/2;;",
        "company title location applied_on status salary url contact.name notes",
    ),
    layout(
        "Employer;Job Title;Where Posted;Date Sent;Response?;Interview Date;Outcome",
        "Acme;Engineer;LinkedIn;3/14/2026;Yes;3/20/2026;Rejected",
        "Beta;Analyst;Indeed;3/15/2026;No;;",
        "company title source applied_on notes notes status",
    ),
    layout(
        "Firma;Position;Beworben am;Status;Ansprechpartner;Link;Gehalt;Bemerkungen",
        "Acme GmbH;Entwickler;04.03.2026;Absage;Frau Roth;https://a.example/1;55.000 €;x",
        "Beta AG;Berater;15.03.2026;Eingeladen;;https://b.example/2;;",
        "company title applied_on status contact.name url salary notes",
    ),
    layout(
        "Unternehmen;Stellenbezeichnung;Datum der Bewerbung;Rückmeldung;Stand der Bewerbung;Ort",
        "Acme GmbH;Entwickler;04.03.2026;ja;Absage;Köln",
        "Beta AG;Berater;15.03.2026;nein;offen;Bonn",
        "company title applied_on notes status location",
    ),
    layout(
        "Entreprise;Intitulé du poste;Ville;Date d'envoi;Réponse;Statut;Lien de l'annonce;Contact RH",
        "Acme;Développeur;Paris;14/03/2026;oui;Refus;https://a.example/1;Mme X",
        "Beta;Analyste;Lyon;15/03/2026;;Entretien;https://b.example/2;",
        "company title location applied_on notes status url contact.name",
    ),
    layout(
        "Empresa;Puesto;Fecha de aplicación;Estado;Enlace;Salario;Notas",
        "Acme;Ingeniero;14/03/2026;Rechazado;https://a.example/1;30.000 €;x",
        "Beta;Analista;15/03/2026;Enviado;https://b.example/2;;",
        "company title applied_on status url salary notes",
    ),
    layout(
        "Empresa;Vaga;Data da candidatura;Situação;Link da vaga;Pretensão salarial;Observações",
        "Acme;Desenvolvedor;14/03/2026;Rejeitado;https://a.example/1;R$ 5.000;x",
        "Beta;Analista;15/03/2026;Candidatado;https://b.example/2;;",
        "company title applied_on status url salary notes",
    ),
    layout(
        "Azienda;Ruolo;Data candidatura;Stato;Sede;Link annuncio;Note",
        "Acme;Sviluppatore;14/03/2026;Rifiutato;Roma;https://a.example/1;x",
        "Beta;Analista;15/03/2026;Inviato;Milano;https://b.example/2;",
        "company title applied_on status location url notes",
    ),
    layout(
        "Bedrijf;Functie;Datum sollicitatie;Status;Locatie;Link vacature;Opmerkingen",
        "Acme;Ontwikkelaar;14-03-2026;Afgewezen;Utrecht;https://a.example/1;x",
        "Beta;Analist;15-03-2026;Verstuurd;Delft;https://b.example/2;",
        "company title applied_on status location url notes",
    ),
    layout(
        "Firma;Stanowisko;Data aplikacji;Status;Miasto;Link do oferty;Widełki;Uwagi",
        "Acme;Programista;14.03.2026;Odrzucono;Kraków;https://a.example/1;15000 zł;x",
        "Beta;Analityk;15.03.2026;Wysłano;Łódź;https://b.example/2;;",
        "company title applied_on status location url salary notes",
    ),
    layout(
        "Företag;Tjänst;Ansökningsdatum;Status;Ort;Länk till annons;Kontaktperson;Anteckningar",
        "Acme;Utvecklare;2026-03-14;Avslag;Lund;https://a.example/1;Ann;x",
        "Beta;Analytiker;2026-03-15;Skickad;Umeå;https://b.example/2;;",
        "company title applied_on status location url contact.name notes",
    ),
    layout(
        "公司;职位;投递日期;状态;地点;链接;薪资;备注",
        "阿里;工程师;2026年3月14日;面试;杭州;https://a.example/1;20k-30k;x",
        "百度;经理;2026年3月15日;已投递;北京;https://b.example/2;;",
        "company title applied_on status location url salary notes",
    ),
    layout(
        "会社名;職種;応募日;選考状況;勤務地;URL;年収;備考",
        "ソラ;エンジニア;2026/03/14;一次面接;東京;https://a.example/1;600万;x",
        "ウミ;営業;2026/03/15;応募済み;大阪;https://b.example/2;;",
        "company title applied_on status location url salary notes",
    ),
    layout(
        "#;Company Name;Role;Applied On;Applied Via;Referral;Resume Version;Current Stage;Next Action;Next Action Date",
        "1;Acme;Engineer;2026-03-14;LinkedIn;Bob;v2;Phone Screen;Call;2026-04-01",
        "2;Beta;Analyst;2026-03-15;Website;;v2;Applied;;",
        "- company title applied_on source contact.name notes status notes follow_up_on",
    ),
    layout(
        "Business;Job;Suburb;Where did I find it;Who I spoke to;HR Email;HR Phone;Sent on",
        "Acme;Electrician;Sunshine;SEEK;Dave;a@a.example;03 9555 0144;3/02/2026",
        "Beta;Fitter;Newport;Gumtree;Michelle;b@b.example;03 9555 0145;24/02/2026",
        "company title location source contact.name contact.email contact.phone applied_on",
    ),
    layout(
        "Empresa;Vacante;Fecha;Contacto;Estatus;Submitted through",
        "Acme;Ingeniera;13/05/2026;Rosa;Entrevista;OCC",
        "Beta;Analista;14/05/2026;Jorge;Rechazada;LinkedIn",
        "company title applied_on contact.name status source",
    ),
    layout(
        "Société;Poste;Personne contactée;Statut",
        "Acme;Analyste;Julie Martin;Refusé",
        "Beta;Comptable;Marc Dupuis;Postulé",
        "company title contact.name status",
    ),
    layout(
        "Name of school;Post;Headteacher;Result",
        "St Mary's;Teacher of Biology;Mrs J Holloway;Interview",
        "The Forest School;Class Teacher;Mr P Fry;Withdrew",
        "company title contact.name status",
    ),
    layout(
        "Facility;Position;Applied date;Status;Website",
        "Acme;Registered Nurse;5/4/2026;Interviewed;https://jobs.a.example/job/19911",
        "Beta;Staff Nurse;5/16/2026;Applied;https://jobs.b.example/rn-ed-2241",
        "company title applied_on status url",
    ),
    layout(
        "Employer;Position;Applied date;Status;Website",
        "Acme;Registered Nurse;5/4/2026;Interviewed;https://www.a.example/careers",
        "Beta;Staff Nurse;5/16/2026;Applied;https://b.example/",
        "company title applied_on status notes",
    ),
    layout(
        "Employer;Position;Job link;Status;Website",
        "Acme;Registered Nurse;https://jobs.a.example/1991;Interviewed;https://jobs.a.example/job/19911",
        "Beta;Staff Nurse;https://b.example/nurse;Applied;https://jobs.b.example/rn-ed-2241",
        "company title url status notes",
    ),
    layout(
        "Business;Job;Where advertised;Date;Manager;Result",
        "Acme, 1 Main St;Welder;Gumtree;3/4/2026;Joe;Not hiring",
        "Beta, 2 Oak Ave;Fitter;Window;3/15/2026;Ann;Applied",
        "company title source applied_on contact.name status",
    ),
    layout(
        "Empresa;Oferta;Fecha inscripción;Tipo de jornada;Estado",
        "Acme;Camarero;03/02/2026;Completa;Inscrito",
        "Beta;Cocinero;14/02/2026;Parcial;CV visto",
        "company title applied_on employment_type status",
    ),
    layout(
        "Company;Role;Referral Status;Applied Date;Verdict",
        "Acme;Engineer;Asked;2026-09-01;Rejected",
        "Beta;Analyst;Agreed;2026-09-02;Pending",
        "company title notes applied_on status",
    ),
    layout(
        "Empresa;Puesto;CV emailed;Medio;Comuna;Prio",
        "Acme;Vendedor;03/02/2026;Laborum;Ñuñoa;alta",
        "Beta;Cajero;14/02/2026;Trabajando;Maipú;baja",
        "company title applied_on source location excitement",
    ),
    layout(
        "Bedrijfsnaam;Vacature;Date contacted;Waar gevonden;Uitkomst",
        "Acme;Kok;03-02-2026;Indeed;Afgewezen",
        "Beta;Verkoper;14-02-2026;LinkedIn;In afwachting",
        "company title applied_on source status",
    ),
    layout(
        "Firm;Role;Opens;Closes;Date applied;Outcome",
        "Acme;Graduate Programme;1 Sep 2026;31 Oct 2026;14 Sep 2026;Offer",
        "Beta;Audit Scheme;7 Sep 2026;13 Nov 2026;20 Sep 2026;Rejected",
        "company title notes deadline_on applied_on status",
    ),
    layout(
        "Job Title;Company;Job URL;Date Saved;Date Applied;Stage;Excitement;Min. Salary;Max. Salary;Deadline",
        "Engineer;Acme;https://a.example/1;2026-03-01;2026-03-14;Applied;4;90000;100000;2026-04-01",
        "Analyst;Beta;https://b.example/2;2026-03-02;;Bookmarked;3;;;",
        "title company url created_at applied_on status excitement salary_min salary_max deadline_on",
    ),
    layout(
        "Job Position;Company;Max. Salary;Location;Status;Date Saved;Deadline;Date Applied;Follow up;Excitement",
        "Engineer;Acme;$100k;Oslo;Applied;2026-03-01;2026-04-01;2026-03-14;;4",
        "Analyst;Beta;;Oslo;Saved;2026-03-02;;;;3",
        "title company salary location status created_at deadline_on applied_on follow_up_on excitement",
    ),
    layout(
        "Name;Status;Company;Date Applied;URL;Tags;Created time",
        "Engineer;Applied;Acme;March 14, 2026;https://a.example/1;remote;March 1, 2026 10:00 AM",
        "Analyst;Interview;Beta;March 15, 2026;https://b.example/2;;March 2, 2026 10:00 AM",
        "title status company applied_on url tags created_at",
    ),
    layout(
        "Company;Title;Remote?;Type;Applied?;Date;Link;Response",
        "Acme;Engineer;Yes;Full-time;Yes;3/14/2026;https://a.example/1;Rejected",
        "Beta;Analyst;No;Contract;Yes;3/15/2026;https://b.example/2;Interview",
        "company title work_mode employment_type notes applied_on url status",
    ),
    layout(
        "Company;Role;Level;Team;Recruiter Name;Recruiter Email;Recruiter Phone;Status;Last Contact",
        "Acme;Engineer;L5;Infra;Ann;ann@a.example;+1 555 010 1234;Applied;2026-03-14",
        "Beta;Analyst;L4;;;;;Rejected;",
        "company title notes notes contact.name contact.email contact.phone status notes",
    ),
    layout(
        "Full Name;Company;Title;Email;Phone;LinkedIn;Last Contacted;Notes",
        "Ann Roe;Acme;Recruiter;ann@a.example;+1 555 010 1234;https://linkedin.com/in/ann;2026-03-14;x",
        "Bo Li;Beta;CTO;bo@b.example;;;;",
        "name company job_title email phone profile_url last_contacted_on notes",
        "contacts",
    ),
    layout(
        "First Name;Last Name;Email;Company;Position",
        "Ann;Roe;ann@a.example;Acme;CTO",
        "Bo;Li;bo@b.example;Beta;CEO",
        "name name email company job_title",
        "contacts",
    ),
    layout(
        "Task;Due Date;Done;Priority",
        "Call Acme;2026-03-14;yes;High",
        "Mail Beta;2026-03-15;;Low",
        "title due_on done_at priority",
        "tasks",
    ),
    layout(
        "Date;Company;Job;Place;How;Result;Contact Person",
        "14.03.2026;Acme GmbH;Driver;Bonn;Mail;Absage;Frau X",
        "15.03.2026;Beta AG;Clerk;Köln;Post;offen;",
        "applied_on company title location source status contact.name",
    ),
    layout(
        "Datum;Arbeitgeber;Tätigkeit;Art der Bewerbung;Ergebnis",
        "14.03.2026;Acme GmbH;Fahrer;schriftlich;Absage",
        "15.03.2026;Beta AG;Lagerist;online;offen",
        "applied_on company title notes status",
    ),
    layout(
        "COMPANY NAME;JOB POSITION;APPLICATION DATE;STATUS;SALARY EXPECTATION;WEBSITE",
        "Acme;Engineer;14-Mar-2026;In Review;$90,000;https://a.example",
        "Beta;Analyst;15-Mar-2026;Ghosted;;https://b.example",
        "company title applied_on status salary notes/url/source",
    ),
    layout(
        "Role;Org;Applied;Heard back;Link to posting;Comp;Feelings",
        "Engineer;Acme;3/14;yes;https://a.example/1;120k;good",
        "Analyst;Beta;3/15;no;https://b.example/2;;meh",
        "title company applied_on notes url salary notes",
    ),
    layout(
        "Organisation;Post;Closing date;Date submitted;Ref no;Stage reached",
        "Council;Planner;2026-04-01;2026-03-14;AB12;Shortlisted",
        "NHS;Nurse;2026-04-02;2026-03-15;CD34;Rejected",
        "company title deadline_on applied_on reference status",
    ),
    layout(
        "Company;;Role;Status",
        "Acme;x;Engineer;Applied",
        "Beta;y;Analyst;Offer",
        "company notes title status",
    ),
    layout(
        "Job;Company;Salary (k);Applied On;Status;Job Description;Cover Letter",
        "Engineer;Acme;90;2026-03-14;Applied;Long text about the job;yes",
        "Analyst;Beta;80;2026-03-15;Applied;More text;no",
        "title company salary applied_on status job_description notes",
    ),
    layout(
        "Company Name;Job Title;Date of Application;Application Method;Status Update;Date of Status Update",
        "Acme;Engineer;2026-03-14;Online;Rejected;2026-03-20",
        "Beta;Analyst;2026-03-15;Referral;Interview;2026-03-21",
        "company title applied_on source status notes",
    ),
    layout(
        "Date;Hospital;Position Applied For;Name of Person Contacted;Outcome",
        "2026-03-14;St Mary;Nurse;Ann Roe;Applied",
        "2026-03-15;Ysbyty;Porter;;Rejected",
        "applied_on company title contact.name status",
    ),
    layout(
        "Agency;Announcement #;Title;Applied;Status",
        "Parks;AB-1;Ranger;2026-03-14;Applied",
        "Roads;AB-2;Surveyor;2026-03-15;Rejected",
        "company notes/reference title applied_on status",
    ),
    layout(
        "University;Department;Position;Portal;Proposal sent",
        "Oslo;Physics;Lecturer;https://uio.example/1;2026-03-14",
        "Lund;History;Postdoc;https://lu.example/2;2026-03-15",
        "company notes title url applied_on",
    ),
    layout(
        "Company;Role;Applied?;Interview?;Rejected?;Notes",
        "Acme;Engineer;yes (3/14);✔ two rounds;no;x",
        "Beta;Analyst;not yet;;;y",
        "company title stage.applied/applied_on stage.interviewing notes/stage.rejected notes",
    ),
    layout(
        "Firma;Stelle;Absage;Einladung;Zusage;Homeoffice?;Sonstiges",
        "Acme;Tischler;x;;;ja;",
        "Beta;Planer;;x;x;nein;Einladung am 3.",
        "company title stage.rejected stage.interviewing stage.offer/stage.accepted work_mode notes",
    ),
    layout(
        "Company;Role;Status;Excitement;Company URL;Apply Here;Attachments",
        "Acme;Engineer;Applied;⭐⭐⭐⭐;https://acme.example;https://acme.example/jobs/1;https://files.example/cv.pdf",
        "Beta;Analyst;Applied;★★☆☆☆;https://beta.example;https://beta.example/jobs/2;",
        "company title status excitement notes url notes",
    ),
    layout(
        "Unternehmen;Position;Bewerbung am;Eingangsbestätigung;Vorstellungsgespräch;Absage/Zusage;Prep links",
        "Acme GmbH;Entwickler;04.03.2026;05.03.2026;20.03.2026;Absage;https://notes.example/acme",
        "Beta AG;Berater;25.03.2026;26.03.2026;;Zusage;https://notes.example/beta",
        "company title applied_on stage.applied stage.interviewing status notes",
    ),
    layout(
        "Firma;Stanowisko;Skąd;Zdalnie?;Etap",
        "Acme;Planista;Pracuj;tak;Rozmowa",
        "Beta;Kierowca;polecenie;nie;Odrzucona",
        "company title source work_mode status",
    ),
    layout(
        "Firma;Stanowisko;Kiedy wysłałem;Uwagi",
        "Acme;Planista;04.03.2026;x",
        "Beta;Kierowca;15.03.2026;",
        "company title applied_on notes",
    ),
    layout(
        "Azienda;Ruolo;Data invio CV;Vaga modelo;Ore;Esito",
        "Acme Srl;Impiegata;4/3/2026;Híbrido;Full-time;Scartato",
        "Beta SpA;Contabile;15/3/2026;Remoto;Part-time;In attesa",
        "company title applied_on work_mode employment_type status",
    ),
    layout(
        "Employer Name;Employer Address;Job Title;Applications close;Expiration Date;How's it going?",
        "Acme;12 Main St, Troy;Driver;2026-03-01;2026-04-01;Rejected",
        "Beta;8 Elm Ave, Troy;Cook;2026-03-02;2026-04-02;Applied",
        "company location title notes/deadline_on deadline_on/notes status",
    ),
]
# fmt: on


@pytest.mark.parametrize(("rows", "targets", "kind"), LAYOUTS)
def test_columns_are_placed_by_words_and_values(rows: list[list[str]], targets: list[str], kind: str) -> None:
    plan = plan_of(*rows)

    placed = [target or "-" for target in plan.columns]

    assert plan.kind == kind
    assert not plan.open_words
    assert [target for target, wanted in zip(placed, targets, strict=True) if target not in wanted.split("/")] == []


def test_a_column_that_cannot_be_filled_hands_the_field_on() -> None:
    plan = plan_of(
        ["Company", "Role", "Applied", "Date Applied", "Status", "Application Status"],
        ["A", "Engineer", "Yes", "2026-03-04", "2026-03-05", "Rejected"],
        ["B", "Analyst", "No", "2026-03-05", "2026-03-06", "Offer"],
    )

    assert plan.columns == ["company", "title", "notes", "applied_on", "notes", "status"]


def test_a_proposal_says_what_it_went_by() -> None:
    plan = plan_of(
        ["No", "Outfit", "Vacancy", "Mood", ""],
        ["1", "Acme Ltd", "Engineer", "good", ""],
        ["2", "Beta Inc", "Analyst", "meh", ""],
    )

    assert plan.columns == ["", "company", "title", "notes", ""]
    assert plan.reasons == ["counter", "values", "header", "notes", "empty"]
    assert plan.left_out == [0]


def test_a_table_without_a_header_is_read_from_its_first_row() -> None:
    plan = plan_of(
        ["Bluefin Labs", "Platform Engineer", "Applied", "2026-03-04", "https://bluefin.example/jobs/1"],
        ["Tarn Systems", "Data Engineer", "Rejected", "2026-03-05", "https://tarn.example/jobs/2"],
    )

    assert plan.table.header_row == -1
    assert plan.rows == 2
    assert plan.columns == ["company", "title", "status", "applied_on", "url"]


def test_a_row_of_values_is_no_header_although_its_words_are_known() -> None:
    plan = plan_of(
        ["Outfit", "Vacancy", "Progress", "Where"],
        ["Bluefin Labs", "Platform Engineer", "Sent", "Oslo"],
        ["Tarn Systems", "Data Engineer", "Applied", "Remote"],
    )

    assert (plan.table.header_row, plan.rows) == (0, 2)


def test_rows_above_the_header_stay_rows_or_are_named() -> None:
    plan = plan_of(
        ["My job search"],
        [],
        ["Acme", "Engineer", "Applied", "2026-03-04"],
        ["Company", "Role", "Status", "Date Applied"],
        ["Beta", "Analyst", "Rejected", "2026-03-05"],
    )

    assert plan.rows == 2
    assert plan.table.above == ["My job search"]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([["Company", "Role Name", "Applied Date", "Coding Test", "Recruiter", "Result"],
          ["A", "Engineer", "3/14/2026", "3/20/2026", "Pat", "Rejected"]], "applications"),
        ([["Name", "Position Title", "Stage", "Date", "Application URL"],
          ["A", "Engineer", "Applied", "2026-03-04", "https://a.example/1"]], "applications"),
        ([["Application", "Type", "Date and time", "Interviewers"],
          ["A Engineer", "Video", "2026-03-04 10:00", "Ann"]], "interviews"),
        ([["School", "Subject", "Applied", "Closes", "Hired?", "Contact (principal)"],
          ["Acme High", "Maths", "3/14/2026", "3/20/2026", "Y", "Dr. Roe"]], "applications"),
        ([["Firma", "Vorname", "Nachname", "E-Mail", "Stelle als", "Bewerbung verschickt"],
          ["Acme", "Jan", "Kern", "kern@a.example", "Planer", "15.03.2026"]], "applications"),
        ([["Application", "Base salary", "Currency", "Bonus"], ["A Engineer", "50000", "EUR", "1000"]], "offers"),
    ],
)  # fmt: skip
def test_the_kind_is_applications_unless_another_is_clear(rows: list[list[str]], kind: str) -> None:
    assert plan_of(*rows).kind == kind


def test_a_column_for_each_stage_is_read_as_its_day() -> None:
    plan = plan_of(
        ["Company", "Role", "Applied", "1st Interview", "Rejected", "Job Offer"],
        ["A", "Engineer", "2026-03-04", "2026-03-12", "2026-03-20", ""],
        ["B", "Analyst", "2026-03-06", "2026-03-14", "", "2026-04-02"],
    )

    assert plan.columns[2:] == ["applied_on", "stage.interviewing", "stage.rejected", "stage.offer"]


@pytest.mark.parametrize(
    ("rows", "are_steps"),
    [
        ("AX 2026-03-04 Applied, BX 2026-03-05 Applied, AX 2026-03-12 Interview, BX 2026-03-20 Rejected", True),
        ("AX 2026-03-04 Applied, AY 2026-03-05 Applied, BX 2026-03-12 Offer", False),
        ("AX 2026-03-04 Rejected, AX 2026-09-04 Rejected, BX 2026-03-12 Offer", False),
    ],
)
def test_rows_are_steps_where_most_tell_of_one_role_on_other_days(rows: str, *, are_steps: bool) -> None:
    steps = [step.split() for step in rows.split(", ")]

    plan = plan_of(["Company", "Role", "Date", "Status"], *([name[0], name[1], *rest] for name, *rest in steps))

    assert (plan.rows_are == "steps") == are_steps


def test_without_a_header_the_first_texts_are_company_and_title() -> None:
    plan = plan_of(
        ["Cedar Mills", "Sawyer", "4/13/2026", "applied", "https://cedar.example/jobs"],
        ["Finch Foods", "Packer", "4/14/2026", "rejected", "https://finch.example/2"],
        ["Grouse Inn", "Waiter", "4/15/2026", "interview", ""],
    )

    assert plan.columns == ["company", "title", "applied_on", "status", "url"]


@pytest.mark.parametrize(
    "header",
    ["Bewerbungsgespräch am", "Application result on", "Bewerbungsende", "Fin de candidature", "Applications open"],
)
def test_another_day_is_not_the_day_of_application(header: str) -> None:
    plan = plan_of(
        ["Company", "Role", header, "Status"],
        ["A", "Engineer", "2026-03-14", "Applied"],
        ["B", "Analyst", "2026-03-15", "Rejected"],
    )

    assert plan.columns[2] != "applied_on"


@pytest.mark.parametrize(
    ("header", "day", "order"),
    [
        ("Entreprise;Offre;Date;Statut", "02/03/2026", "day-first"),
        ("Company;Role;Date;Status", "02/03/2026", "ambiguous"),
        ("Empresa;Puesto;Fecha;Estado", "03/22/2026", "month-first"),
    ],
)
def test_headers_of_most_languages_say_that_the_day_comes_first(header: str, day: str, order: str) -> None:
    plan = plan_of(header.split(";"), ["A", "SRE", "02/03/2026", "Applied"], ["B", "QA", day, "Applied"])

    assert plan.date_orders["2"] == order

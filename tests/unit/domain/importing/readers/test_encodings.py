"""Which encoding a file has, in short lists as people of many countries keep them."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.encodings.detection import encoding_of, guess_encoding, open_text, sample_of_letters

LISTS = {
    "spanish": """Empresa;Puesto;Fecha;Estado;Ciudad
Compañía Señal;Diseñador;12/09/2026;Entrevista;Coruña
Añil SL;Técnico de diseño;13/09/2026;Rechazado;Cádiz""",
    "spanish questions": """Empresa;Puesto;Notas
Acme;Ingeniero;¿Cuándo empieza? ¡Mañana!
Peña e Hijos;Gestión;Llamó la señora Ibáñez, 2ª entrevista""",
    "french": """Entreprise;Poste;Lieu;Statut;Remarques
Société Générale;Ingénieur d’études;Orléans;Refusé;Relancé à l’été, réponse négative
Crédit Agricole;Chargé de clientèle;Besançon;Envoyée;Cœur de métier : l’énergie""",
    "french short": """Entreprise;Poste;Notes
Acme;Développeur;ok""",
    "german": """Firma;Stelle;Ort;Stand
Müller & Söhne GmbH;Prüfer für Größen;Köln;Absage
Jägerhof;Verkäufer (m/w/d) – Teilzeit;Düsseldorf;Gespräch""",
    "german short": """Firma;Stelle
Würth;Käufer""",
    "portuguese": """Empresa;Vaga;Cidade;Situação
Fundação Água;Coordenação de Projetos;São Paulo;Em avaliação
Pão & Mel;Gestão de Operações;Brasília;Não selecionado""",
    "italian": """Azienda;Posizione;Città;Stato
Società Elettrica;Responsabile qualità;Forlì;In attesa, perché l’università è chiusa
Più Gelato;Addetto;Cantù;Rifiutato""",
    "swedish": """Företag;Tjänst;Ort;Läge
Åhléns AB;Säljare;Malmö;Sökt
Björk & Söner;Utvecklare på deltid;Göteborg;Avslag""",
    "danish": """Firma;Stilling;By
Ørsted;Ingeniør;København
Mærsk;Rådgiver;Århus""",
    "icelandic": """Fyrirtæki;Starf;Staður
Íslensk erfðagreining;Sérfræðingur;Reykjavík
Þjóðleikhúsið;Smiður;Kópavogur""",
    "mixed names": """Company;Role;Contact
Søren García ApS;Engineer;Zoë Müller
Café Noël;Barista;Begoña Núñez
Åkerlund;Baker;François""",
    "english marks": """Company,Role,Notes
Acme,Engineer,They said it’s open – apply
Elm,Clerk,“Great fit” … £40k €50k ½ day""",
    "english mark": """Company,Role,Notes
Acme,Engineer,It’s open""",
    "polish": """Firma;Stanowisko;Miasto;Status
Żabka Polska;Młodszy księgowy;Łódź;Odrzucono
Wólczanka;Specjalista ds. sprzedaży;Kraków;Rozmowa w środę""",
    "polish short": """Firma;Stanowisko
Spółka Śląsk;Kierowca wózka""",
    "czech": """Firma;Pozice;Město;Stav
Škoda Auto;Vývojář;Mladá Boleslav;Zamítnuto
Česká spořitelna;Účetní;Plzeň;Pohovor ve středu""",
    "hungarian": """Cég;Munkakör;Város
Magyar Posta;Vezető fejlesztő;Győr
MOL;Értékesítő;Székesfehérvár""",
    "turkish": """Şirket;Pozisyon;Şehir;Durum
Türk Telekom;Yazılım Mühendisi;İstanbul;Başvuruldu
Işık Gıda;Satış Görevlisi;Eskişehir;Görüşme""",
    "russian": """Компания;Должность;Город;Статус
Рога и копыта;Инженер-программист;Москва;Отказ
Яндекс;Аналитик;Санкт-Петербург;Собеседование""",
    "russian short": """Компания;Должность
Сбер;Юрист""",
    "russian capitals": """КОМПАНИЯ;ГОРОД""",
    "ukrainian": """Компанія;Посада;Місто
Київстар;Інженер;Київ
Нова пошта;Водій;Львів""",
    "greek": """Εταιρεία;Θέση;Πόλη;Κατάσταση
Ελληνικά Πετρέλαια;Μηχανικός;Αθήνα;Απορρίφθηκε
Τράπεζα Πειραιώς;Λογιστής;Θεσσαλονίκη;Συνέντευξη""",
    "japanese": """会社名,職種,応募日,状況
株式会社ソラ,エンジニア,2026年3月4日,書類選考中
㈱髙島屋,営業,2026年3月5日,不採用""",
    "japanese short": """会社,職種
楽天,営業""",
    "chinese": """公司,职位,申请日期,状态
北京科技有限公司,软件工程师,2026年3月4日,已投递
上海贸易集团,会计,2026年3月5日,面试""",
    "taiwanese": """公司,職位,申請日期,狀態
台灣積體電路製造股份有限公司,軟體工程師,2026年3月4日,面試
聯發科技,會計,2026年3月5日,已投遞""",
    "korean": """회사,직무,지원일,상태
삼성전자,소프트웨어 개발자,2026-03-04,서류 전형
카카오,디자이너,2026-03-05,불합격""",
}
ENCODED = [
    *[
        (name, "cp1252")
        for name in ("spanish", "spanish questions", "french", "french short", "german", "german short")
    ],
    *[(name, "cp1252") for name in ("portuguese", "italian", "swedish", "danish", "icelandic", "mixed names")],
    *[(name, "cp1252") for name in ("english marks", "english mark")],
    *[(name, "cp1250") for name in ("polish", "polish short", "czech", "hungarian")],
    *[
        ("turkish", "cp1254"),
        ("russian", "cp1251"),
        ("russian short", "cp1251"),
        ("russian capitals", "cp1251"),
        ("ukrainian", "cp1251"),
    ],
    *[("greek", "cp1253"), ("japanese", "cp932"), ("japanese short", "cp932"), ("chinese", "gb18030")],
    *[("taiwanese", "cp950"), ("korean", "cp949"), ("german", "mac_roman"), ("french", "mac_roman")],
    *[("german short", "mac_roman"), ("portuguese", "mac_roman"), ("swedish", "mac_roman")],
    *[(name, "utf-8") for name in LISTS],
    *[(name, "utf-16-le") for name in LISTS],
    *[("japanese", "utf-16"), ("polish", "utf-8-sig"), ("polish", "utf-32"), ("french", "utf-16-be")],
]


def read(content: bytes) -> str:
    return open_text([content], encoding_of(content)).read()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(("name", "encoding"), ENCODED)
def test_a_short_list_is_read_with_its_letters_right(name: str, encoding: str, line_end: str) -> None:
    text = LISTS[name].replace("\n", line_end) + line_end

    assert read(text.encode(encoding)) == text


@pytest.mark.parametrize(("name", "encoding"), ENCODED)
def test_a_long_list_is_read_with_its_letters_right(name: str, encoding: str) -> None:
    text = "\n".join(f"{line}" for line in LISTS[name].splitlines() for _ in range(15))

    assert read(text.encode(encoding)) == text


@pytest.mark.parametrize("name", ["spanish", "french", "german", "swedish", "portuguese", "polish", "czech", "russian"])
def test_the_rest_of_a_large_file_counts_too(name: str) -> None:
    encoding = next(encoding for known, encoding in ENCODED if known == name)
    text = "Company;Role\n" * 40_000 + LISTS[name]

    assert read(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "cell",
    [
        *["20 °C", "½", "3²", "n° 5", "Nº 7", "2ª", "§ 5", "Kraft™", "it’s", "‘x’", "“a”", "€50k", "£30k", "M–F", "…"],
        *["à", "é", "à Paris", "œuvre", "Œuvre", "sœur", "L’Oréal", "Zoë", "naïf", "MÜLLER", "ÉCOLE", "ÄRZTE", "¿Qué?"],
        *["Häagen-Dazs", "Øystein", "Ågot", "Þór Jónsson", "São", "Île-de-France", "Nestlé", "Coruña"],
    ],
)
def test_a_single_western_cell_is_windows_1252(cell: str) -> None:
    for text in (f"{cell}", f"Company,Notes\nAcme,{cell}\n", f"a;{cell};b\n" * 20):
        assert guess_encoding(text.encode("cp1252")) == "cp1252"


def test_a_wish_overrides_the_guess() -> None:
    assert encoding_of("Compañía".encode("cp1252"), "cp1250") == "cp1250"
    with pytest.raises(FileRefusedError):
        encoding_of(b"a\x81b", "cp1252")


def test_a_file_that_is_no_text_is_refused() -> None:
    for content in (b"Company,Title\n\x81\x8d\x8f\x90\x9d,\x81\n", bytes(range(128, 256)) * 20):
        with pytest.raises(FileRefusedError):
            encoding_of(content)


def test_words_with_other_letters_show_the_guess() -> None:
    text = LISTS["spanish"] + LISTS["spanish"]

    assert sample_of_letters(text) == ["Compañía", "Señal", "Diseñador", "Coruña", "Añil"]
    assert sample_of_letters(text, most=2) == ["Compañía", "Señal"]
    assert sample_of_letters("plain") == []


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    guess_encoding(content)
    try:
        encoding = encoding_of(content)
    except FileRefusedError:
        return
    list(islice(open_text([content], encoding), 5))


@pytest.mark.parametrize(
    "piece", [b"\xe9", b"\x81\x40", b"a\xe9", b"\xb0\xa1", b"\xe9\n", b"a\xe9;" * 30 + b"\n", b"\x92"]
)
def test_a_large_file_takes_a_moment(piece: bytes) -> None:
    content = piece * (10_000_000 // len(piece)) + b"\xff\xfe\xfa"
    with takes_at_most(hashes=6):
        guess_encoding(content)

"""What a text credits: forms in many languages, what is no credit, and that no text can hurt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.attribute.credit_lines import read_credits
from dedup.attribute.lexicon import lexicon
from dedup.attribute.names import Names

NOBODY = Names([])


def targets(text: str, *own: str, sure: bool = True) -> list[str]:
    credits_ = read_credits(text, own=Names(own))
    return [credit.target for credit in credits_ if not (sure and credit.members_only)]


BODY = {
    "ar": "قال الوزير في مؤتمر صحفي إن الجسر سيفتح أمام حركة المرور في الربيع المقبل بعد أعمال ترميم طويلة.",
    "bg": "Министърът съобщи, че мостът ще бъде отворен през пролетта след дълъг ремонт.",
    "bn": "মন্ত্রী বলেছেন, দীর্ঘ সংস্কারের পর সেতুটি আগামী বসন্তে খুলে দেওয়া হবে।",
    "cs": "Ministr uvedl, že most bude po dlouhé opravě otevřen příští jaro.",
    "da": "Ministeren oplyser, at broen åbner igen til foråret efter en lang renovering.",
    "de": "Der Minister teilte mit, die Brücke werde nach langer Sanierung im Frühjahr wieder geöffnet.",
    "el": "Ο υπουργός δήλωσε ότι η γέφυρα θα ανοίξει την άνοιξη μετά από μακρά ανακαίνιση.",
    "en": "The minister said that the bridge would open again next spring after long repairs.",
    "es": "El ministro dijo que el puente abrirá la próxima primavera tras una larga reforma.",
    "et": "Minister ütles, et sild avatakse kevadel pärast pikka remonti.",
    "fa": "وزیر گفت این پل پس از تعمیرات طولانی در بهار آینده باز می‌شود.",
    "fi": "Ministerin mukaan silta avataan keväällä pitkän remontin jälkeen.",
    "fr": "Le ministre a déclaré que le pont rouvrirait au printemps après de longs travaux.",
    "he": "השר אמר כי הגשר ייפתח באביב הבא לאחר שיפוץ ארוך.",
    "hi": "मंत्री ने कहा कि लंबी मरम्मत के बाद पुल अगले वसंत में खुलेगा।",
    "hr": "Ministar je rekao da će most nakon duge obnove biti otvoren na proljeće.",
    "hu": "A miniszter közölte, hogy a hidat hosszú felújítás után tavasszal nyitják meg.",
    "id": "Menteri mengatakan jembatan itu akan dibuka musim semi mendatang setelah perbaikan panjang.",
    "it": "Il ministro ha detto che il ponte riaprirà in primavera dopo lunghi lavori.",
    "ja": "大臣は、長い改修を経て橋が来春に再開すると述べた。",
    "ko": "장관은 긴 보수 끝에 다리가 내년 봄에 다시 열린다고 말했다.",
    "lt": "Ministras sakė, kad po ilgo remonto tiltas bus atidarytas pavasarį.",
    "lv": "Ministrs sacīja, ka tilts pēc ilga remonta tiks atvērts pavasarī.",
    "nl": "De minister zei dat de brug na een lange renovatie in het voorjaar weer opengaat.",
    "no": "Ministeren sier at broen åpner igjen til våren etter lang oppussing.",
    "pl": "Minister powiedział, że most po długim remoncie zostanie otwarty wiosną.",
    "pt": "O ministro disse que a ponte reabrirá na primavera após longas obras.",
    "ro": "Ministrul a declarat că podul se va redeschide la primăvară după lucrări îndelungate.",
    "ru": "Министр сообщил, что мост после долгого ремонта откроют весной.",
    "sk": "Minister uviedol, že most bude po dlhej oprave otvorený na jar.",
    "sl": "Minister je povedal, da bo most po dolgi prenovi odprt spomladi.",
    "sr": "Министар је рекао да ће мост после дуге обнове бити отворен на пролеће.",
    "sv": "Ministern uppgav att bron öppnas igen i vår efter en lång renovering.",
    "th": "รัฐมนตรีกล่าวว่าสะพานจะเปิดอีกครั้งในฤดูใบไม้ผลิหน้าหลังการซ่อมแซมที่ยาวนาน",
    "tr": "Bakan, uzun onarımın ardından köprünün ilkbaharda açılacağını söyledi.",
    "uk": "Міністр повідомив, що міст після тривалого ремонту відкриють навесні.",
    "vi": "Bộ trưởng cho biết cây cầu sẽ mở lại vào mùa xuân tới sau thời gian dài sửa chữa.",
    "zh": "部长表示，大桥经过长时间维修后将于明年春天重新开放。",
}

LABELLED = [
    ("ar", "المصدر: رويترز", "agency:reuters"),
    ("bg", "Източник: БТА", "agency:bta"),
    ("bn", "সূত্র: বাসস", "agency:bss"),
    ("cs", "Zdroj: ČTK", "agency:ctk"),
    ("da", "Kilde: Ritzau", "agency:ritzau"),
    ("de", "Quelle: dpa", "agency:dpa"),
    ("el", "Πηγή: ΑΠΕ-ΜΠΕ", "agency:ape-mpe"),
    ("en", "Source: Reuters", "agency:reuters"),
    ("es", "Fuente: EFE", "agency:efe"),
    ("et", "Allikas: BNS", "agency:bns"),
    ("fa", "منبع: ایسنا", "agency:isna"),
    ("fi", "Lähde: STT", "agency:stt"),
    ("fr", "Source : AFP", "agency:afp"),
    ("he", "מקור: רויטרס", "agency:reuters"),
    ("hi", "स्रोत: पीटीआई", "agency:pti"),
    ("hr", "Izvor: Hina", "agency:hina"),
    ("hu", "Forrás: MTI", "agency:mti"),
    ("id", "Sumber: Antara", "agency:antara"),
    ("it", "Fonte: ANSA", "agency:ansa"),
    ("ja", "出典：共同通信", "agency:kyodo"),
    ("ko", "출처: 연합뉴스", "agency:yonhap"),
    ("lt", "Šaltinis: ELTA", "agency:elta"),
    ("lv", "Avots: LETA", "agency:leta"),
    ("nl", "Bron: ANP", "agency:anp"),
    ("no", "Kilde: NTB", "agency:ntb"),
    ("pl", "Źródło: PAP", "agency:pap"),
    ("pt", "Fonte: Lusa", "agency:lusa"),
    ("ro", "Sursa: Agerpres", "agency:agerpres"),
    ("ru", "Источник: Интерфакс", "agency:interfax"),
    ("sk", "Zdroj: TASR", "agency:tasr"),
    ("sl", "Vir: STA", "agency:sta"),
    ("sr", "Извор: Танјуг", "agency:tanjug"),
    ("sv", "Källa: TT", "agency:tt"),
    ("th", "ที่มา: รอยเตอร์", "agency:reuters"),
    ("tr", "Kaynak: AA", "agency:aa"),
    ("uk", "Джерело: Укрінформ", "agency:ukrinform"),
    ("vi", "Nguồn: TTXVN", "agency:vna"),
    ("zh", "来源：新华社", "agency:xinhua"),
]


@pytest.mark.parametrize(("language", "label", "target"), LABELLED)
@pytest.mark.parametrize("joint", ["\n\n", " ", "\n("])
def test_labels_in_many_languages(language: str, label: str, target: str, joint: str) -> None:
    line = f"{label})" if "(" in joint else label
    text = f"{BODY[language]}{joint}{line}"
    assert targets(text) == [target]


@pytest.mark.parametrize(("language", "label", "target"), LABELLED)
def test_an_outlet_after_a_label(language: str, label: str, target: str) -> None:
    written = label.replace("：", ":").partition(":")[0] + ": Tagblatt Münster"
    assert targets(f"{BODY[language]}\n\n{written}") == ["outlet:Tagblatt Münster"]


def test_at_least_twenty_languages() -> None:
    assert len({language for language, _, _ in LABELLED}) >= 20


DATELINES = [
    ("BERLIN (dpa) - Die Brücke ist gesperrt.", "agency:dpa"),
    ("Berlin (dpa/tmn) – Die Brücke ist gesperrt.", "agency:dpa"),
    ("Frankfurt/Main (dpa-AFX) - Die Brücke ist gesperrt.", "agency:dpa-afx"),
    ("WASHINGTON, June 5 (Reuters) - The bridge is closed.", "agency:reuters"),
    ("HAYWARD, Calif. (AP) — The bridge is closed.", "agency:ap"),
    ("WASHINGTON, Jan. 5, 2026 (AFP) – The bridge is closed.", "agency:afp"),
    ("(Reuters) - The bridge is closed.", "agency:reuters"),
    ("NEW DELHI: (PTI) - The bridge is closed.", "agency:pti"),
    ("Madrid, 5 jun (EFE).- El puente está cerrado.", "agency:efe"),
    ("MADRID 5 Jun. (EUROPA PRESS) - El puente está cerrado.", "agency:europa-press"),
    ("(ANSA) - ROMA, 05 GIU - Il ponte è chiuso.", "agency:ansa"),
    ("Roma, 5 giu. (askanews) – Il ponte è chiuso.", "agency:askanews"),
    ("Lisboa, 05 jun 2026 (Lusa) - A ponte está fechada.", "agency:lusa"),
    ("DEN HAAG (ANP) - De brug is dicht.", "agency:anp"),
    ("ANKARA (AA) - Köprü kapalı.", "agency:aa"),
    ("Jakarta (ANTARA) - Jembatan ditutup.", "agency:antara"),
    ("ЗАГРЕБ, 5 июня (ТАСС). Мост закрыт.", "agency:tass"),
    ("МОСКВА, 5 июн - РИА Новости. Мост закрыт.", "agency:ria-novosti"),
    ("(서울=연합뉴스) 홍길동 기자 = 다리가 폐쇄됐다.", "agency:yonhap"),
    ("[서울=뉴시스] 홍길동 기자 = 다리가 폐쇄됐다.", "agency:newsis"),
    ("新华社北京6月5日电（记者张三）大桥已关闭。", "agency:xinhua"),
    ("【ロンドン共同】橋が閉鎖された。", "agency:kyodo"),
    ("【ワシントン時事】橋が閉鎖された。", "agency:jiji"),
    ("【1月5日 AFP】橋が閉鎖された。", "agency:afp"),
    ("لندن (رويترز) - أغلق الجسر.", "agency:reuters"),
    ("नई दिल्ली, 5 जून (भाषा) - पुल बंद है।", "agency:pti"),
    (
        "AFP - Le pont est fermé depuis lundi, selon la mairie, et le restera tout l'été, a indiqué le maire.",
        "agency:afp",
    ),
    ("NEW YORK, June 5, 2026 /PRNewswire/ -- Bridge Inc. today announced", "agency:pr-newswire"),
    ("Berlin (ots) - Die Brücken AG teilt mit", "agency:news-aktuell"),
]


@pytest.mark.parametrize(("text", "target"), DATELINES)
def test_datelines(text: str, target: str) -> None:
    found = read_credits(text + " " + BODY["en"] * 5, own=NOBODY)
    assert [(credit.kind, credit.target) for credit in found] == [("dateline", target)]


TAILS = [
    ("(dpa)", ["agency:dpa"]),
    ("(AFP)", ["agency:afp"]),
    ("(dpa, AFP)", ["agency:dpa", "agency:afp"]),
    ("(Tsp mit dpa)", ["agency:dpa"]),
    ("(avec AFP)", ["agency:afp"]),
    ("(mit dpa/AFP/Reuters)", ["agency:dpa", "agency:afp", "agency:reuters"]),
    ("(sda/afp)", ["agency:sda", "agency:afp"]),
    ("(共同)", ["agency:kyodo"]),
    ("（共同）", ["agency:kyodo"]),
    ("/dpa/", ["agency:dpa"]),
    ("sda/afp", ["agency:sda", "agency:afp"]),
    ("RND/cle/dpa", ["agency:dpa"]),
    ("dpa", ["agency:dpa"]),
    ("PTI", ["agency:pti"]),
    ("red/dpa", ["agency:dpa"]),
    ("Theo TTXVN", ["agency:vna"]),
    ("Nachrichtenagentur dpa", ["agency:dpa"]),
    ("Nachrichtenagenturen dpa und afp", ["agency:dpa", "agency:afp"]),
    ("Mit Material von dpa", ["agency:dpa"]),
    ("Mit Material der Nachrichtenagentur Reuters", ["agency:reuters"]),
    ("Con información de EFE", ["agency:efe"]),
    ("Com informações da Agência Brasil", ["agency:agencia-brasil"]),
    ("По материалам ТАСС", ["agency:tass"]),
    ("За матеріалами Укрінформ", ["agency:ukrinform"]),
    ("With files from The Canadian Press", ["agency:cp"]),
    ("(With inputs from ANI)", ["agency:ani"]),
    ("The Associated Press contributed to this report.", ["agency:ap"]),
    ("© 2026 AFP", ["agency:afp"]),
    ("Copyright 2026 The Associated Press. All rights reserved.", ["agency:ap"]),
    ("© dpa-infocom, dpa:260605-99-123456/3", ["agency:dpa"]),
    ("Our Standards: The Thomson Reuters Trust Principles.", ["agency:reuters"]),
    ("This article first appeared on The Daily Example.", ["outlet:The Daily Example"]),
    ("This article was originally published in the Example Gazette.", ["outlet:Example Gazette"]),
    ("This story was originally published by Example Wire and is republished here.", ["outlet:Example Wire"]),
    ("This article is republished from The Example under a Creative Commons license.", ["outlet:The Example"]),
    ("The post Bridge closed appeared first on Example Times.", ["outlet:Example Times"]),
    ("Dieser Artikel erschien zuerst bei Tagblatt Münster.", ["outlet:Tagblatt Münster"]),
    ('Das Original zu diesem Beitrag "Brücke zu" stammt von beispiel.example.', ["outlet:beispiel.example"]),
    ("Mit freundlicher Genehmigung von Beispielzeitung", ["outlet:Beispielzeitung"]),
    ("Cet article est republié à partir de Le Quotidien.", ["outlet:Le Quotidien"]),
    ("Publicado originalmente en Diario Ejemplo", ["outlet:Diario Ejemplo"]),
    ("Pubblicato originariamente su Il Foglio Esempio", ["outlet:Il Foglio Esempio"]),
    ("Publicado originalmente em Jornal Exemplo", ["outlet:Jornal Exemplo"]),
    ("Source: https://www.blick.ch/politik/1.html", ["outlet:blick.ch"]),
    ("Quelle: ntv.example, hek/dpa", ["agency:dpa"]),
    ("Quelle: F.A.Z./dpa", ["agency:dpa"]),
]


@pytest.mark.parametrize(("tail", "expected"), TAILS)
@pytest.mark.parametrize("joint", ["\n\n", "\n", " "])
def test_tails(tail: str, expected: list[str], joint: str) -> None:
    assert targets(BODY["de"] * 8 + joint + tail) == expected


def test_a_credit_is_not_hidden_behind_an_author_box() -> None:
    box = "\n\nfollow:\nJo\n\n" + "I'm Jo Doe and I write about the market. " * 20 + "\n\nRelated Posts"
    assert targets(BODY["en"] + "\n\nSource: Blick" + box, "copy.example") == ["outlet:Blick"]


def test_a_flattened_footer_does_not_hide_a_label() -> None:
    footer = " Hier können Sie die Rechte an diesem Artikel erwerben." + " Mehr lesen Sie im Abo." * 40
    assert targets(BODY["de"] * 9 + " Quelle: mj./dpa/Reuters" + footer, "faz.net") == ["agency:dpa", "agency:reuters"]


NO_CREDITS = [
    "Foto: dpa",
    "Bild: dpa",
    "Bild: Jo Doe/Reuters",
    "Bildquelle: dpa",
    "Fotoquelle: AFP",
    "Foto: Jo Doe/dpa",
    "Symbolbild: dpa",
    "(Foto: dpa)",
    "(AP Photo/Jo Doe)",
    "AP Photo/Jo Doe",
    "Picture: Reuters",
    "Photo: Jo Doe / AP",
    "Photo by Jo Doe/AFP",
    "Jo Doe / AFP via Getty Images",
    "Getty Images/AFP",
    "Quelle: Getty Images/dpa",
    "Crédit photo : AFP",
    "Imagen: EFE",
    "写真：共同",
    "图片来源：新华社",
    "사진: 연합뉴스",
    "Фото: ТАСС",
    "صورة: رويترز",
    "Das sagte er laut dpa.",
    "Wie Reuters berichtet, bleibt sie zu.",
    "Das sagte er der Nachrichtenagentur AFP.",
    "Das sagte er der dpa.",
    "The minister told Reuters.",
    "He did so, according to AFP.",
    "Reuters could not reach the minister for comment.",
    "Reuters will sell its archive next year.",
    "Die dpa baut Stellen ab.",
    "Selon l'AFP, le pont reste fermé.",
    "Secondo l'ANSA il ponte resta chiuso.",
    "Lo dijo a EFE el ministro.",
    "Source: Twitter",
    "Quelle: eigene Recherche",
    "Source: staff",
    "The source: a man who asked not to be named.",
    "He named his source: the minister.",
    "This article first appeared to be wrong.",
    "Der Minister (AfD) lehnt das ab.",
    "Quelle: Statistisches Bundesamt",
    "Quelle: Universität Musterstadt",
]


@pytest.mark.parametrize("tail", NO_CREDITS)
@pytest.mark.parametrize("joint", ["\n\n", " "])
def test_what_is_no_credit_at_the_tail(tail: str, joint: str) -> None:
    assert targets(BODY["en"] * 8 + joint + tail) == []


@pytest.mark.parametrize(
    "head",
    [
        "Eine Brücke in Beispielstadt. Bild: dpa",
        "A bridge in Exampleton (AFP)",
        "A bridge in Exampleton (AP Photo/Jo Doe)",
        "Foto (dpa) - Die Brücke",
        "Eine Brücke (Quelle: dpa)",
        "The minister (Labour) - who was there -",
        "© AFP",
        "Jo Doe/Reuters",
    ],
)
def test_what_is_no_credit_at_the_head(head: str) -> None:
    assert targets(f"{head}\n\n{BODY['en'] * 12}\n\n{BODY['en']}") == []


def test_a_caption_at_the_tail_is_no_credit() -> None:
    assert targets(BODY["en"] * 8 + "\n\nA bridge in Exampleton (AFP)") == []
    assert targets(BODY["en"] * 8 + "\n\n" + BODY["en"].rstrip(".") + ", his office said on Friday (AFP)") == [
        "agency:afp"
    ]


def test_a_label_inside_a_sentence_credits_agencies_only() -> None:
    assert targets(BODY["de"] * 3 + " Mehr dazu Quelle: Tagblatt Münster", sure=False) == []
    assert targets(BODY["de"] * 3 + " Mehr dazu Quelle: dpa") == ["agency:dpa"]


def test_nothing_is_read_in_the_middle() -> None:
    middle = "\n\nBERLIN (dpa) - (AFP)\n\nSource: Blick\n\n(Reuters)\n\n"
    assert targets(BODY["en"] * 40 + middle + BODY["en"] * 40) == []


@pytest.mark.parametrize(
    ("own", "tail"),
    [
        ("n-tv.de", "Quelle: ntv.de"),
        ("faz.net", "Quelle: F.A.Z."),
        ("faz.net", "Quelle: FAZ.NET"),
        ("blick.ch", "Source: Blick"),
        ("nytimes.com", "Source: The New York Times"),
        ("welt.de", "Source: WELT AM SONNTAG"),
        ("tagblatt-muenster.example", "Quelle: Tagblatt Münster"),
        ("reuters.com", "(Reuters)"),
        ("apnews.com", "© 2026 The Associated Press. All rights reserved."),
    ],
)
def test_an_outlets_own_name_is_no_credit(own: str, tail: str) -> None:
    names = Names([own], agencies=[agency] if (agency := lexicon().by_domain.get(own)) else [])
    assert read_credits(BODY["de"] * 3 + "\n\n" + tail, own=names) == []


def test_the_first_name_of_a_list_weighs_most() -> None:
    weights = [credit.weight for credit in read_credits(BODY["de"] + " (dpa, AFP, Reuters)", own=NOBODY)]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > weights[-1] > 1.2


def test_one_name_read_twice_counts_once() -> None:
    assert targets("Kurz. (Quelle: dpa)") == ["agency:dpa"]


def test_a_bibliography_credits_no_outlet() -> None:
    assert targets(BODY["de"] + "\n\nQuellen: Der Beispielspiegel") == []
    assert targets(BODY["de"] + "\n\nQuellen: Der Beispielspiegel", sure=False) == ["outlet:Der Beispielspiegel"]
    assert targets(BODY["de"] + "\n\nQuellen: Der Beispielspiegel, dpa") == ["agency:dpa"]


PIECES = st.sampled_from(
    [
        *"()[]（）【】/:：-–—.,;|©\n \t\u00a0\u200f=",
        "Source: ",
        "Quelle: ",
        "(dpa)",
        "dpa",
        "AFP",
        "Reuters",
        "mit ",
        "Foto: ",
        "This article first appeared on ",
        "BERLIN",
        "İ",
        "ß",
        "http://[",
        "https://a.b/",
        "F.A.Z.",
        "共同",
        "新华社",
        "電",
    ]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=600), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_can_be_read_and_offsets_hold(text: str) -> None:
    for credit in read_credits(text, own=Names(["a.example"])):
        assert 0 <= credit.start < credit.end <= len(text)
        assert text[credit.start : credit.end].strip()
        assert credit.weight > 0
        assert credit.target.partition(":")[2]


HOSTILE = [
    "(" * 1_000_000,
    "Source: " * 125_000,
    "Source:" + " " * 1_000_000,
    "dpa/" * 250_000,
    "(dpa" * 250_000,
    "\n" * 1_000_000,
    "a" * 1_000_000,
    "This article " * 77_000,
    "This article first appeared on " * 32_000,
    "© " * 500_000,
    "Mit Material von " * 59_000,
    "A, " * 333_000,
    "Quelle: " + "a." * 500_000,
    "- " * 500_000,
    " " * 1_000_000 + "(dpa)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_a_megabyte_of_anything_is_read_quickly(text: str) -> None:
    lexicon()
    start = time.process_time()
    read_credits(text, own=NOBODY)
    assert time.process_time() - start < 30  # a quadratic step takes minutes

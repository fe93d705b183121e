"""A small world of invented outlets, found copies and all, for looking at the report and for its tests.

Texts are built from shared pieces, so the passages are found by looking the pieces up; the shares are exact counts of
runs of five words (of eight characters in Japanese). Run this file to write the report:
python tests/report_sample.py out/
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from dedup.model import Article, Attribution, Clue, Cluster, Duplicates, Link, Match, MatchKind, Passage, Skip

# -- a wire story in German, carried by four papers; the agency's own article is not in the corpus

DE_LEAD = (
    "Der Pegel der Lenne ist in der Nacht auf Dienstag auf den höchsten Stand seit 1962 gestiegen. In der Altstadt "
    "von Hohenfurt standen am Morgen mehr als vierzig Keller unter Wasser, teilte die Feuerwehr mit. Verletzt wurde "
    "nach bisherigen Angaben niemand."
)
DE_QUOTE = (
    "«Wir haben die Lage im Griff, aber wir sind noch lange nicht über den Berg», sagte Einsatzleiterin Mara Brandt "
    "am Vormittag vor Journalisten. Rund 180 Kräfte seien im Einsatz, dazu kämen Freiwillige aus den "
    "Nachbargemeinden, die seit Mitternacht Sandsäcke füllten."
)
DE_RAIL = (
    "Die Bahn sperrte die Strecke zwischen Hohenfurt und Lindach in beiden Richtungen. Ersatzbusse verkehren im "
    "Stundentakt. Wann wieder Züge fahren, ist offen: Erst wenn das Wasser gesunken ist, können Fachleute den Damm "
    "bei Kilometer 14 untersuchen."
)
DE_WEATHER = (
    "Der Wetterdienst rechnet bis Mittwochabend mit weiteren Niederschlägen von bis zu dreissig Litern pro "
    "Quadratmeter. Danach soll sich das Wetter von Westen her beruhigen."
)
DE_LOCAL = (
    "An der Kettenbrücke, wo der Markt sonst schon um sechs Uhr beginnt, blieb es am Dienstag still. Händlerin Rosa "
    "Keil, seit 31 Jahren mit ihrem Gemüsestand dabei, hatte den Wagen gar nicht erst beladen. «Beim letzten Mal "
    "haben wir zu lange gewartet», erzählt sie. Ihre Nachbarn halfen ihr, die Kisten in den ersten Stock zu tragen. "
    "Im Gasthof zur Post kochte der Wirt für die Helfer, gratis und ohne Pause. Gegen Mittag waren es über "
    "zweihundert Portionen Suppe. Der Bürgermeister kam kurz nach zehn Uhr, in Gummistiefeln, und versprach den "
    "Anwohnern rasche Hilfe. Ob das Geld reicht, weiss er nicht: Der Fonds für Notfälle war erst im Frühling für den "
    "Umbau der Turnhalle geleert worden. Am Abend will der Gemeinderat in einer Sondersitzung beraten."
)

# -- a story of one's own in English: copied whole, as an excerpt, and updated by its own source

EN_LEAD = (
    "The harbour authority in Port Ellery sold six public moorings to a company that did not exist at the time of "
    "the sale, according to documents seen by the Harbour Herald. The contract, dated 14 March, names Brightwater "
    "Holdings as the buyer. The company was entered in the register on 2 May."
)
EN_NUMBERS = (
    "The price, 210,000 crowns, is about a third of what a neighbouring pier fetched a year earlier. Two members of "
    "the board signed the contract; neither answered written questions. A third, Ines Calloway, said she had learned "
    "of the sale from a fisherman who found a new lock on his gate."
)
EN_REPLY = (
    "A lawyer for Brightwater said the dates were a clerical error and would be corrected. The authority said it "
    "would look into the matter and publish its findings before the end of the year."
)
EN_HISTORY = (
    "The moorings have been in public hands since 1911, when the town bought them from the estate of a shipbuilder. "
    "Eleven boats use them today. Their owners pay a yearly fee that has not changed since the turn of the century."
)
EN_UPDATE = (
    "Update, Thursday: the chair of the board, Tomas Reve, has stepped down. In a short statement he thanked his "
    "colleagues and gave no reason."
)

AR_LEAD = (
    "افتتحت بلدية مرسى النور صباح اليوم مكتبة عامة جديدة على الواجهة البحرية بعد أربع سنوات من أعمال البناء. وتضم "
    "المكتبة أكثر من ستين ألف كتاب بثماني لغات، وقاعة للأطفال، ومختبرا لترميم المخطوطات."
)
AR_QUOTE = (
    "وقالت مديرة المكتبة ليلى حداد إن الأبواب ستبقى مفتوحة حتى منتصف الليل في شهر الصيف الأول، وإن الدخول مجاني "
    "لجميع السكان والزائرين دون تسجيل مسبق."
)
AR_MORE = "وأضافت أن متطوعين من المدارس القريبة شاركوا في ترتيب الرفوف خلال الأسابيع الماضية."

JA_LEAD = (
    "海沿いの町、白浜崎で四十年ぶりに灯台の光がともった。町の保存会が五日夜、修理を終えた灯台で点灯式を開き、約三"
    "百人の住民が見守った。"
)
JA_QUOTE = (
    "保存会の会長、森下さんは「子どものころに見た光がもどってきた。次の世代に引き継ぎたい」と話した。修理の費用は"
    "町の内外から寄せられた寄付でまかなわれた。"
)
JA_LOCAL = (
    "式のあと、港では地元の高校の吹奏楽部が演奏し、屋台も並んだ。町によると、灯台は来月から土曜と日曜に一般公開さ"
    "れる。入場は無料で、定員は一日六十人。予約は役場の窓口と電話で受け付ける。"
)

FR_LEAD = (
    "Le conseil municipal de Valmorel-sur-Orge a voté lundi soir la gratuité des bus pour les moins de vingt-cinq "
    "ans. La mesure entrera en vigueur en janvier et coûtera environ deux millions par an."
)
FR_MORE = (
    "« Nous voulons que les jeunes puissent aller au lycée, au travail ou au cinéma sans compter », a déclaré la "
    "maire, Odile Garance. L’opposition a dénoncé une dépense sans financement et demandé un bilan dans un an."
)
EN_TRANSLATION_LEAD = (
    "The town council of Valmorel-sur-Orge voted on Monday evening to make buses free for everyone under "
    "twenty-five. The measure takes effect in January and will cost about two million a year."
)
EN_TRANSLATION_MORE = (
    "“We want young people to be able to go to school, to work or to the cinema without counting,” said the mayor, "
    "Odile Garance. The opposition criticised unfunded spending and asked for a review in a year."
)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def article(key: str, source: str, language: str, published: datetime | None, title: str, *texts: str) -> Article:
    return Article(
        id=key,
        text="\n\n".join(texts),
        title=title,
        url=f"https://{source}/2026/11/{key}.html",
        source=source,
        published=published,
        first_seen=at(5, 2, 10),
        language=language,
        text_origin="page",
    )


ARTICLES = (
    article(
        "lenne-bote",
        "bergischer-bote.example",
        "de",
        at(3, 9, 5),
        "Lenne steigt auf höchsten Stand seit 1962",
        f"Hohenfurt (dpa) - {DE_LEAD}",
        DE_QUOTE,
        DE_RAIL,
        DE_WEATHER,
        "Quelle: dpa",
    ),
    article(
        "lenne-kurier",
        "stadtkurier.example",
        "de",
        at(3, 9, 20),
        "Hochwasser: Keller in Hohenfurt überflutet",
        f"Hohenfurt (dpa) - {DE_LEAD}",
        DE_QUOTE,
        DE_RAIL,
        DE_WEATHER,
        "Quelle: dpa",
    ),
    article(
        "lenne-anzeiger",
        "der-anzeiger.example",
        "de-CH",
        at(3, 10, 45),
        "Lenne tritt über die Ufer",
        DE_LEAD,
        DE_RAIL,
        DE_WEATHER,
        "(dpa/red)",
    ),
    article(
        "lenne-reportage",
        "lindacher-zeitung.example",
        "de",
        at(3, 16, 30),
        "«Beim letzten Mal haben wir zu lange gewartet»: ein Tag an der Kettenbrücke",
        DE_LOCAL,
        DE_LEAD,
        DE_QUOTE,
        DE_RAIL,
        "Unsere Zeitung berichtet am Mittwoch weiter. Mit Material der dpa.",
    ),
    article(
        "moorings",
        "harbourherald.example",
        "en-GB",
        at(2, 6, 0),
        "Six public moorings, and a buyer that did not exist",
        EN_LEAD,
        EN_NUMBERS,
        EN_HISTORY,
        EN_REPLY,
    ),
    article(
        "moorings-update",
        "harbourherald.example",
        "en-GB",
        at(5, 1, 15),
        "Harbour chair steps down after sale of public moorings",
        EN_UPDATE,
        EN_LEAD,
        EN_NUMBERS,
        EN_HISTORY,
        EN_REPLY,
    ),
    article(
        "moorings-wire",
        "coastdaily.example",
        "en",
        at(2, 8, 12),
        "Six public moorings, and a buyer that did not exist",
        EN_LEAD,
        EN_NUMBERS,
        EN_HISTORY,
        EN_REPLY,
    ),
    article(
        "moorings-digest",
        "morningdigest.example",
        "en",
        None,
        "What we are reading: the moorings of Port Ellery",
        EN_LEAD,
        "Read the full story at the Harbour Herald.",
    ),
    article(
        "maktaba-1",
        "sahilnews.example",
        "ar",
        at(4, 7, 30),
        "مرسى النور تفتتح مكتبة عامة على البحر",
        AR_LEAD,
        AR_QUOTE,
        AR_MORE,
    ),
    article(
        "maktaba-2",
        "akhbar-marsa.example",
        "ar",
        at(4, 11, 0),
        "مكتبة جديدة بستين ألف كتاب في مرسى النور",
        AR_LEAD,
        AR_QUOTE,
    ),
    article(
        "todai-1",
        "shirahama-shimbun.example",
        "ja",
        at(5, 0, 40),
        "四十年ぶりの光　白浜崎灯台で点灯式",
        JA_LEAD,
        JA_QUOTE,
        JA_LOCAL,
    ),
    article("todai-2", "umi-no-tayori.example", "ja", at(5, 0, 40), "灯台に光もどる", JA_LEAD),
    article(
        "bus-fr",
        "le-courrier-orge.example",
        "fr",
        at(3, 19, 0),
        "Valmorel vote la gratuité des bus pour les jeunes",
        FR_LEAD,
        FR_MORE,
    ),
    article(
        "bus-en",
        "euro-roundup.example",
        "en",
        at(4, 5, 45),
        "French town makes buses free for the young",
        EN_TRANSLATION_LEAD,
        EN_TRANSLATION_MORE,
        "Source: Le Courrier de l’Orge",
    ),
    article(
        "alone",
        "stadtkurier.example",
        "de",
        at(4, 12, 0),
        "Turnhalle wird im März fertig",
        "Der Umbau der Turnhalle in Hohenfurt soll im März abgeschlossen sein, wie die Gemeinde mitteilt.",
    ),
)
BY_ID = {a.id: a for a in sorted(ARTICLES, key=lambda a: a.id)}

PIECES = (DE_LEAD, DE_QUOTE, DE_RAIL, DE_WEATHER, EN_LEAD, EN_NUMBERS, EN_HISTORY, EN_REPLY, AR_LEAD, AR_QUOTE, JA_LEAD)
TRANSLATED_PIECES = ((FR_LEAD, EN_TRANSLATION_LEAD), (FR_MORE, EN_TRANSLATION_MORE))


def runs(text: str, language: str) -> set[tuple[str, ...]]:
    units, n = (list(text), 8) if language == "ja" else (text.lower().split(), 5)
    return {tuple(units[i : i + n]) for i in range(len(units) - n + 1)}


def passages(a: Article, b: Article) -> tuple[Passage, ...]:
    """Look the shared pieces up in both texts; pieces that follow each other on both sides become one passage."""
    sides = [
        (x, y) for x, y in (*((p, p) for p in PIECES), *TRANSLATED_PIECES, *((y, x) for x, y in TRANSLATED_PIECES))
    ]
    found = sorted(
        Passage(a.text.index(x), a.text.index(x) + len(x), b.text.index(y), b.text.index(y) + len(y))
        for x, y in sides
        if x in a.text and y in b.text
    )
    joined: list[Passage] = []
    for p in found:
        if joined and p.a_start - joined[-1].a_end == 2 and p.b_start - joined[-1].b_end == 2:
            p = replace(joined.pop(), a_end=p.a_end, b_end=p.b_end)
        joined.append(p)
    return tuple(joined)


def match(x: str, y: str, kind: MatchKind) -> Match:
    a, b = sorted((BY_ID[x], BY_ID[y]), key=lambda one: one.id)
    if kind == "translated":
        return Match(a.id, b.id, kind, 0.0, 0.94, 1.0, passages(a, b))
    of_a, of_b = runs(a.text, a.language), runs(b.text, b.language)
    shared = len(of_a & of_b)
    found = (Passage(0, len(a.text), 0, len(b.text)),) if a.text == b.text else passages(a, b)
    return Match(
        a.id,
        b.id,
        kind,
        shared / len(of_a | of_b),
        shared / len(of_a),
        shared / len(of_b),
        found,
        relation="revision" if a.source == b.source else "copy",
    )


MATCHES = (
    match("lenne-bote", "lenne-kurier", "exact"),
    match("lenne-bote", "lenne-anzeiger", "near"),
    match("lenne-kurier", "lenne-anzeiger", "near"),
    match("lenne-bote", "lenne-reportage", "excerpt"),
    match("lenne-kurier", "lenne-reportage", "excerpt"),
    match("moorings", "moorings-update", "near"),
    match("moorings", "moorings-wire", "exact"),
    match("moorings-update", "moorings-wire", "near"),
    match("moorings", "moorings-digest", "excerpt"),
    match("moorings-update", "moorings-digest", "excerpt"),
    match("moorings-wire", "moorings-digest", "excerpt"),
    match("maktaba-1", "maktaba-2", "near"),
    match("todai-1", "todai-2", "excerpt"),
    match("bus-en", "bus-fr", "translated"),
)


def clue(kind: str, key: str, points_to: str, weight: float, where: str, quote: str) -> Clue:
    field = getattr(BY_ID[key], where)
    start = field.find(quote) if isinstance(field, str) else 0
    return Clue(kind, key, points_to, weight, where, start, start + len(quote), quote)


AGENCY = Attribution(
    "agency:dpa",
    0.96,
    (
        clue("dateline", "lenne-bote", "agency:dpa", 2.6, "text", "Hohenfurt (dpa) -"),
        clue("dateline", "lenne-kurier", "agency:dpa", 2.6, "text", "Hohenfurt (dpa) -"),
        clue("credit line", "lenne-bote", "agency:dpa", 2.2, "text", "Quelle: dpa"),
        clue("credit line", "lenne-kurier", "agency:dpa", 2.2, "text", "Quelle: dpa"),
        clue("credit line", "lenne-anzeiger", "agency:dpa", 1.7, "text", "(dpa/red)"),
        clue("credit line", "lenne-reportage", "agency:dpa", 1.1, "text", "Mit Material der dpa."),
    ),
)
HERALD = Attribution(
    "moorings",
    0.91,
    (
        clue(
            "canonical",
            "moorings-wire",
            "moorings",
            2.0,
            "canonical_url",
            "https://harbourherald.example/2026/11/moorings.html",
        ),
        clue("credit line", "moorings-digest", "moorings", 1.8, "text", "Read the full story at the Harbour Herald."),
        clue("self-mention", "moorings-wire", "moorings", 1.2, "text", "documents seen by the Harbour Herald"),
        clue("time", "moorings", "moorings", 0.4, "published", "2 h 12 min before coastdaily.example"),
    ),
    ("morningdigest.example states no date, so it may have been earlier.",),
)
SAHIL = Attribution(
    "maktaba-1",
    0.58,
    (clue("time", "maktaba-1", "maktaba-1", 0.4, "published", "3 h 30 min before akhbar-marsa.example"),),
)
COURRIER = Attribution(
    "bus-fr",
    0.93,
    (
        clue("credit line", "bus-en", "bus-fr", 2.4, "text", "Source: Le Courrier de l’Orge"),
        clue("time", "bus-fr", "bus-fr", 0.5, "published", "10 h 45 min before euro-roundup.example"),
    ),
)
SIMULTANEOUS = Attribution(None, contradictions=("Both articles state the same minute and neither names the other.",))

LENNE_LINKS = (
    Link("lenne-anzeiger", "agency:dpa", 0.96, True, "credit missing"),
    Link("lenne-bote", "agency:dpa", 0.96, True, "licensed"),
    Link("lenne-kurier", "agency:dpa", 0.96, True, "licensed"),
    Link("lenne-reportage", "lenne-kurier", 0.6, True, "credited"),
)
MOORINGS_LINKS = (
    Link("moorings-digest", "moorings-wire", 0.7, True),
    Link("moorings-wire", "moorings", 0.91),
)

SAMPLE = Duplicates(
    articles=BY_ID,
    matches=tuple(sorted(MATCHES, key=lambda m: (m.a, m.b))),
    clusters=(
        Cluster(
            "lenne-bote", ("lenne-anzeiger", "lenne-bote", "lenne-kurier", "lenne-reportage"), AGENCY, links=LENNE_LINKS
        ),
        Cluster(
            "moorings",
            ("moorings", "moorings-digest", "moorings-update", "moorings-wire"),
            HERALD,
            links=MOORINGS_LINKS,
        ),
        Cluster("bus-fr", ("bus-en", "bus-fr"), COURRIER, links=(Link("bus-en", "bus-fr", 0.93, True),)),
        Cluster("maktaba-1", ("maktaba-1", "maktaba-2"), SAHIL),
        Cluster("todai-1", ("todai-1", "todai-2"), SIMULTANEOUS),
    ),
    skips=(
        Skip(4, "wetter-1", "too short", "3 words; at least 5 are needed"),
        Skip(11, "wetter-2", "too short", "4 words; at least 5 are needed"),
        Skip(17, "leer", "no text", "text is ''"),
    ),
)


def all_pairs(n: int) -> Duplicates:
    """Make one cluster of n articles of which every two match; article 000 is the origin."""
    keys = tuple(f"{i:03}" for i in range(n))
    articles = {key: article(key, f"outlet{key}.example", "en", at(2, 6), f"Title {key}", EN_LEAD) for key in keys}
    whole = (Passage(0, len(EN_LEAD), 0, len(EN_LEAD)),)
    matches = tuple(Match(a, b, "exact", 1.0, 1.0, 1.0, whole) for a, b in combinations(keys, 2))
    return Duplicates(articles, matches, (Cluster("000", keys, Attribution("000", 0.8)),))


def hostile_duplicates(attack: str) -> Duplicates:
    """Put an attack wherever a stranger's words can stand, and a script behind every link."""

    def hostile(key: str) -> Article:
        return Article(
            id=key + attack,
            text=f"{attack}\x00\u202e {EN_LEAD} {attack}",
            title=attack,
            url=f"javascript:document.title='broken in'//{attack}",
            source=attack,
            byline=attack,
            published=at(2, 6),
            language=attack + "!",
        )

    articles = {one.id: one for one in (hostile("a"), hostile("b"))}
    a, b = articles
    found = (Passage(0, len(articles[a].text), 0, len(articles[b].text)),)
    clues = (Clue(attack, a, attack, 1.0, attack, 0, 1, attack),)
    return Duplicates(
        articles,
        (Match(a, b, "exact", 1.0, 1.0, 1.0, found),),
        (Cluster(attack, (a, b), Attribution("agency:" + attack, 0.5, clues, (attack,))),),
        (Skip(0, attack, attack, attack),),
    )


if __name__ == "__main__":
    print(SAMPLE.to_html(Path(sys.argv[1]) / "report.html"))

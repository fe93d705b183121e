"""Pages as outlets serve them: title, text and date are read, in many languages, however they are encoded."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from dedup.errors import PageError
from dedup.ingest.pages import Page, read_page

URL = "https://daily.example/oakmere/bridge-vote"
PARAGRAPHS = (
    "The council of Oakmere voted on Tuesday to build a second bridge across the Tarn, after a debate of six hours.",
    "Eleven members were in favour and four against, among them the mayor, who said the town could not pay for it.",
    "“We have waited forty years for this crossing,” said the councillor Ines Marlow, whose ward lies on the far bank.",
    "Work begins in March and lasts two winters; until then the ferry runs every twenty minutes, as it does today.",
)
LANGUAGES = {
    "de": (
        "Rat von Eichenmoor stimmt für zweite Brücke",
        "Der Rat von Eichenmoor hat nach sechs Stunden beschlossen, eine zweite Brücke über die Tarn zu bauen.",
        "Elf Mitglieder stimmten dafür, vier dagegen, auch die Bürgermeisterin: Die Stadt könne das nicht bezahlen.",
        "Die Arbeiten beginnen im März; bis dahin fährt die Fähre wie bisher alle zwanzig Minuten über den Fluss.",
    ),
    "fr": (
        "Chênelac vote pour un second pont",
        "Le conseil de Chênelac a décidé mardi, après six heures de débats, de construire un second pont sur la Tarne.",
        "Onze élus ont voté pour et quatre contre, dont la maire, qui juge que la ville ne pourra pas le payer seule.",
        "Les travaux commenceront en mars ; d'ici là, le bac passera toutes les vingt minutes, comme aujourd'hui.",
    ),
    "pl": (
        "Rada Dębowa głosuje za drugim mostem",
        "Rada miasta Dębowo zdecydowała we wtorek, po sześciu godzinach obrad, o budowie drugiego mostu na Tarnie.",
        "Za było jedenastu radnych, przeciw czterech, w tym burmistrz, która uważa, że miasto samo za to nie zapłaci.",
        "Prace rozpoczną się w marcu; do tego czasu prom będzie kursował co dwadzieścia minut, tak samo jak dzisiaj.",
    ),
    "ru": (
        "Совет Дубравы проголосовал за второй мост",
        "Совет города Дубрава во вторник после шести часов споров решил построить второй мост через реку Тарну.",
        "За проголосовали одиннадцать депутатов, против четыре, в том числе мэр: город, по её словам, не справится.",
        "Работы начнутся в марте и продлятся две зимы; до тех пор паром ходит каждые двадцать минут, как сейчас.",
    ),
    "el": (
        "Το συμβούλιο ψήφισε υπέρ της δεύτερης γέφυρας",
        "Το δημοτικό συμβούλιο αποφάσισε την Τρίτη το βράδυ, μετά από έξι ώρες συζήτησης, να χτίσει δεύτερη γέφυρα.",
        "Υπέρ ψήφισαν έντεκα μέλη, κατά τέσσερα, ανάμεσά τους η δήμαρχος, που λέει ότι η πόλη δεν αντέχει το κόστος.",
        "Τα έργα θα αρχίσουν τον Μάρτιο· ως τότε το πορθμείο θα περνά κάθε είκοσι λεπτά, όπως γίνεται και σήμερα.",
    ),
    "ar": (
        "المجلس يصوت لصالح بناء جسر ثان",
        "صوت مجلس مدينة البلوط مساء الثلاثاء بعد ست ساعات من النقاش على بناء جسر ثان فوق نهر تارن في وسط المدينة.",
        "وأيد القرار أحد عشر عضوا وعارضه أربعة بينهم رئيسة البلدية التي قالت إن المدينة لا تستطيع دفع التكاليف وحدها.",
        "وتبدأ الأشغال في مارس وتستمر شتاءين، وإلى ذلك الحين تعبر العبارة النهر كل عشرين دقيقة كما تفعل اليوم.",
    ),
    "hi": (
        "परिषद ने दूसरे पुल के पक्ष में मतदान किया",
        "ओकमेर की नगर परिषद ने मंगलवार रात छह घंटे की बहस के बाद टार्न नदी पर दूसरा पुल बनाने का फैसला किया है।",
        "ग्यारह सदस्यों ने पक्ष में और चार ने विरोध में मत दिया, जिनमें महापौर भी थीं; उनके अनुसार शहर अकेले खर्च नहीं उठा सकता।",
        "काम मार्च में शुरू होगा और दो सर्दियों तक चलेगा; तब तक नाव हर बीस मिनट में नदी पार करती रहेगी जैसा आज होता है।",
    ),
    "ja": (
        "オークミア市議会、二つ目の橋の建設を可決",
        "オークミア市議会は火曜日の夜、六時間にわたる審議の末、タルン川に二つ目の橋を建設する議案を賛成多数で可決した。",
        "賛成は十一人、反対は市長を含む四人で、市長は市だけで費用を負担することはできないと述べ、県の支援を求めている。",
        "工事は三月に始まり、二度の冬をまたぐ見通しで、それまでの間は渡し船がこれまで通り二十分おきに運航される予定である。",
    ),
    "zh": (
        "橡湖市议会投票通过兴建第二座大桥",
        "橡湖市议会周二晚间经过六个小时的辩论，决定在塔恩河上兴建第二座大桥，工程预计将持续两个冬天，耗资巨大。",
        "十一名议员投了赞成票，包括市长在内的四名议员投了反对票。市长表示，仅靠本市的财力无法承担全部的建设费用。",
        "工程将于三月动工。在大桥建成之前，渡轮仍将像今天一样，每二十分钟往返两岸一次，方便居民上班和学生上学。",
    ),
}


def make_page(
    paragraphs: tuple[str, ...] = PARAGRAPHS,
    *,
    title: str = "Oakmere votes for a second bridge",
    head: str = "",
    jsonld: object = None,
    before: str = "",
    after: str = "",
    lang: str = "en",
) -> str:
    """Write an article page with menus, a cookie banner, related articles and a footer around its text."""
    data = f'<script type="application/ld+json">{json.dumps(jsonld)}</script>' if jsonld is not None else ""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"""<!doctype html>
<html lang="{lang}"><head><title>{title} | The Daily Example</title>{head}{data}</head><body>
<div class="cookie-banner"><p>We and our partners use cookies. <button>Accept all</button></p></div>
<nav><ul><li><a href="/">Home</a></li><li><a href="/politics">Politics</a></li><li><a href="/sport">Sport</a></li></ul>
</nav>
<main><article><h1>{title}</h1>{before}<div class="article-body">{text}</div>{after}</article>
<aside class="related"><h2>Read more</h2><ul>
<li><a href="/a">Ferry captain retires after thirty years on the river</a></li>
<li><a href="/b">What the new bridge means for the far bank</a></li></ul></aside></main>
<footer><p>© The Daily Example. All rights reserved. <a href="/terms">Terms</a></p></footer></body></html>"""


def read(html: str | bytes, **options: str) -> Page:
    body = html.encode() if isinstance(html, str) else html
    return read_page(body, url=options.pop("url", URL), **options)  # type: ignore[arg-type]


def test_the_text_is_the_paragraphs_and_nothing_else() -> None:
    page = read(make_page())
    assert page.text.split("\n\n") == list(PARAGRAPHS)
    assert page.title == "Oakmere votes for a second bridge"
    assert page.language == "en"
    assert page.problems == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_script_is_read(language: str) -> None:
    title, *paragraphs = LANGUAGES[language]
    page = read(make_page(tuple(paragraphs), title=title, lang=language))
    assert (page.title, page.language) == (title, language)
    assert page.text.split("\n\n") == paragraphs


@pytest.mark.parametrize(
    ("language", "charset"),
    [
        ("de", "iso-8859-1"),
        ("pl", "iso-8859-2"),
        ("ru", "windows-1251"),
        ("ru", "koi8-r"),
        ("el", "iso-8859-7"),
        ("ar", "windows-1256"),
        ("ja", "shift_jis"),
        ("ja", "euc-jp"),
        ("ja", "iso-2022-jp"),
        ("zh", "gb2312"),
    ],
)
@pytest.mark.parametrize("place", ["header", "meta"])
def test_the_declared_charset_is_used(language: str, charset: str, place: str) -> None:
    title, *paragraphs = LANGUAGES[language]
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">' if place == "meta" else ""
    body = make_page(tuple(paragraphs), title=title, head=head).replace("©", "(c)").encode(charset)
    page = read(body, content_type=f"text/html; charset={charset}" if place == "header" else "text/html")
    assert page.title == title
    assert page.text.split("\n\n") == paragraphs


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "text/html; charset=iso-8859-1"),  # the most common lie
        ("utf-8", "text/html; charset=nonsense"),
        ("utf-8", "text/html; charset=utf-7"),
        ("utf-8", "text/html; charset=punycode"),
        ("utf-8", "text/html; charset=utf-16"),
        ("utf-8", "text/html; charset=hex"),
        ("utf-8-sig", "text/html; charset=windows-1252"),
        ("utf-16", "text/html; charset=utf-8"),
        ("utf-16-le", "text/html; charset=utf-16-le"),
        ("cp1252", "text/html; charset=utf-8"),
        ("cp1252", ""),
    ],
)
def test_a_wrong_or_absent_charset_does_no_harm(encoding: str, content_type: str) -> None:
    title, *paragraphs = LANGUAGES["de"]
    page = read(make_page(tuple(paragraphs), title=title).encode(encoding), content_type=content_type)
    assert page.title == title
    assert page.text.split("\n\n") == paragraphs


@pytest.mark.parametrize("language", ["ru", "el", "ja"])
def test_an_undeclared_charset_of_another_script_is_guessed(language: str) -> None:
    charset = {"ru": "cp1251", "el": "cp1253", "ja": "cp932"}[language]
    title, *paragraphs = LANGUAGES[language]
    body = make_page(tuple(paragraphs), title=title).replace("©", "(c)").encode(charset)
    assert read(body, content_type="text/html").text.split("\n\n") == paragraphs


def test_one_broken_byte_does_not_make_mojibake_of_the_rest() -> None:
    title, *paragraphs = LANGUAGES["de"]
    body = (
        make_page(tuple(paragraphs), title=title)
        .encode()
        .replace("Brücke über".encode(), "Brücke ".encode() + b"\xfcber")
    )
    text = read(body, content_type="text/html; charset=iso-8859-1").text
    assert "Fähre" in text
    assert "Brücke \ufffdber" in text


def test_broken_html_is_read() -> None:
    text = "".join(f"<p>{paragraph}" for paragraph in PARAGRAPHS)
    page = read(f"<title>Oakmere</title><body bgcolor=white><h1>Oakmere<div><b><i>{text}</b></div></td></i><img src='x")
    assert all(paragraph in page.text for paragraph in PARAGRAPHS[:3])


def test_a_fragment_without_html_and_body_is_read() -> None:
    assert PARAGRAPHS[0] in read("".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)).text


def test_nuls_controls_soft_hyphens_and_surrogates_are_gone() -> None:
    html = make_page(
        ("The coun\u00adcil\x00 voted\x0b for\x07 the bridge \ud83d and against the toll, too.", *PARAGRAPHS)
    )
    page = read(html.encode("utf-8", "surrogatepass"))
    assert page.text.startswith("The council voted for the bridge")
    assert not any(char in page.text for char in "\x00\x07\x0b\u00ad\ud83d")


def test_text_is_normalised_to_nfc() -> None:
    assert (
        "Füße"
        in read(make_page((*PARAGRAPHS, "Alle Fu\u0308ße der Brücke stehen im Wasser, sagte der Ingenieur."))).text
    )


def test_the_same_bytes_give_the_same_page() -> None:
    html = make_page(jsonld={"@type": "NewsArticle", "headline": "Bridge", "author": [{"name": "A"}, {"name": "B"}]})
    assert read(html) == read(html)


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", "no markup"),
        (b"   \n", "no markup"),
        (b"just words", "no markup: the page begins 'just words'"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "no markup"),
        (b"<!-- nothing -->", "no markup"),
        (b"<html></html>", "no article text: title ''"),
        (b"<html><body><h1>404</h1><p>Not found.</p></body></html>", "no article text: title '404'"),
        (b"<html><body><script>render()</script></body></html>", "no article text"),
    ],
)
def test_a_page_without_text_says_what_was_found(body: bytes, found: str) -> None:
    with pytest.raises(PageError) as caught:
        read(body)
    assert found in str(caught.value)


WALLS = {
    "en": "We and our 812 partners store cookies on your device and process personal data such as your address. "
    "With your consent we use precise location data. You may withdraw your consent at any time in our privacy policy.",
    "de": "Mit Ihrer Einwilligung verwenden wir Cookies, um die Nutzung unserer Seiten durch Sie auszuwerten. "
    "Sie können Ihre Zustimmung jederzeit widerrufen; Näheres steht in der Erklärung zum Datenschutz dieser Seite.",
    "fr": "Avec votre consentement, nous utilisons des cookies pour stocker quelques données personnelles. "
    "Vous pouvez retirer votre consentement à tout moment dans notre politique de vie privée, en bas de chaque page.",
}


@pytest.mark.parametrize("language", WALLS)
def test_a_cookie_wall_is_no_article(language: str) -> None:
    wall = f"<html><title>Daily Example</title><body><h1>Daily Example</h1><div><p>{WALLS[language]}</p></div></html>"
    with pytest.raises(PageError, match="only a consent notice"):
        read(wall)


def test_an_article_about_cookies_is_an_article() -> None:
    article = {"@type": "NewsArticle", "headline": "Court rules on cookies"}
    assert read(make_page((WALLS["en"], WALLS["en"].replace("We", "They")), jsonld=article)).text.startswith(
        "We and our"
    )


def test_dates_are_aware_utc_and_kept_as_written() -> None:
    page = read(make_page(jsonld={"@type": "NewsArticle", "datePublished": "2026-03-04T08:30:00+02:00"}))
    assert page.published == datetime(2026, 3, 4, 6, 30, tzinfo=UTC)
    assert page.published_raw == "2026-03-04T08:30:00+02:00"

"""Credit, photo credit and mere citing in many languages: only the first is a credit. Texts of our own making."""

# ruff: noqa: E501  # a language a line reads best

from __future__ import annotations

import pytest

from dedup.attribute import credits_of
from dedup.model import Article

# language: a sentence, a credit at the end, whom it credits, a photo's credit, a sentence that cites
CASES = {
    "en": ("The bridge opens again in May, the council said.", "Source: Reuters", "agency:reuters", "Photo: Reuters", "She told Reuters that the work was done."),
    "de": ("Die Brücke wird im Mai wieder geöffnet, teilte der Rat mit.", "Quelle: dpa", "agency:dpa", "Bildquelle: dpa", "Laut dpa sind die Arbeiten beendet."),
    "fr": ("Le pont rouvrira en mai, a annoncé le conseil.", "Source : AFP", "agency:afp", "Crédit photo : AFP", "Selon l'AFP, les travaux sont terminés."),
    "it": ("Il ponte riaprirà a maggio, ha detto il consiglio.", "Fonte: ANSA", "agency:ansa", "Foto: ANSA", "Secondo l'ANSA i lavori sono finiti."),
    "es": ("El puente se abrirá de nuevo en mayo, dijo el concejo.", "Fuente: EFE", "agency:efe", "Foto: EFE", "Según EFE, las obras han terminado."),
    "pt": ("A ponte reabre em maio, disse o conselho.", "Fonte: Lusa", "agency:lusa", "Foto: Lusa", "Segundo a Lusa, as obras terminaram."),
    "nl": ("De brug gaat in mei weer open, aldus de raad.", "Bron: ANP", "agency:anp", "Foto: ANP", "Volgens ANP is het werk klaar."),
    "da": ("Broen åbner igen i maj, oplyser rådet.", "Kilde: Ritzau", "agency:ritzau", "Foto: Ritzau", "Ifølge Ritzau er arbejdet færdigt."),
    "no": ("Broen åpner igjen i mai, opplyser rådet.", "Kilde: NTB", "agency:ntb", "Foto: NTB", "Ifølge NTB er arbeidet ferdig."),
    "sv": ("Bron öppnar igen i maj, uppger rådet.", "Källa: TT", "agency:tt", "Foto: TT", "Enligt TT är arbetet klart."),
    "fi": ("Silta avataan taas toukokuussa, neuvosto kertoi.", "Lähde: STT", "agency:stt", "Kuva: STT", "STT:n mukaan työt ovat valmiit."),
    "pl": ("Most zostanie otwarty w maju, poinformowała rada.", "Źródło: PAP", "agency:pap", "Fot. PAP", "Według PAP prace zakończono."),
    "cs": ("Most se znovu otevře v květnu, uvedla rada.", "Zdroj: ČTK", "agency:ctk", "Foto: ČTK", "Podle ČTK práce skončily."),
    "sk": ("Most opäť otvoria v máji, oznámila rada.", "Zdroj: TASR", "agency:tasr", "Foto: TASR", "Podľa TASR sa práce skončili."),
    "hu": ("A hidat májusban újra megnyitják, közölte a tanács.", "Forrás: MTI", "agency:mti", "Fotó: MTI", "Az MTI szerint a munkák befejeződtek."),
    "ro": ("Podul se redeschide în mai, a anunțat consiliul.", "Sursa: Agerpres", "agency:agerpres", "Foto: Agerpres", "Potrivit Agerpres, lucrările s-au încheiat."),
    "hr": ("Most se ponovno otvara u svibnju, javilo je vijeće.", "Izvor: Hina", "agency:hina", "Foto: Hina", "Prema Hini, radovi su gotovi."),
    "sl": ("Most bodo maja znova odprli, je sporočil svet.", "Vir: STA", "agency:sta", "Foto: STA", "Po poročanju STA so dela končana."),
    "bg": ("Мостът отваря отново през май, съобщи съветът.", "Източник: БТА", "agency:bta", "Снимка: БТА", "Според БТА работата е приключила."),
    "ru": ("Мост снова откроют в мае, сообщил совет.", "Источник: ТАСС", "agency:tass", "Фото: ТАСС", "Об этом сообщил ТАСС мэр города."),
    "uk": ("Міст знову відкриють у травні, повідомила рада.", "Джерело: Укрінформ", "agency:ukrinform", "Фото: Укрінформ", "Про це Укрінформу розповів мер."),
    "tr": ("Köprü mayısta yeniden açılıyor, dedi meclis.", "Kaynak: AA", "agency:aa", "Fotoğraf: AA", "AA muhabirine konuşan başkan, işin bittiğini söyledi."),
    "el": ("Η γέφυρα ανοίγει ξανά τον Μάιο, ανακοίνωσε το συμβούλιο.", "Πηγή: ΑΠΕ-ΜΠΕ", "agency:ape-mpe", "Φωτογραφία: ΑΠΕ-ΜΠΕ", "Σύμφωνα με το ΑΠΕ-ΜΠΕ, τα έργα τελείωσαν."),
    "ar": ("سيعاد فتح الجسر في مايو، بحسب المجلس.", "المصدر: رويترز", "agency:reuters", "الصورة: رويترز", "وقال العمدة لرويترز إن العمل انتهى."),
    "zh": ("大桥将于五月重新开放，市议会表示。", "来源：新华社", "agency:xinhua", "图片来源：新华社", "市长告诉新华社记者，工程已经完成。"),
    "ja": ("橋は五月に再び開通すると市議会が発表した。", "出典：共同通信", "agency:kyodo", "写真：共同通信", "市長は共同通信の取材に対し、工事は終わったと述べた。"),
    "ko": ("다리는 오월에 다시 열린다고 시의회가 밝혔다.", "출처: 연합뉴스", "agency:yonhap", "사진: 연합뉴스", "시장은 연합뉴스에 공사가 끝났다고 말했다."),
    "id": ("Jembatan dibuka lagi pada bulan Mei, kata dewan.", "Sumber: Antara", "agency:antara", "Foto: Antara", "Menurut Antara, pekerjaan sudah selesai."),
    "vi": ("Cây cầu sẽ mở lại vào tháng năm, hội đồng cho biết.", "Nguồn: TTXVN", "agency:vna", "Ảnh: TTXVN", "Trả lời TTXVN, thị trưởng nói công việc đã xong."),
}  # fmt: skip


def credited(language: str, tail: str) -> list[str]:
    text = "\n\n".join([CASES[language][0]] * 4 + [tail])
    return [clue.points_to for clue in credits_of(Article(id="a", text=text, source="daily.example"))]


def test_at_least_twenty_languages() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("language", CASES)
def test_a_credit_names_its_agency(language: str) -> None:
    assert credited(language, CASES[language][1]) == [CASES[language][2]]


@pytest.mark.parametrize("language", CASES)
def test_a_photos_credit_is_none(language: str) -> None:
    assert credited(language, CASES[language][3]) == []


@pytest.mark.parametrize("language", CASES)
def test_citing_is_none(language: str) -> None:
    assert credited(language, CASES[language][4]) == []

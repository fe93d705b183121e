"""The slow, obvious twin of ``dedup.kernels.anchors``: one word at a time, with regular expressions."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_HAN = "\u2e80-\u303f\u3100-\u312f\u31a0-\u31bf\u3400-\u9fff\uf900-\ufaff"  # no sounds are written
_NO_BLANKS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer: no words are marked
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,'’]\d+|(?<!\d{4})[ \u00a0\u2009\u202f]\d{3}(?!\d))*)"
    rf"|[{_HAN}{_NO_BLANKS}\u3040-\u309f]+"
    r"|(?P<kana>[\u30a1-\u30fa\u30fc\uff66-\uff9f]+)"
    rf"|(?P<word>(?:(?![{_HAN}{_NO_BLANKS}\u3040-\u30ff])[^\W\d_](?:(?![\d\u0964\u0965])[\u0300-\u036f\u0591-\u05c7\u064b-\u0652\u0900-\u0dff])*)+)"
)
_SENTENCE_END = frozenset(".!?…。！？؟۔।:\n\r\"„“”«»'‘’()[]–—")
_NUMBER_BIT = 1 << 62
_MIN_CLASSES, _MAX_CLASSES = 3, 6

_CLASSES = {  # what one language's letters for a sound become in another's falls together
    **dict.fromkeys("BP", 1), **dict.fromkeys("FVW", 2), **dict.fromkeys("TD", 3), **dict.fromkeys("KGQ", 4),
    **dict.fromkeys("SZCJ", 5), "M": 6, "N": 7, "L": 8, "R": 9,
}  # fmt: skip
_DIGRAPHS = (
    ("SCH", "S"), ("TSCH", "S"), ("TCH", "S"), ("SHCH", "S"), ("CH", "S"), ("SH", "S"), ("SZ", "S"), ("CZ", "S"),
    ("ZH", "S"), ("TS", "S"), ("TZ", "S"), ("DZ", "S"), ("DJ", "S"), ("TH", "T"), ("PH", "F"), ("CK", "K"),
    ("KH", "K"), ("GH", "K"), ("NG", "N"), ("X", "KS"),
)  # fmt: skip
_NAMED_BY_VOWEL = {"EF": "F", "EL": "L", "EM": "M", "EN": "N", "ER": "R", "ES": "S"}  # of Cyrillic
_SILENT = frozenset({"SIGN", "WAW", "YEH", "YOD", "I", "YERU", "AIN", "AYIN", "ALEF", "HE", "HEH", "HAH", "HET"})
_NOT_ITS_SOUND = {"KSI": "KS", "PSI": "PS", "CHI": "K", "XI": "KS", "THETA": "T", "JEEM": "J", "GHAIN": "G"}
_ARABIC_HEAD = re.compile(r"^(?:و|ف)?(?:ال|بال|لل|كال|ب|ل|ك)?")
_KOREAN_TAIL = re.compile(
    r"(?:으로|에서|에게|까지|부터|에는|에도|이라|처럼|보다|은|는|이|가|을|를|의|에|로|와|과|도|만)$"
)  # particles
_R_AS_L = "\0"  # at the end of a form whose one liquid is read as L: Japanese and Korean write R and L alike
_HEBREW_HEAD = re.compile(r"^[והבלמשכ]{1,2}")


def find_anchors(text: str) -> tuple[list[int], list[int], list[int]]:
    """The names and numbers of a text: their keys, and the characters of each."""
    keys: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        if token.lastgroup is None:
            continue
        if token.lastgroup == "number":
            for number in _numbers(token.group()):
                if (key := _number_key(number.group())) is not None:
                    keys.append(key)
                    starts.append(start + number.start())
                    ends.append(start + number.end())
            continue
        word = token.group()
        if len(word) < 2 + word.isascii():
            continue
        if word[0].islower() or (word[0].isupper() and not word.isupper() and _opens_sentence(text, start)):
            continue
        for key in _name_keys(word):
            keys.append(key)
            starts.append(start)
            ends.append(end)
    return keys, starts, ends


def _opens_sentence(text: str, start: int) -> bool:
    for place in range(start - 1, max(-1, start - 4), -1):
        if not text[place].isspace() or text[place] in "\n\r":
            return text[place] in _SENTENCE_END
    return start < 4


def _numbers(written: str) -> list[re.Match[str]]:
    groups = list(re.finditer(r"\d+", written))
    if all(len(group.group()) == 3 for group in groups[1:-1]):
        return list(re.finditer(r"(?s).+", written))
    return groups


def _number_key(written: str) -> int | None:
    digits = "".join(str(unicodedata.digit(c, 0)) for c in written if c.isdigit())[:17]
    significant = digits[:2] + digits[2:].rstrip("0")
    return None if len(digits) < 2 else _NUMBER_BIT | int(significant) << 5 | len(significant)


@lru_cache(maxsize=65_536)
def _name_keys(word: str) -> tuple[int, ...]:
    """Give the keys of a word: one, or two where particles may be written onto it; none for what is too short."""
    forms = [word]
    if "\u30a1" <= word[0] <= "\uff9f" and not "\uac00" <= word[0] <= "\ud7af":
        sounds = unicodedata.normalize("NFKC", word)
        forms = [sounds, sounds + _R_AS_L]
    elif "\uac00" <= word[0] <= "\ud7af":
        bare = _KOREAN_TAIL.sub("", word)
        forms = [bare, bare + _R_AS_L]
    if "\u0600" <= word[0] <= "\u06ff":
        forms.append(_ARABIC_HEAD.sub("", word))
    elif "\u0590" <= word[0] <= "\u05ff":
        forms.append(_HEBREW_HEAD.sub("", word))
    keys = {key for form in forms if (key := _consonant_key(form)) is not None}
    return tuple(sorted(keys))


def _consonant_key(word: str) -> int | None:
    reads_l = word.endswith(_R_AS_L)
    is_kana = "\u30a1" <= word[:1] <= "\u30fc"  # taken apart, they lose what tells PU from HU
    letters = unicodedata.normalize("NFKC" if is_kana else "NFKD", word)
    sounds = "".join(map(_sound, letters.upper()))
    if reads_l:
        sounds = sounds.replace("R", "L")
    for written, sound in _DIGRAPHS:
        sounds = sounds.replace(written, sound)
    sounds = re.sub(r"C(?=[AOULR])|C$", "K", sounds)
    sounds = re.sub(r"N(?=[BP])", "M", sounds)
    classes: list[int] = []
    for number, sound in enumerate(sounds):
        kind = _CLASSES.get(sound, 0)
        if kind and not (classes and classes[-1] == kind and sounds[number - 1] in (sound, "-")):
            classes.append(kind)
    if len(classes) < _MIN_CLASSES:
        if len(classes) == 2 and sounds[:1] in tuple("AEIOU"):
            classes.insert(0, 10)
        else:
            return None
    key = 0
    for kind in classes[:_MAX_CLASSES]:
        key = key * 16 + kind
    return key


@lru_cache(maxsize=4096)
def _sound(letter: str) -> str:
    """Give the sound of a letter, as Latin capitals, from its Unicode name."""
    if "A" <= letter <= "Z":
        return letter
    name = unicodedata.name(letter, "")
    if name.endswith(" SIGN ANUSVARA"):
        return "N"
    if not name or unicodedata.category(letter) not in ("Lu", "Ll", "Lt", "Lo"):
        return ""
    last = name.partition(" WITH ")[0].rpartition(" ")[2]
    if name.startswith("LATIN"):
        return last if len(last) <= 2 else {"SHARP": "S", "ETH": "D", "THORN": "T"}.get(last, "")
    if last in _SILENT:
        return ""
    if last in _NAMED_BY_VOWEL and name.startswith("CYRILLIC"):
        return _NAMED_BY_VOWEL[last]
    if last in _NOT_ITS_SOUND:
        return _NOT_ITS_SOUND[last]
    if name.startswith("HANGUL"):
        if last in ("IEUNG", "HIEUH"):
            return "N" if "JONGSEONG" in name and last == "IEUNG" else ""
        last = {"CIEUC": "JI", "CHIEUCH": "JI", "PHIEUPH": "PI"}.get(last, last)
        if "SEONG" in name and "JUNGSEONG" in name:
            return "-A"
    head = re.match(r"[^AEIOUY]+", last)
    if head is None:
        return last[:1]
    return head.group()

"""The kernel of anchors against its oracle."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dedup.translated.anchors import find_anchors
from tests import naive_anchors

# scripts with capitals and without, their marks and particles, digits and what stands between words
LETTERS = (
    "abcghjknprstuxzABCDGHKNPSTXZäßøłñÇŠž"
    "абвгджзшщыьюАВДКЛМПРСТШЯ"
    "αβγδμνπρΑΒΓΔΜΠΡ"
    "ابتجدرشعغفقكلمنوي"
    "אבגדהוכלמנפקרשת"
    "कगचजतदनपबमरलसहािंी"
    "ァアカガタドトナパピフプルンー"
    "가그김는은를에서으로박트럼프푸틴"
    "ბგდკლმნპრს"
    "ԱԲԳաբգ"
    "ا漢字のです"
)
TEXTS = st.text(alphabet=LETTERS + "0123456789٣५" + " \n.,'’!?„“()-_²½", max_size=60)


@settings(deadline=None, max_examples=400)
@given(TEXTS)
@example("am 12.04.2020 15 785 641, 2020 200 1 20 300 4,5 60 000 100 00 000 1.20.")
@example("A Schtschukin, 1.250.000 und XXX tschsch ck NGNG Xanthippe")
@example("قال والكرملين وبالرئيس ال و ب")
def test_anchors_are_those_of_the_oracle(text: str) -> None:
    found = find_anchors(text)
    keys, starts, ends = naive_anchors.find_anchors(text)
    assert (found.keys.tolist(), found.starts.tolist(), found.ends.tolist()) == (keys, starts, ends)

"""Rows about one bridge, in four scripts: what any engine must find the same in."""

from hypothesis import strategies as st

SENTENCES = [
    "The council voted on Monday evening to rebuild the old bridge across the river by next spring.",
    "Engineers found cracks in two of its pillars after the flood of last autumn had washed the banks away.",
    "Mayor Helena Brandt said the work would cost 4.2 million euros and take about eighteen months in all.",
    "Shopkeepers in Harbour Street fear that their customers will stay away while the road is closed.",
    "The ferry company Nordlicht offered to carry commuters free of charge until the crossing opens again.",
    "Opposition speaker Tomas Vidal called the plan late, costly and badly explained to the neighbours.",
    "A vote on the money is expected in the regional parliament on the fourteenth of December at noon.",
    "Der Stadtrat hat am Montagabend beschlossen, die alte Brücke über den Fluss bis zum Frühjahr zu erneuern.",
    "Ingenieure hatten nach dem Hochwasser vom Herbst Risse in zwei Pfeilern und unterspülte Ufer gefunden.",
    "Bürgermeisterin Helena Brandt sagte, die Arbeiten kosteten 4,2 Millionen Euro und dauerten achtzehn Monate.",
    "Die Händler in der Hafenstraße fürchten, dass ihre Kunden während der Sperrung der Straße ausbleiben.",
    "Городской совет в понедельник вечером решил к весне восстановить старый мост через реку у гавани.",
    "市议会周一晚间投票决定在明年春天之前重建横跨河流的旧桥，工程预计耗资四百二十万欧元。",
    "Rain is expected in the north of the country, with gusts of up to 90 kilometres an hour on the coast.",
]
FOOTERS = [
    "",
    "\n\nSubscribe to our newsletter and never miss the stories that matter to you and to your town.",
    "\n\n(dpa) Follow us for more news of the region, and tell us what you think in the comments below.",
]
ROWS = st.fixed_dictionaries(
    {
        "text": st.tuples(
            st.lists(st.sampled_from(SENTENCES), max_size=8, unique=True),
            st.sampled_from(["", "late ", "Source: Blick\n\n"]),
            st.sampled_from(FOOTERS),
            st.integers(0, 3),
        ).map(lambda t: (t[1] + " ".join(t[0]) + t[2]).replace("bridge", "bridge" if t[3] else "crossing")),
        "source": st.sampled_from(["blick.ch", "tagblatt.example", "nordpost.example", "", "kurier.example"]),
        "title": st.sampled_from(["Old bridge to be rebuilt", "Alte Brücke wird erneuert", "", "\ud800 Storm"]),
    },
    optional={
        "id": st.sampled_from(["a", "b", "ä", "\ud801", "中", "z", 7]),
        "published": st.sampled_from(["2026-11-20T08:00:00Z", "2026-11-21", "yesterday", 3]),
        "tags": st.lists(st.sampled_from(["x", "y"]), max_size=2),
    },
)

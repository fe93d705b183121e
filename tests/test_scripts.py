"""Edited, embedded and misread copies in scripts of every kind; the texts are our own."""

# ruff: noqa: E501  wide characters count twice: lines of these scripts look as long as they are

import random

import pytest

from benchmarks.text_edits import edit_words, embed, misread, word_spans
from dedup import Index
from tests.conftest import make_article

TEXTS = {
    "Arabic": (
        "قرر المجلس البلدي مساء الاثنين بعد نقاش طويل إعادة بناء الجسر القديم فوق النهر بحلول الربيع المقبل. وقال رئيس "
        "البلدية إن الأعمال ستبدأ في شهر أكتوبر وستكلف أربعة ملايين دينار، وإن المارة سيعبرون النهر في هذه الأثناء على "
        "جسر خشبي مؤقت. وكان مهندسون قد اكتشفوا في الصيف شقوقا عميقة في ثلاث من دعائمه الحجرية بعد فيضان غير معتاد. "
        "ويخشى تجار السوق المجاورة أن يفقدوا زبائنهم خلال الشتاء، فوعدهم المجلس بإعفائهم من نصف الرسوم السنوية حتى انتهاء الأشغال."
    ),
    "Hebrew": (
        "מועצת העיר החליטה ביום שני בערב לאחר דיון ארוך לבנות מחדש את הגשר הישן מעל הנהר עד האביב הבא. ראש העירייה אמר "
        "שהעבודות יתחילו בחודש אוקטובר ויעלו ארבעה מיליון שקלים, ובינתיים יחצו הולכי הרגל את הנהר על גשר עץ זמני. "
        "מהנדסים גילו בקיץ סדקים עמוקים בשלושה מעמודי האבן אחרי שיטפון חריג. סוחרי השוק הסמוך חוששים לאבד את לקוחותיהם "
        "במהלך החורף, והמועצה הבטיחה לפטור אותם ממחצית האגרה השנתית עד לסיום העבודות והסדרת החניה ברחובות הסמוכים לכיכר."
    ),
    "Hindi": (
        "नगर परिषद ने सोमवार शाम को लंबी बहस के बाद अगले वसंत तक नदी पर बने पुराने पुल को फिर से बनाने का फैसला किया। महापौर ने कहा "
        "कि काम अक्टूबर में शुरू होगा और उस पर चार करोड़ रुपये खर्च होंगे, तब तक पैदल यात्री लकड़ी के अस्थायी पुल से नदी पार करेंगे। "
        "इंजीनियरों को गर्मियों में असामान्य बाढ़ के बाद पत्थर के तीन खंभों में गहरी दरारें मिली थीं। पास के बाजार के व्यापारियों को डर है कि "
        "सर्दियों में उनके ग्राहक घट जाएंगे, इसलिए परिषद ने काम पूरा होने तक आधा वार्षिक शुल्क माफ करने का वादा किया है।"
    ),
    "Urdu": (
        "بلدیہ نے پیر کی شام طویل بحث کے بعد فیصلہ کیا کہ دریا پر بنا پرانا پل اگلی بہار تک دوبارہ تعمیر کیا جائے گا۔ ناظم شہر "
        "نے کہا کہ کام اکتوبر میں شروع ہوگا اور اس پر چار کروڑ روپے خرچ آئیں گے، اس دوران پیدل چلنے والے لکڑی کے عارضی پل سے "
        "دریا پار کریں گے۔ انجینئروں کو گرمیوں میں غیر معمولی سیلاب کے بعد پتھر کے تین ستونوں میں گہری دراڑیں ملی تھیں۔ قریبی بازار "
        "کے تاجروں کو خدشہ ہے کہ سردیوں میں ان کے گاہک کم ہو جائیں گے، اس لیے کونسل نے آدھی سالانہ فیس معاف کرنے کا وعدہ کیا ہے۔"
    ),
    "Greek": (
        "Το δημοτικό συμβούλιο αποφάσισε τη Δευτέρα το βράδυ ύστερα από μακρά συζήτηση να ξαναχτίσει ώς την άνοιξη την "
        "παλιά γέφυρα του ποταμού. Ο δήμαρχος είπε ότι τα έργα θα αρχίσουν τον Οκτώβριο και θα κοστίσουν τέσσερα "
        "εκατομμύρια ευρώ, ενώ οι πεζοί θα περνούν στο μεταξύ από μια προσωρινή ξύλινη γέφυρα. Μηχανικοί βρήκαν το "
        "καλοκαίρι βαθιές ρωγμές σε τρεις πέτρινες κολόνες μετά από ασυνήθιστη πλημμύρα. Οι έμποροι της γειτονικής αγοράς "
        "φοβούνται ότι θα χάσουν πελάτες τον χειμώνα και ζητούν απαλλαγή από τα μισά τέλη της χρονιάς."
    ),
    "Cyrillic": (
        "Городской совет в понедельник вечером после долгих споров решил до следующей весны заново построить старый мост "
        "через реку. Мэр сообщил, что работы начнутся в октябре и обойдутся в четыре миллиона, а пешеходы тем временем "
        "будут переходить реку по деревянному настилу. Летом инженеры обнаружили глубокие трещины в трёх каменных опорах "
        "после необычного паводка. Торговцы соседнего рынка боятся потерять зимой покупателей, и совет пообещал "
        "освободить их от половины ежегодного сбора до окончания работ, а стоянку перенести на соседнюю площадь."
    ),
    "Thai": (
        "สภาเทศบาลลงมติเมื่อเย็นวันจันทร์หลังการอภิปรายอันยาวนานให้สร้างสะพานเก่าข้ามแม่น้ำขึ้นใหม่ภายในฤดูใบไม้ผลิหน้า นายกเทศมนตรีกล่าวว่า"
        "งานจะเริ่มในเดือนตุลาคมและใช้งบประมาณสี่ล้านบาท ระหว่างนั้นคนเดินเท้าจะข้ามแม่น้ำด้วยสะพานไม้ชั่วคราว วิศวกรพบรอยร้าวลึกในเสาหินสามต้น"
        "เมื่อฤดูร้อนหลังน้ำท่วมผิดปกติ พ่อค้าแม่ค้าในตลาดใกล้เคียงกลัวว่าจะเสียลูกค้าในช่วงฤดูหนาว"
    ),
    "Khmer": (
        "ក្រុមប្រឹក្សាក្រុងបានសម្រេចនៅល្ងាចថ្ងៃច័ន្ទបន្ទាប់ពីការជជែកវែកញែកយ៉ាងយូរ ឱ្យសាងសង់ស្ពានចាស់ឆ្លងកាត់ទន្លេឡើងវិញត្រឹមនិទាឃរដូវក្រោយ។ "
        "អភិបាលក្រុងមានប្រសាសន៍ថា ការងារនឹងចាប់ផ្តើមនៅខែតុលា ហើយនឹងចំណាយប្រាក់បួនលាន ខណៈអ្នកថ្មើរជើងនឹងឆ្លងទន្លេតាមស្ពានឈើបណ្តោះអាសន្ន។ "
        "វិស្វករបានរកឃើញស្នាមប្រេះជ្រៅនៅលើសសរថ្មបីក្រោយទឹកជំនន់ខុសធម្មតានៅរដូវក្តៅ។"
    ),
    "Chinese": (
        "市议会周一晚间经过长时间辩论后决定，在明年春天之前重建横跨河流的旧桥，并为此拨款四百万元。市长表示，工程将于十月动工，其间行人须经由"
        "临时搭建的木桥过河。工程师今年夏天在一场罕见的洪水之后，发现三座石墩出现深长裂缝。附近市场的商贩担心冬季会失去顾客，议会承诺在完工"
        "之前免除他们一半的年费，并把停车场迁到邻近的广场。"
    ),
    "Japanese": (
        "市議会は月曜日の夜、長い議論の末に、来年の春までに川に架かる古い橋を建て替えることを決定した。市長によれば工事は十月に始まり、費用は"
        "四億円の見込みで、その間は歩行者のために仮設の木橋を設けるという。技術者たちは夏の異例の洪水のあと、三本の石の橋脚に深いひび割れを"
        "見つけていた。近くの市場の商人たちは冬のあいだ客足が遠のくのを心配している。"
    ),
    "Korean": (
        "시의회는 월요일 저녁 긴 토론 끝에 내년 봄까지 강을 가로지르는 낡은 다리를 다시 짓기로 결정했다. 시장은 공사가 시월에 시작되며 비용은 "
        "사십억 원이 들 것이라고 밝혔고, 그동안 보행자는 임시로 놓은 나무다리로 강을 건너게 된다고 말했다. 기술자들은 여름에 이례적인 홍수가 "
        "지나간 뒤 돌기둥 세 곳에서 깊은 균열을 발견했다. 인근 시장 상인들은 겨울 동안 손님을 잃을까 걱정하고 있으며, 시의회는 공사가 끝날 "
        "때까지 연간 요금의 절반을 면제해 주기로 약속했다. 주차장은 근처 광장으로 옮겨질 예정이다."
    ),
    "Turkish": (
        "Belediye meclisi pazartesi akşamı uzun bir tartışmanın ardından ırmağın üzerindeki eski köprünün gelecek bahara "
        "kadar yeniden yapılmasına karar verdi. Başkan, işin ekim ayında başlayacağını ve dört milyon liraya mal olacağını, "
        "yayaların bu sırada ırmağı geçici bir ahşap köprüden geçeceğini söyledi. Mühendisler yazın alışılmadık bir taşkının "
        "ardından üç taş ayakta derin çatlaklar bulmuştu. Yakındaki çarşının esnafı kışın müşterilerini yitirmekten korkuyor; "
        "meclis işler bitene dek yıllık ücretin yarısını almayacağına söz verdi."
    ),
    "Vietnamese": (
        "Hội đồng thành phố tối thứ Hai sau một cuộc tranh luận dài đã quyết định xây lại cây cầu cũ bắc qua sông trước mùa "
        "xuân tới. Thị trưởng cho biết công trình sẽ khởi công vào tháng Mười và tốn bốn tỷ đồng, trong thời gian đó người đi "
        "bộ sẽ qua sông bằng một cây cầu gỗ tạm. Mùa hè vừa qua các kỹ sư đã phát hiện những vết nứt sâu ở ba trụ đá sau một "
        "trận lũ bất thường. Tiểu thương ở khu chợ gần đó lo mất khách trong mùa đông, và hội đồng hứa miễn cho họ một nửa lệ phí."
    ),
}


def others(name: str) -> list[str]:
    return [text for other, text in TEXTS.items() if other != name]


def kinds(a: str, b: str) -> list[str]:
    index = Index()
    index.add([make_article("a", a), make_article("b", b)])
    return [match.kind for match in index.matches()]


@pytest.mark.parametrize("name", TEXTS)
def test_edited_words(name: str) -> None:
    text = TEXTS[name]
    pool = [other[start:end] for other in others(name) for start, end in word_spans(other)]
    for seed in range(5):
        assert kinds(text, edit_words(text, 0.3, pool, random.Random(seed))), seed


@pytest.mark.parametrize("name", TEXTS)
def test_misread_characters(name: str) -> None:
    text = TEXTS[name]
    for seed in range(5):
        assert kinds(text, misread(text, 0.05, random.Random(seed))), seed


@pytest.mark.parametrize("name", TEXTS)
def test_embedded(name: str) -> None:
    host = others(name)
    assert kinds(TEXTS[name], embed(TEXTS[name], host, random.Random(1))) == ["excerpt"]


@pytest.mark.parametrize("name", TEXTS)
def test_no_other_text_matches(name: str) -> None:
    for other in others(name):
        assert kinds(TEXTS[name], other) == []


def test_the_dotless_i_is_another_letter() -> None:
    text = TEXTS["Turkish"]
    typed_without = text.replace("ı", "i")  # as on a foreign keyboard: other words, the same text
    assert kinds(text, typed_without) not in ([], ["exact"])
    assert kinds(text, text.upper()) not in ([], ["exact"])  # IRMAK folds to irmak


def test_marks_in_any_form() -> None:
    import unicodedata

    for name in ("Vietnamese", "Hindi", "Thai", "Greek", "Korean"):
        assert kinds(TEXTS[name], unicodedata.normalize("NFD", TEXTS[name])) == ["exact"]

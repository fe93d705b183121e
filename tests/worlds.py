"""Small worlds of our own in several languages and scripts: articles on different subjects, a footer, a notice."""
# ruff: noqa: E501  a letter of Chinese counts as two

from __future__ import annotations

from typing import NamedTuple

from dedup import Article


class Language(NamedTuple):
    """Four articles that have nothing to do with each other, as (headline, text), and what a publisher prints below."""

    articles: tuple[tuple[str, str], ...]
    footer: str


ENGLISH = Language(
    (
        (
            "Ferry to Marlow island cancelled for a month",
            "The ferry between Dunholm and the island of Marlow will not sail for a month. A survey of the hull found"
            " rust in two of the five tanks, the harbour office said. Islanders have to take the mail boat, which has"
            " room for eleven passengers. Farmers fear for the lambs they meant to sell at the spring market.",
        ),
        (
            "Choir sings in an empty swimming pool",
            "Forty singers climbed down a ladder on Saturday to perform a mass by Byrd in the drained baths of Kettering"
            " Lane. The conductor, Ruth Addy, praised an echo of nine seconds. The audience sat on towels along the"
            " edge. The pool, closed since a pipe burst, is to be filled again before the school holidays.",
        ),
        (
            "Beekeeper wins case against airport",
            "A court has awarded damages to a beekeeper whose hives stood below a new flight path. Expert witnesses"
            " measured vibrations that kept the queens from laying. The airport must pay for sixty colonies and move"
            " its holding pattern two miles north. The judge called honey yields a sober witness.",
        ),
        (
            "Library lends out telescopes",
            "Readers may now borrow a telescope for three nights, together with a red torch and a map of the sky. The"
            " first to do so was a retired bus driver who wished to see the rings of Saturn. Twelve instruments were"
            " paid for by a legacy. The waiting list already reaches into next winter.",
        ),
    ),
    "Want to read more stories like this one? Our subscribers get every edition on their phone, tablet and computer,"
    " with puzzles, recipes and a weekly letter from the editor. Cancel at any time. If you have spotted a mistake, use"
    " the form below and tell the readers' desk what is wrong with this page.",
)

GERMAN = Language(
    (
        (
            "Fähre nach Norderhall fällt aus",
            "Die Fähre von Brakum zur Insel Norderhall fährt einen Monat lang nicht. Gutachter fanden Rost in zwei von"
            " fünf Tanks, teilte das Hafenamt mit. Die Insulaner müssen das Postboot nehmen, in dem elf Menschen Platz"
            " haben. Landwirte sorgen sich um die Lämmer, die sie auf dem Frühjahrsmarkt verkaufen wollten.",
        ),
        (
            "Chor singt im leeren Schwimmbad",
            "Vierzig Sängerinnen und Sänger stiegen am Samstag über eine Leiter ins trockene Becken des Hallenbads, um"
            " eine Messe von Schütz aufzuführen. Dirigentin Ruth Adelmann lobte den Nachhall von neun Sekunden. Das"
            " Publikum saß auf Handtüchern am Rand. Seit einem Rohrbruch ist das Bad geschlossen.",
        ),
        (
            "Imker gewinnt gegen den Flughafen",
            "Ein Gericht hat einem Imker Schadenersatz zugesprochen, dessen Stöcke unter einer neuen Flugroute standen."
            " Sachverständige maßen Schwingungen, bei denen die Königinnen keine Eier legen. Der Flughafen zahlt für"
            " sechzig Völker und verlegt die Warteschleife um drei Kilometer nach Norden.",
        ),
        (
            "Bücherei verleiht Fernrohre",
            "Leser dürfen jetzt für drei Nächte ein Fernrohr ausleihen, dazu eine rote Lampe und eine Karte des Himmels."
            " Als Erster kam ein pensionierter Busfahrer, der die Ringe des Saturn sehen wollte. Zwölf Geräte wurden"
            " aus einem Nachlass bezahlt. Die Warteliste reicht bis in den nächsten Winter.",
        ),
    ),
    "Sie möchten weiterlesen? Mit unserem Angebot haben Abonnenten Zugang zu allen Ausgaben auf Handy, Tablet und"
    " Rechner, dazu Rätsel, Rezepte und jede Woche einen Brief aus der Chefredaktion. Jederzeit kündbar. Wenn Ihnen ein"
    " Fehler aufgefallen ist, füllen Sie bitte das Formular unten auf dieser Seite aus.",
)

RUSSIAN = Language(
    (
        (
            "Паром на остров Вересень отменён на месяц",
            "Паром между городом Данхольм и островом Вересень не будет ходить целый месяц. Осмотр корпуса показал"
            " ржавчину в двух из пяти баков, сообщили в портовой конторе. Островитянам придётся плыть на почтовом"
            " катере, где помещается одиннадцать пассажиров. Фермеры опасаются за ягнят, которых хотели продать весной.",
        ),
        (
            "Хор выступил в пустом бассейне",
            "Сорок певцов спустились в субботу по лестнице в осушенный бассейн, чтобы исполнить мессу Бёрда. Дирижёр Рут"
            " Адлер похвалила эхо длиной в девять секунд. Слушатели сидели на полотенцах вдоль бортика. Бассейн закрыли"
            " после аварии трубы и снова наполнят до школьных каникул.",
        ),
        (
            "Пчеловод выиграл суд у аэропорта",
            "Суд присудил компенсацию пчеловоду, чьи ульи стояли под новым маршрутом самолётов. Эксперты измерили"
            " вибрации, из-за которых матки не откладывали яйца. Аэропорт заплатит за шестьдесят семей и перенесёт зону"
            " ожидания на три километра севернее. Судья назвал медосбор трезвым свидетелем.",
        ),
        (
            "Библиотека выдаёт телескопы",
            "Читатели теперь могут взять телескоп на три ночи вместе с красным фонариком и картой неба. Первым пришёл"
            " бывший водитель автобуса, мечтавший увидеть кольца Сатурна. Двенадцать приборов купили на средства из"
            " завещания. Очередь уже тянется до следующей зимы.",
        ),
    ),
    "Хотите читать больше таких историй? Наши подписчики получают каждый выпуск на телефон, планшет и компьютер, а также"
    " кроссворды, рецепты и еженедельное письмо редактора. Отказаться можно в любое время. Если вы заметили ошибку,"
    " заполните форму внизу страницы и напишите, что именно не так.",
)

ARABIC = Language(
    (
        (
            "إلغاء رحلات العبارة إلى جزيرة مرلو شهرا كاملا",
            "لن تبحر العبارة بين ميناء دنهولم وجزيرة مرلو مدة شهر كامل. وجد المهندسون صدأ في خزانين من خمسة خزانات في"
            " بدن السفينة كما قال مكتب الميناء. على سكان الجزيرة ركوب قارب البريد الذي يتسع لأحد عشر راكبا. ويخشى"
            " المزارعون على الحملان التي أرادوا بيعها في سوق الربيع.",
        ),
        (
            "جوقة تغني في مسبح فارغ",
            "نزل أربعون مغنيا السبت على سلم إلى حوض السباحة الجاف كي يؤدوا قداسا قديما. أشادت قائدة الجوقة روث عدي بصدى"
            " يدوم تسع ثوان. جلس الجمهور على المناشف حول الحافة. أغلق المسبح بعد انفجار أنبوب وسوف يملأ مجددا قبل عطلة"
            " المدارس.",
        ),
        (
            "نحال يكسب دعوى ضد المطار",
            "حكمت محكمة بتعويض نحال كانت خلاياه تحت مسار جديد للطائرات. قاس الخبراء اهتزازات منعت الملكات من وضع البيض."
            " يدفع المطار ثمن ستين طائفة وينقل منطقة الانتظار ثلاثة كيلومترات نحو الشمال. وصف القاضي محصول العسل بأنه"
            " شاهد رصين.",
        ),
        (
            "المكتبة تعير التلسكوبات",
            "يستطيع القراء الآن استعارة تلسكوب ثلاث ليال مع مصباح أحمر وخريطة للسماء. أول من جاء سائق حافلة متقاعد أراد"
            " رؤية حلقات زحل. اشتريت اثنتا عشرة أداة من تركة. وقائمة الانتظار تصل إلى الشتاء المقبل.",
        ),
    ),
    "هل تريد قراءة مزيد من هذه القصص؟ يحصل المشتركون على كل عدد في الهاتف والحاسوب مع الألغاز والوصفات ورسالة أسبوعية من"
    " رئيس التحرير. يمكن الإلغاء في أي وقت. إذا لاحظت خطأ فاملأ النموذج في أسفل هذه الصفحة وأخبر مكتب القراء بما هو غير"
    " صحيح فيها.",
)

CHINESE = Language(
    (
        (
            "马洛岛渡轮停航一个月",
            "从邓霍姆开往马洛岛的渡轮将停航一个月。港务局说，检查发现船体五个水舱中有两个生锈。岛民只好改乘邮船，船上只能坐十一人。农民担心"
            "原本要在春季集市出售的羊羔。",
        ),
        (
            "合唱团在空泳池里演唱",
            "四十名歌手星期六顺着梯子下到放干的泳池，演出一部古老的弥撒曲。指挥露丝称赞那里有九秒钟的回声。听众坐在池边的毛巾上。水管破裂后"
            "泳池一直关闭，学校放假前会重新注水。",
        ),
        (
            "养蜂人告赢机场",
            "法院判给一名养蜂人赔偿，他的蜂箱正好在新航线下面。专家测到的震动使蜂王不再产卵。机场要赔六十群蜜蜂的钱，并把等待空域向北移三公里。"
            "法官说蜂蜜产量是清醒的证人。",
        ),
        (
            "图书馆出借望远镜",
            "读者现在可以借望远镜三个晚上，另附红色手电和星图。第一位借阅者是退休的公交司机，他想看土星的光环。十二台仪器由一笔遗产购买。排队"
            "的人已经排到明年冬天。",
        ),
    ),
    "想阅读更多这样的故事吗？订户可以在手机、平板和电脑上看到每一期报纸，还有谜语、菜谱和总编辑每周的来信，随时可以取消。如果您发现错误，请填"
    "写本页下方的表格，告诉读者服务部哪里不对。",
)

JAPANESE = Language(
    (
        (
            "マーロウ島行きフェリー、一か月運休",
            "ダンホルムとマーロウ島を結ぶフェリーが一か月間運休する。港湾事務所によると、点検で船体の五つのタンクのうち二つにさびが見つかった。"
            "島民は定員十一人の郵便船を使うしかない。農家は春の市で売るはずだった子羊を心配している。",
        ),
        (
            "合唱団、空のプールで歌う",
            "四十人の歌い手が土曜日、はしごで水のないプールに降り、古いミサ曲を披露した。指揮者のルースさんは九秒も続く残響をほめた。聴衆は縁に敷いた"
            "タオルに座った。水道管の破裂で閉まっていたプールは、夏休み前に再び満たされる。",
        ),
        (
            "養蜂家、空港に勝訴",
            "新しい飛行経路の下に巣箱を置いていた養蜂家に、裁判所が賠償を認めた。専門家は女王蜂が卵を産まなくなる振動を測定した。空港は六十群の代金を"
            "払い、待機空域を北へ三キロ移す。裁判官は蜜の量を冷静な証人と呼んだ。",
        ),
        (
            "図書館が望遠鏡を貸し出し",
            "利用者は望遠鏡を三晩借りられるようになった。赤い懐中電灯と星図も付く。最初に来たのは土星の輪を見たかった元バス運転手だ。十二台は遺産で"
            "購入された。順番待ちはすでに次の冬まで続いている。",
        ),
    ),
    "このような記事をもっと読みたいですか。購読者はすべての版を電話やタブレットやパソコンで読むことができ、パズルと料理と編集長からの毎週の手紙も届き"
    "ます。いつでも解約できます。間違いに気づいた方は、このページの下の欄に書いて読者係までお知らせください。",
)

LANGUAGES = {
    "en": ENGLISH,
    "de": GERMAN,
    "ru": RUSSIAN,
    "ar": ARABIC,
    "zh": CHINESE,
    "ja": JAPANESE,
}


def page(number: int, title: str, text: str, **fields: object) -> Article:
    """An article by number."""
    return Article(id=f"{number:03}", title=title, text=text, **fields)  # type: ignore[arg-type]

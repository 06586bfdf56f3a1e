"""Words that stand in much of what is written in a language, so that a phrase which looks like one of them is noticed.

Arabic: the words, names of people and places left out, that at least one in twenty of 2,000 articles of fourteen papers
has (any topic, 2015); `EVERYWHERE` those that a quarter has. English: likewise from 90 news articles, words of war left
out, with the commonest words of the language. `_BESIDES`, both languages: words of any day's news that those articles
happened not to have often enough, and everyday words that are also names, chosen by hand and not counted.
"""

from __future__ import annotations

from typing import Final

_NEARLY_ALWAYS = {
    "ar": """
        في من على أن إلى التي عن مع الذي خلال ما بعد هذا هذه حيث كما بين لا ذلك أو أنه كل قبل العام اليوم
        كان وقال وفي لم حتى عدد
    """,
    "en": """
        the of in on a and to that for by at said with were from has was as an is have been it also which
        out after its be had their are they more not he who this but
    """,
}
_OFTEN = {
    "ar": """
        عام أكثر أي أمس له ومن وذلك قد فيها تم وهو هو بها لها إلا غير الماضي أخرى كانت العامة منطقة منها بعض
        منذ العمل الأول وأن فيه الذين عبر المنطقة فيما أحد بشكل بأن جميع به تلك ثم مثل وقد وأضاف ولا وهي
        إدارة عليه يوم هي عليها أنها مدينة هناك مجلس وأوضح يكون مدير وكان بما دون العالم والتي إضافة نحو عند
        أيضا ضمن قال آخر حول خاصة أمام داخل الأولى الأمر الثاني فإن كبير وزارة يمكن لكن لهم مما وعلى الوقت
        بسبب يتم الخاصة ألف تكون أجل أكبر بل ولم وما وأكد تحت أول وزير مستوى عاما لدى كبيرة جديدة عدة عندما
        كافة المقبل مشيرا الفريق فقط جانب شهر أكد أيام والذي عدم الدولي عمل الفترة مليون سنوات نفسه إليه لكل
        مختلف ليس المجتمع إذا العالمية الآن حين وهذا وكانت أما الدول الكثير نهاية وجود الوطني ضد محافظة
        السابق الخبر شركة صاحب الماضية حالة ولكن وأشار المدينة ذات مركز عملية ثلاثة وكذلك وقت طريق دول
        الجهات مجموعة فريق فقد لجنة إذ اللجنة تقديم بينما لن الأعمال الأخيرة الداخلية التواصل القدم الجديد
        الحالي الأسبوع رابط الجميع الشباب البلاد العديد وقالت الأخرى أفضل وبين لأن لما فترة بالإضافة وتم
        حاليا الاجتماعي الثانية سواء ظل أثناء التعاون يجب ريال مساء بداية وفق الخدمات منه أهمية تحقيق لهذا
        الجديدة الرسمي جهة وسط واحد الاتحاد سبق مؤكدا منهم حال بكل الخميس واحدة نائب المحلية يذكر المختلفة
        الإدارة عنه الجمعة النادي بيان مناطق صالح الحكومة المتحدث دولار يعد موقع تقوم المواطنين عين هيئة رفع
        مجال الناس وفقا تنظيم شخص لمدة الشيخ تقدم بناء الدولة زيادة دعم عيد حسب بهدف إحدى رجال أشهر وسائل
        الكبير السوق دور أهم الخاص كبيرا برنامج جديد أعلن رغم مقابل يأتي الساعة أعمال مشروع وبعد الأحد عقد
        مدى يقوم الموسم عمليات مرة العاصمة المالية مواقع ولي باسم إثر بأنه إطار بدأ جاء تطوير كثير وحتى دولة
        عنها الإعلام لذلك أبناء وغيرها سيكون مختلفة الحياة نتيجة بدأت المركز
    """,
    "en": """
        people two state all him her his them will would against since over or one last into some than when
        between about near other no according up during we based news around any called those several there
        most where earlier year us week many three country what years day could local so if now because days
        while number before added i led first new among five six part front statement world say both others
        left even these members continue place meanwhile another can early only support may secretary under
        made do end long down time did back such our month says hours months white past well across women
        taken took use further later along you still recent former being using power then deal must should
        until make made get got go went come came see saw know think want like just very how why way own
        good home water right rights house school work money man men life set put run ran may might shall
        never always since every few much less little next great high low large small old young second half
    """,
}
_BESIDES = {
    "ar": """
        وأوضحت وأضافت وأشارت وذكر وذكرت وأفاد وأفادت وأعلن وأعلنت وأعرب وشدد وشددت ولفت ونقلت ونقل وتابع وتابعت وصرح
        وتحدث ويأتي وتأتي وجاء وجاءت جاءت ذكرت قالت أضاف أضافت أوضح أفاد أكدت أشار أشارت أعلنت طالب طالبت دعا دعت
        طلب نقل نقلت وصل وصلت عاد عادت بلغ بلغت تجاوز شهد شهدت تشهد يشهد تمكن تمكنت استمر تستمر يستمر بقي ظلت أصبح
        أصبحت يصبح صار بات ليست لست ليسوا كانوا يكن تكن نكون أكون سوف سيتم ستكون ولن ولكنه لكنه لكنها لأنه لأنها
        بأنها وأنه وأنها وإن فإنه إليها إليهم لديه لديها لدينا معه معها معهم عليهم علينا فيهم بهم بنا لنا لكم منا
        منكم عنهم حولها حوله بينهم بينها خلالها خلاله بعدها بعده قبلها قبله عندها هنا هؤلاء أولئك هما هم نحن أنت أنا
        أنهم أنني إنه إنها إنما كأن لعل ليت مهما حينما طالما ريثما كيف لماذا متى أين كم ماذا كذلك أيضاً جدا تماما
        فورا دائما أبدا ربما تقريبا غالبا أحيانا قريبا بعيدا سابقا لاحقا مجددا فضلا علما نظرا خصوصا تحديدا مباشرة
        حديثا أخيرا أولا ثانيا ثالثا معا سويا وحده وحدها جزء جزءا نصف ربع ثلث مئة مائة مئات آلاف مليار ملايين عشرة
        عشرين خمسة خمس ستة سبعة ثمانية تسعة أربعة أربع ثلاث اثنين عشرات بضعة السبت الاثنين الثلاثاء الأربعاء صباح
        ليلة ليل ظهر فجر نهار أسبوع أسابيع ساعة ساعات دقيقة دقائق يومين شهرين سنة عامين يناير فبراير مارس أبريل مايو
        يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين شمال
        جنوب شرق غرب الشرق الغرب الشمال الجنوب يمين يسار فوق خارج وراء خلف أسفل أعلى قرب بالقرب رئيس الرئيس رئاسة
        وزراء الوزراء الوزير حكومة قانون القانون قرار القرار قرارات اجتماع الاجتماع لقاء اللقاء مؤتمر المؤتمر اتفاق
        الاتفاق اتفاقية قمة زيارة الزيارة مباحثات محادثات علاقات العلاقات سياسة السياسة السياسية السياسي اقتصاد
        الاقتصاد الاقتصادية الاقتصادي ملف قضية القضية قضايا مسألة موضوع أزمة الأزمة حل الحل حلول خطة الخطة خطوة
        مبادرة دعوة رسالة كلمة صورة الصورة خبر أخبار صحيفة الصحيفة وكالة قناة موقعها صفحة تقرير التقرير مصدر مصادر
        المصدر معلومات تصريحات تصريح حديث الحديث سؤال جواب رأي الرأي نظر وجه أمر شيء أشياء نوع طرف أطراف جانبه
        جانبها قيادة القيادة قائد مسؤول المسؤولين مدير عضو أعضاء ممثل سفير خبير محلل كاتب صحفي طالبات طلاب الطلاب
        جامعة مدرسة تعليم التعليم صحة الصحة مستشفى شعب الشعب الناس مواطن المواطن رجل امرأة المرأة النساء طفل الأطفال
        أطفال شاب عائلة أسرة ابن أب أم أخ بيت منزل قرية بلدة حي شارع ساحة بلد البلد أرض الأرض ماء المياه بحر نهر جبل
        هواء سماء نار نور حق الحق حقوق حقيقة سلام السلام أمن الأمن أمل فرصة نجاح فشل قوة القوة سبب أسباب أثر تأثير
        هدف أهداف فكر فكرة معنى مبدأ قيمة سعر أسعار مال المال حماة درعا حسن جميل كريم سعيد عادل صالحة فارس رائد هدى
        ليلى نصر فتح جهاد بدر قمر شمس
    """,
    "en": """
        according announced asked believe called came comes coming continued could days decision during each effort
        end ever everyone everything expected face fact far few find following found full gave give given goes going
        got group groups hand hard head held help her here hers herself himself hold hours however idea important
        including instead issue issues itself job keep kept known large lead least leave less let level likely line
        list little live local look looking lost lot lots main making matter mean means meet meeting member might
        million billion minister moment monday tuesday wednesday thursday friday saturday sunday morning evening
        night nothing nine office officials official often open order our ours ourselves outside own page party
        percent perhaps person place plan plans point police policy possible president press prime problem process
        program project public question quite rather read ready real really reason received record remain remains
        report reported reports result return right role room same second see seen sense sent series serious service
        services seven eight set several she short should show side similar simply since social someone something
        soon spokesman spokesperson source sources start started stay step stop story street strong study sure
        system talk talks tell ten their theirs themselves there thing things third though thought through thus
        today together told tomorrow too took top total toward towards town turn twice type until upon using various
        version view visit voice wait walk wall wanted watch ways website week weeks went west western east eastern
        north northern south southern whether which whole whose why wide within without woman word words worked
        working wrote year yesterday yet young your yours january february march april june july august september
        october november december government governments leader leaders ministers law court city cities state states
        nation nations national international foreign political economic economy business company market markets
        price prices money bank trade oil energy power school schools student students university health hospital
        doctor family families child children mother father son daughter brother friend friends team game games
        season player match play win won race club cup final fall rose rise mark hope bill post base unit round
        charge board bush brown green black red blue king queen bishop cook baker stone wood field hill ford reading
        nice mobile
    """,
}
EVERYWHERE: Final = {language: frozenset(words.split()) for language, words in _NEARLY_ALWAYS.items()}
"""By language: words that a condition must not be content with."""

FREQUENT: Final = {
    language: EVERYWHERE[language] | frozenset(words.split()) | frozenset(_BESIDES[language].split())
    for language, words in _OFTEN.items()
}
"""By language: words that a phrase should not be mistaken for."""

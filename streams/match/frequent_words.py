"""Words that stand in much of what is written in a language, so that a phrase which looks like one of them is noticed.

Arabic: the words, names of people and places left out, that at least one in twenty of 2,000 articles of fourteen papers
has (any topic, 2015); `EVERYWHERE` those that a quarter has. English: likewise from 90 news articles, words of war left
out, with the commonest words of the language.
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
EVERYWHERE: Final = {language: frozenset(words.split()) for language, words in _NEARLY_ALWAYS.items()}
"""By language: words that a condition must not be content with."""

FREQUENT: Final = {language: EVERYWHERE[language] | frozenset(words.split()) for language, words in _OFTEN.items()}
"""By language: words that a phrase should not be mistaken for."""

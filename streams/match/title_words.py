"""Words that only join a title's other words, or say in general what the others say, and words beside a place."""

from __future__ import annotations

from typing import Final

GLUE: Final = {
    "ar": """
        في من على إلى عن مع ما لا أن إن أنه أنها التي الذي الذين هذا هذه ذلك تلك كما بين أو ثم قد لقد حيث إذ كل بعض غير
        بعد قبل خلال إثر جراء وسط عقب أثناء حتى منذ عند لدى نحو حول قرب بالقرب ضد ضمن داخل خارج عبر بسبب نتيجة وفق وفقا
        حسب بحسب أمام تحت فوق دون ضمنها وهو وهي هو هي هم كان كانت يكون تكون به بها له لها لهم منه منها فيه فيها عليه
        عليها إليه إليها وقد ولم وكان وذلك بأن لأن
        مدينة المدينة بلدة البلدة قرية القرية ريف محافظة منطقة المنطقة محيط أطراف حي
        أكثر أقل عدد عدة آخر آخرين آخرون أخرى جديد جديدة جديدا عاجل شاهد بالصور بالفيديو فيديو صور خبر تقرير
        اليوم أمس قال قالت أعلن أعلنت تعلن يعلن أفاد أفادت مصدر مصادر وكالة ناشطون المرصد
    """,
    "en": """
        the a an of in on at to for from by with and or as after before amid over near under upon about its
        their his her it they them he she is are was were be been being has have had do does did will would may might
        can could that this these those which who whom whose when while where there than then so but if
        more most least less several many some all both other others another new newly latest breaking update updated
        exclusive video watch photos live least around outside inside across between during since until through amidst
        city town village area province countryside district region
        say says said saying report reports reported reportedly sources source official officials today yesterday
    """,
}
"""By language; two titles may differ in them."""

BESIDE: Final = "near outside towards قرب بالقرب ريف بريف شمال جنوب شرق غرب شمالي جنوبي شرقي غربي نحو باتجاه"
"""Words before the name of a place beside which something is."""
SIDES: Final = "north south east west northeast northwest southeast southwest"
"""Likewise before "of"."""
OUTSIDE: Final = "countryside"
"""Likewise behind it."""
OFFICES: Final = "minister ministers ministry ministries affairs secretary secretaries office offices"
"""What is called so behind "foreign" is no foreigner's."""

"""Pages that stand where an article should, and short articles that only speak like one."""

from __future__ import annotations

import pytest

from streams.errors import FetchError
from streams.ingest.readers import read_page

LOST = "The page that you are looking for is not here; please go back to the front page of our site."
NONE = "عذرا لم نجد ما تبحث عنه يرجى العودة إلى الصفحة الرئيسية للموقع والبحث من جديد"
TALKS = "The foreign minister said on Sunday that talks would go on."


def _page(title: str, text: str) -> bytes:
    return f"<html><title>{title}</title><article><h1>{title}</h1><p>{text}</p></article></html>".encode()


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 killed in strikes", "At least 404 people were killed in strikes on the city on Sunday, doctors said."),
        ("حصيلة القتلى ترتفع إلى 404", "قالت وزارة الصحة يوم الأحد إن حصيلة القتلى ارتفعت إلى 404 قتلى بعد القصف"),
        ("المادة 140 غير موجودة", "قال النائب إن المادة 140 من الدستور لا تزال نافذة وإن القوات يجب أن تغادر"),
        ("لم يتم العثور على المادة المشعة", "قالت الوكالة إنه لم يتم العثور على المادة المشعة في الموقع الذي قصف"),
        (
            "Access denied to Idlib",
            "Humanitarian access has been denied to three towns near Idlib since Friday, the UN said.",
        ),
        ("Hunger", "Aid groups said access denied by the army for a week has left thousands without food."),
        ("حظر المساعدات", "قالت الأمم المتحدة إنه تم حظر وصول المساعدات إلى بلدات في ريف إدلب منذ يوم الجمعة"),
        ("Lorries", "Residents saw unusual traffic of military lorries near the border on Sunday, it said."),
        ("Sweden", "Sweden, already a member of the alliance, asked that Russian troops leave Ukraine."),
        ("UN", "Some 2,000 displaced families are already registered in camps near Idlib, the UN said."),
        ("Council", "Ten seats are reserved for members of the opposition, which left the talks on Sunday."),
        ("Bloc", "The bloc held a members-only meeting and called on foreign forces to leave at once."),
    ],
)
def test_short_news_in_words_of_walls_was_none(title: str, text: str) -> None:
    """Many agencies write no more than that, and their feeds have the headline alone: the article was lost."""
    assert text in read_page(_page(title, text)).text


@pytest.mark.parametrize(
    ("title", "text", "cause"),
    [
        ("404", LOST, "soft_not_found"),
        ("404 | The Herald", LOST, "soft_not_found"),
        ("Oops! 404 error", LOST, "soft_not_found"),
        ("Error 404", LOST, "soft_not_found"),
        ("خطأ 404", NONE, "soft_not_found"),
        ("404 - الصفحة غير موجودة", NONE, "soft_not_found"),
        ("لم يتم العثور على المادة المطلوبة", NONE, "soft_not_found"),
        ("Access Denied", "You don't have permission to access this address on this server. Ref 18.2d", "blocked"),
        ("Sorry", "Access to this page has been denied because we believe that you use automation tools.", "blocked"),
        ("Sorry", "Our systems have detected unusual traffic from your computer network just now.", "blocked"),
        ("تنبيه", "تم حظر وصولك إلى هذا الموقع بسبب نشاط مشبوه من عنوان الإنترنت الخاص بك", "blocked"),
        ("Talks", f"{TALKS} Already a subscriber? Log in", "login_wall"),
        ("Talks", f"{TALKS} Already registered? Sign in here.", "login_wall"),
        ("Talks", f"{TALKS} This content is only available to members.", "login_wall"),
        ("Talks", f"{TALKS} The rest of this article is reserved for our subscribers.", "login_wall"),
        ("Talks", f"{TALKS} Members-only content; join us today.", "login_wall"),
        ("Talks", f"{TALKS} Create a free account to continue reading.", "login_wall"),
    ],
)
def test_a_wall_is_told_by_what_it_says(title: str, text: str, cause: str) -> None:
    """In its headings, or to its reader."""
    with pytest.raises(FetchError) as raised:
        read_page(_page(title, text))
    assert raised.value.cause == cause

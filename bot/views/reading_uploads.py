"""Views of readings in a file: hints of its form, and what it stored."""

from bot.formatting.reading_uploads import list_check_remarks, list_receipt_blocks
from bot.keyboards import Go, build_button, build_inline_keyboard
from bot.services.reading_uploads import UploadCheck, UploadReceipt
from bot.texts import Texts
from bot.views.forms import Hints, Link
from bot.views.menus import build_menu_button
from bot.views.view import View


def build_question_hint(texts: Texts) -> Hints:
    return Hints(
        links=(Link(words=texts("button-upload-template"), target=Go(to="upload_template")),)
    )


def build_check_hint(check: UploadCheck, texts: Texts) -> Hints:
    """For the review card."""
    return Hints(remarks=tuple(list_check_remarks(check, texts)))


def render_submitted(receipt: UploadReceipt, texts: Texts) -> View:
    return View(
        text="\n\n".join(list_receipt_blocks(receipt, texts)),
        keyboard=build_inline_keyboard(
            [build_button(texts("button-meters"), Go(to="history"))],
            [
                build_button(texts("button-to-readings"), Go(to="readings")),
                build_menu_button(texts),
            ],
        ),
    )

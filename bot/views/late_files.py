"""Views of files that arrive outside the file step of a form."""

from collections.abc import Sequence

from bot.domain import Request
from bot.fsm.model import Rejected
from bot.keyboards import LateFiles, build_button, build_inline_keyboard
from bot.texts import Texts
from bot.views.forms import format_complaint
from bot.views.menus import build_menu_button
from bot.views.view import View, escape


def render_offer(
    names: Sequence[str], request: Request | None, rejected: Rejected | None, texts: Texts
) -> View:
    """``request`` is None while it is being filled in; ``rejected``: why one more is not kept."""
    number = request.number if request else ""
    place = request.id if request else 0
    words = texts(
        "late-files",
        names="\n".join(f"• {escape(name)}" for name in names),
        count=len(names),
        place="request" if request else "draft",
        number=number,
    )
    if rejected:
        words = f"⚠️ {format_complaint(rejected.code, rejected, texts)}\n\n{words}"
    return View(
        text=words,
        keyboard=build_inline_keyboard(
            [
                build_button(
                    texts("button-attach-late"),
                    LateFiles(act="attach", request=place),
                )
            ],
            [build_button(texts("button-leave-late"), LateFiles(act="leave", request=place))],
        ),
    )


def render_attached(
    request: Request, attached: int, rejected: Sequence[Rejected], texts: Texts
) -> View:
    lines = [f"⚠️ {format_complaint(one.code, one, texts)}" for one in rejected]
    if attached:
        lines.insert(0, texts("late-files-attached", count=attached, number=request.number))
    return View(text="\n\n".join(lines), keyboard=build_inline_keyboard([build_menu_button(texts)]))

"""Messages that no question asked for: passed on where the person says, never silently dropped."""

from dataclasses import replace

from aiogram import Bot, F, Router
from aiogram.filters import BaseFilter
from aiogram.types import CallbackQuery, Message

from bot import views
from bot.domain import Account
from bot.fsm.model import Rejected
from bot.handlers.consumer.context import ChatContext, LoggedIn
from bot.handlers.consumer.forms import Forms
from bot.handlers.consumer.request_messages import pass_to_staff, show_passed
from bot.keyboards import LooseMessages
from bot.services.errors import RequestUnknown
from bot.services.request_messages import RequestMessages
from bot.services.requests import Requests
from bot.services.scans import FILES_PER_DRAFT, Scans
from bot.telegram.callback_answer import CallbackAlert
from bot.telegram.filters import Matches
from bot.telegram.message_content import read_message

_FILE = F.photo | F.document | F.live_photo.photo
#: So many messages wait at once for a choice.
_MOST = 10
#: So many requests are offered.
_OFFERED = 3


class ReviewOnScreen(BaseFilter):
    """Passes while the review card of a form that takes files is on screen."""

    async def __call__(self, message: Message, context: ChatContext, forms: Forms) -> bool:
        return forms.can_take_late_files(context)


class NoFormOnScreen(BaseFilter):
    """Passes while no form is on screen, unless the words may repeat a secret."""

    async def __call__(self, message: Message, context: ChatContext, forms: Forms) -> bool:
        return not forms.is_on_screen(context) and not context.conversation.after_secret


def build_loose_messages_router() -> Router:
    router = Router(name="loose-messages")

    @router.message(Matches(_FILE), LoggedIn(), ReviewOnScreen())
    async def offer_to_attach(
        message: Message, context: ChatContext, forms: Forms, bot: Bot
    ) -> None:
        """A file after «Готово» is offered to the form, unless it takes files at any time."""
        conversation, received = context.conversation, read_message(message, context.texts)
        draft = conversation.draft
        if received is None or draft is None:
            return
        if received.file is not None and forms.can_take_files_aside(context):
            await forms.attach(context, bot, received.file)
            return
        too_many = len(conversation.list_loose(draft.id)) >= FILES_PER_DRAFT
        if not too_many:
            conversation.loose_messages.append(replace(received, draft_id=draft.id))
        if conversation.continue_album(received.content.album):
            context.screen.keep_in_place()
        await context.screen.show(
            views.loose_messages.render_form_offer(
                [one.content for one in conversation.list_loose(draft.id)],
                Rejected("files-too-many", limit=FILES_PER_DRAFT) if too_many else None,
                context.texts,
            ),
            asking=True,
        )

    @router.message(
        Matches((F.text & ~F.text.startswith("/")) | _FILE),
        LoggedIn(),
        NoFormOnScreen(),
    )
    async def offer_to_pass(
        message: Message, context: ChatContext, account: Account, requests: Requests
    ) -> None:
        conversation, received = context.conversation, read_message(message, context.texts)
        if received is None:
            return
        too_many = len(conversation.list_loose(None)) >= _MOST
        if not too_many:
            conversation.loose_messages.append(received)
        if conversation.continue_album(received.content.album):
            context.screen.keep_in_place()
        await context.screen.show(
            views.loose_messages.render_offer(
                [one.content for one in conversation.list_loose(None)],
                await requests.list_open(account.id, _OFFERED),
                await context.get_draft_titles(),
                context.catalogue,
                context.company,
                context.texts,
                rejected=Rejected("messages-too-many", limit=_MOST) if too_many else None,
            )
        )

    @router.callback_query(LooseMessages.filter(F.act == "leave"), LoggedIn())
    async def leave_messages(_: CallbackQuery, context: ChatContext) -> None:
        context.conversation.take_loose(None)
        await context.show_menu()

    @router.callback_query(LooseMessages.filter(F.act == "leave_files"), LoggedIn())
    async def leave_files(_: CallbackQuery, context: ChatContext, forms: Forms) -> None:
        draft = context.conversation.draft
        if draft is None:
            await context.show_menu()
            return
        context.conversation.take_loose(draft.id)
        await forms.resume(context)

    @router.callback_query(LooseMessages.filter(F.act == "attach"), LoggedIn())
    async def attach_files(
        _: CallbackQuery, context: ChatContext, forms: Forms, bot: Bot, alert: CallbackAlert
    ) -> None:
        draft = context.conversation.draft
        taken = context.conversation.take_loose(draft.id) if draft else []
        if not taken or not await forms.open_files(context):
            alert.text = context.texts("outdated")
            await context.show_menu()
            return
        for one in taken:
            if one.file is not None:
                context.screen.keep_in_place()
                await forms.attach(context, bot, one.file)

    @router.callback_query(LooseMessages.filter(F.act == "pass"), LoggedIn())
    async def pass_messages(
        _: CallbackQuery,
        callback_data: LooseMessages,
        context: ChatContext,
        account: Account,
        requests: Requests,
        request_messages: RequestMessages,
        scans: Scans,
        bot: Bot,
        alert: CallbackAlert,
    ) -> None:
        request = await requests.get(account.id, callback_data.request)
        taken = context.conversation.take_loose(None)
        if not taken or request is None:
            alert.text = context.texts("outdated")
            await context.show_menu()
            return
        rejected = []
        for one in taken:
            try:
                request = await pass_to_staff(
                    one, context, account, request.id, request_messages, scans, bot
                )
            except Rejected as why:
                rejected.append(why)
            except RequestUnknown:
                await context.screen.show(views.requests.render_unknown(context.texts))
                return
        await show_passed(context, request, rejected, all_rejected=len(rejected) == len(taken))

    return router

"""Context of one update in a private chat, and the filter for consumers who are logged in."""

from dataclasses import dataclass, replace
from typing import Any

from aiogram.filters import BaseFilter
from aiogram.types import TelegramObject

from bot import views
from bot.domain import Account, Chat
from bot.formatting.company import Company
from bot.formatting.forms import format_title
from bot.fsm.model import Draft, Rejected
from bot.handlers.consumer.conversation import Conversation
from bot.handlers.consumer.screen import Screen
from bot.request_types import Catalogue
from bot.services.site_forms import SiteForms
from bot.texts import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatContext:
    """Who writes, what the conversation holds, and what views are rendered with.

    ``sender_name`` is the person's name in Telegram.
    """

    chat: Chat
    sender_name: str
    conversation: Conversation
    screen: Screen
    texts: Texts
    company: Company
    catalogue: Catalogue
    site_forms: SiteForms

    def require_account(self) -> Account:
        """The account that is logged in; raises Rejected ``session-over``."""
        if self.chat.account is None:
            raise Rejected("session-over")
        return self.chat.account

    async def show_menu(self) -> None:
        """The menu of a guest or of a consumer; unfinished forms wait behind its buttons."""
        self.conversation.press_after_login = None
        await self.screen.show(
            views.menus.render_menu(self.chat, self.texts, drafts=await self.get_draft_titles())
        )

    async def list_drafts(self) -> list[Draft]:
        """The drafts of this chat, then those of the account that wait on the site if it is on."""
        drafts = {draft.id: draft for draft in self.conversation.list_drafts()}
        if self.company.site_url is not None and self.chat.account is not None:
            for draft in await self.site_forms.list_on_site(self.chat.account.id):
                drafts.setdefault(draft.id, draft)
        return list(drafts.values())

    async def get_draft_titles(self) -> dict[str, str]:
        """The titles of unfinished forms by the ids of their drafts, in the order to offer them."""
        return {
            draft.id: format_title(draft.form, self.catalogue, self.texts)
            for draft in await self.list_drafts()
        }

    def with_language(self, texts: Texts, chat: Chat) -> "ChatContext":
        return replace(self, texts=texts, chat=chat)


class LoggedIn(BaseFilter):
    """Passes consumers who are logged in and provides their ``account``."""

    async def __call__(self, event: TelegramObject, context: ChatContext) -> bool | dict[str, Any]:
        account = context.chat.account
        return False if account is None else {"account": account}

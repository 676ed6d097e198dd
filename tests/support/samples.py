"""Rows and accounts that most tests need first, and how long data are kept in tests."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select, update

from bot.db.database import Tx
from bot.db.models import AccountRow, AuditRow, ConsentRow
from bot.domain import Account, Address, Answer, Category, Channel, Consent, StoredFile
from bot.services.accounts import Accounts
from bot.services.personal_data import Retention

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
#: The end of a login that no test outlives.
FAR_FUTURE = NOW + timedelta(days=10_000)
ANSWERS = (
    Answer(key="address", label="Адрес", value="Ленина, 1"),
    Answer(key="power", label="Мощность", value="15 кВт"),
)

RETENTION = Retention(
    requests=timedelta(days=1000),
    scans=timedelta(days=300),
    conversations=timedelta(days=90),
    notices=timedelta(days=30),
)


async def add_account(
    tx: Tx,
    email: str = "ivanova@example.ru",
    name: str = "Иванова Анна Петровна",
    phone: str = "+79123456789",
) -> Account:
    """An account whose owner logged in before."""
    account = await tx.accounts.add(
        category=Category.INDIVIDUAL,
        name=name,
        email=email,
        phone=phone,
        locale="ru",
        now=NOW,
    )
    await tx.connection.execute(
        update(AccountRow).where(AccountRow.id == account.id).values(email_proved_at=NOW)
    )
    return replace(account, email_proved=True)


async def add_request(tx: Tx, account_id: int, draft_id: str = "draft") -> int:
    return await tx.requests.add(
        number=await tx.requests.take_next_number(2026),
        account_id=account_id,
        draft_id=draft_id,
        type_code="connection",
        text="Прошу подключить",
        registered_at=NOW,
        review_due=date(2026, 12, 24),
        answers=ANSWERS,
        emergency=False,
    )


async def add_file(
    tx: Tx, draft_id: str = "draft", unique_id: str = "a", key: str = ""
) -> StoredFile:
    return await tx.files.add(
        draft_id=draft_id,
        unique_id=unique_id,
        name=f"{unique_id}.pdf",
        media_type="application/pdf",
        size=10,
        sha256="0" * 64,
        key=key or f"{draft_id}/{unique_id}",
        now=NOW,
    )


async def add_example(tx: Tx) -> None:
    """One of each: an account and its chat, a request, a scan."""
    account = await add_account(tx)
    await add_file(tx)
    await add_request(tx, account.id)
    await tx.chats.link(1, account.id, NOW, FAR_FUTURE)


async def list_audit(
    tx: Tx, *, request_id: int | None = None, account_id: int | None = None
) -> list[tuple[str, int]]:
    """Actions on a request or an account and who took them, oldest first."""
    given = {"request_id": request_id, "account_id": account_id}
    statement = (
        select(AuditRow.action, AuditRow.actor_id)
        .filter_by(**{name: value for name, value in given.items() if value is not None})
        .order_by(AuditRow.id)
    )
    return [(row.action, row.actor_id) for row in await tx.connection.execute(statement)]


async def list_consents(tx: Tx, account_id: int) -> list[Consent]:
    """The consents of an account, oldest first."""
    statement = (
        select(
            ConsentRow.version,
            ConsentRow.text,
            ConsentRow.sha256,
            ConsentRow.accepted_at,
            ConsentRow.channel,
            ConsentRow.chat_id,
        )
        .where(ConsentRow.account_id == account_id)
        .order_by(ConsentRow.id)
    )
    return [
        Consent(
            version=version,
            text=text,
            sha256=sha256,
            accepted_at=accepted_at,
            address=Address(Channel(channel), address_id),
        )
        for version, text, sha256, accepted_at, channel, address_id in (
            await tx.connection.execute(statement)
        )
    ]


async def register_account(
    accounts: Accounts,
    email: str = "ivanova@example.ru",
    draft_id: str = "1",
    category: Category = Category.INDIVIDUAL,
) -> None:
    await accounts.register(
        draft_id=draft_id,
        category=category,
        name="Иванова Анна Петровна",
        email=email,
        phone="+79123456789",
        locale="ru",
        consent_version="1",
        consent_text="Согласен",
        address=Address.from_chat(1),
    )

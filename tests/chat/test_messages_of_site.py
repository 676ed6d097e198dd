"""Messages about a request whose consumer is on the site: files are stored scans both ways."""

import pytest

from bot.domain import Account, Address, Channel, Request, Status
from bot.fsm.model import Rejected
from bot.services.request_messages import build_message_draft_id
from tests.support.files import make_jpeg, make_pdf
from tests.support.in_process import PASSWORD, STAFF_CHAT_ID, InProcessCabinet

EMAIL = "ivanova@example.ru"
BROWSER = Address(Channel.WEB, 2**53 + 7)
PLAN = make_pdf("plan")


@pytest.fixture
async def account(cabinet: InProcessCabinet) -> Account:
    """Logged in on the site only."""
    found = await cabinet.add_account(EMAIL)
    hashed = await cabinet.hasher.hash(PASSWORD)
    async with cabinet.app.database.begin() as tx:
        await tx.accounts.set_password(found.id, hashed, temporary=False)
    return await cabinet.accounts.log_in(
        BROWSER, EMAIL, PASSWORD, name="Firefox, Windows", token="t"
    )


@pytest.fixture
async def filed(cabinet: InProcessCabinet, account: Account) -> Request:
    request = await cabinet.app.services.requests.register(
        draft_id="d1",
        account=account,
        type_code="tech_connection",
        raw_answers={},
        answers=[],
        text="Прошу присоединить дом",
        channel=Channel.WEB,
    )
    await cabinet.deliver()
    return request


async def read(cabinet: InProcessCabinet, filed: Request) -> Request:
    found = await cabinet.app.services.requests.get(filed.account.id, filed.id)
    assert found is not None
    return found


def list_group_files(cabinet: InProcessCabinet) -> list[str]:
    group = cabinet.telegram.chats[STAFF_CHAT_ID].messages.values()
    return [one["document"]["file_name"] for one in group if "document" in one]


async def test_the_card_says_that_the_request_came_from_the_site(
    cabinet: InProcessCabinet, filed: Request
) -> None:
    await cabinet.add_staff_phone().expects_card(filed.number, "Подана на сайте")


async def test_a_message_with_a_scan_reaches_the_staff_once(
    cabinet: InProcessCabinet, account: Account, filed: Request
) -> None:
    services = cabinet.app.services
    draft_id = build_message_draft_id(account.id, "form-1")
    await services.scans.accept(draft_id, "u1", "План.pdf", PLAN, account_id=account.id)
    for _ in range(2):
        await services.request_messages.send_to_staff(
            account, BROWSER, filed.id, "form-1", "Вот план"
        )
        await cabinet.deliver()
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card(filed.number)
    words = await maria.expects("Вот план")
    assert words["reply_to_message"]["message_id"] == card["message_id"]
    assert list_group_files(cabinet) == ["План.pdf"]
    (message,) = await services.request_messages.list_last(filed.id)
    assert message.author.channel is Channel.WEB
    (scan,) = (await read(cabinet, filed)).scans
    assert scan.request_message_id == message.id


async def test_a_file_of_somebody_else_is_not_sent(
    cabinet: InProcessCabinet, account: Account, filed: Request
) -> None:
    services = cabinet.app.services
    other = await cabinet.add_account("petrov@example.ru")
    foreign = build_message_draft_id(other.id, "form-1")
    await services.scans.accept(foreign, "u1", "Чужой.pdf", PLAN, account_id=other.id)
    with pytest.raises(Rejected, match="message-empty"):
        await services.request_messages.send_to_staff(account, BROWSER, filed.id, "form-1", "")


async def test_a_message_answers_a_clarification(
    cabinet: InProcessCabinet, account: Account, filed: Request
) -> None:
    maria = cabinet.add_staff_phone()
    card = await maria.expects_card(filed.number)
    question = await maria.ask_for_words(card, "Запросить уточнение")
    await maria.say("Пришлите план", reply_to=question)
    assert (await read(cabinet, filed)).status is Status.CLARIFICATION
    request = await cabinet.app.services.request_messages.send_to_staff(
        account, BROWSER, filed.id, "form-2", "Плана нет"
    )
    assert request.status is Status.IN_WORK


async def test_a_file_of_the_staff_is_a_scan_of_its_message(
    cabinet: InProcessCabinet, account: Account, filed: Request
) -> None:
    maria = cabinet.add_staff_phone()
    await maria.send_file(PLAN, "Условия.pdf", await maria.expects_card(filed.number))
    await maria.send_file(PLAN, "Договор.pdf", await maria.expects_card(filed.number))
    messages = await cabinet.app.services.request_messages.list_last(filed.id)
    documents = (await read(cabinet, filed)).documents
    assert [(one.name, one.request_message_id) for one in documents] == [
        ("Условия.pdf", messages[0].id),
        ("Договор.pdf", messages[1].id),
    ]
    assert await cabinet.app.services.scans.read(documents[0]) == PLAN
    # Nothing goes to a chat, as there is none: the letter has the file.
    assert [one.attachments[0].name for one in cabinet.mailer.list_letters(EMAIL)[-2:]] == [
        "Условия.pdf",
        "Договор.pdf",
    ]


async def test_a_file_of_the_chat_belongs_to_its_message(
    cabinet: InProcessCabinet,
) -> None:
    phone = await cabinet.add_consumer()
    account = (await cabinet.accounts.get_chat(phone.user_id)).account
    assert account is not None
    request = await cabinet.app.services.requests.register(
        draft_id="d1",
        account=account,
        type_code="tech_connection",
        raw_answers={},
        answers=[],
        text="Прошу присоединить дом",
    )
    await phone.forge("q:supplement:1:0")
    await phone.send_document(make_jpeg("view"), "Вид.jpg", "image/jpeg")
    (message,) = await cabinet.app.services.request_messages.list_last(request.id)
    (scan,) = (await read(cabinet, request)).scans
    assert scan.request_message_id == message.id

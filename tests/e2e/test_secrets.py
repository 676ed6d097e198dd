"""After a full run: what the log, the database and Redis must not hold."""

from bot.domain import Category
from tests.support import flows
from tests.support.storage_dump import dump_storage
from tests.support.world import World

EMAIL = "petrova@example.ru"
NAME = "Петрова Мария Ильинична"
OWN_PASSWORD = "Мой-секрет-2026"


async def test_secrets_and_personal_data_stay_where_they_belong(world: World) -> None:
    maria = world.add_phone("Мария")
    await flows.register_and_log_in(maria, world.mail_client, Category.INDIVIDUAL, EMAIL, NAME)
    mailed = await flows.read_password(world.mail_client, EMAIL)
    await maria.press("Профиль")
    await maria.press("Сменить пароль")
    for password in ("wrong-" + OWN_PASSWORD, mailed, OWN_PASSWORD, OWN_PASSWORD):
        await maria.say(password)
    await maria.press("Сохранить")
    await maria.expects("Пароль изменён")
    # A draft that is left open, with words in it.
    await flows.open_form(maria, "Допуск в эксплуатацию")
    await maria.say("Улица неведомая, дом 8")
    assert await world.stop() == 0
    log = world.log()
    kept = await dump_storage(world)
    assert EMAIL in kept, "the search itself must find what is there"
    for secret in (mailed, OWN_PASSWORD, world.telegram.token):
        assert secret not in kept
        assert secret not in log
    for personal in (
        EMAIL,
        "petrova",
        NAME,
        "Петрова",
        maria.number,
        maria.number[2:],
        "неведомая",
    ):
        assert personal not in log, personal
    assert "Traceback" not in log

"""The grid company whose screens are rendered."""

from zoneinfo import ZoneInfo

from bot.formatting.company import Company

COMPANY = Company(
    name="Сети",
    support_phone="8 800",
    support_email="a@b.ru",
    privacy_policy_url="https://example.com",
    timezone=ZoneInfo("Europe/Moscow"),
    consent_version="1",
    inn="7707083893",
    address="649000, г. Горно-Алтайск, ул. Мира, 1",
    color="#1f5fa8",
)

"""Settings of the bot: environment variables or ``.env``. Section 2 of the contract."""

import os
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FilePath,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.identifiers import is_inn

_DOTENV = ".env"


class SettingsError(Exception):
    """A wrong setting; the message names each one and says what is wrong with it."""


def _check_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"there is no time zone {name!r}; for example Europe/Moscow") from error
    return name


def _check_group_id(chat_id: int) -> int:
    if chat_id >= 0:
        raise ValueError("must be the id of a group, which is a negative number")
    return chat_id


def _check_inn(digits: str) -> str:
    if not (digits.isascii() and digits.isdigit() and is_inn(digits)):
        raise ValueError("must be an ИНН of 10 or 12 digits; the control digits are checked")
    return digits


def _check_color(color: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
        raise ValueError("must look like #1f5fa8: red, green and blue, two hexadecimal digits each")
    return color.lower()


def _check_origin(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or "@" in url:
        raise ValueError("must be an origin, such as https://cabinet.example.ru")
    if not _is_protected(url):
        raise ValueError("must start with https://: passwords go there")
    return f"{parts.scheme}://{parts.netloc}".lower()


#: It is a part of the first page, which is to be light.
_LOGO_BYTES = 30_000


def _check_logo(path: Path) -> Path:
    if path.suffix not in {".svg", ".png"} or path.stat().st_size > _LOGO_BYTES:
        raise ValueError(f"must be an .svg or .png of at most {_LOGO_BYTES} bytes")
    return path


def _has_port(url: str, *, needed: bool = False) -> bool:
    """False when what stands for the port is no number, or a ``needed`` one is missing."""
    try:
        return urlsplit(url).port is not None or not needed
    except ValueError:
        return False


def _require_prefix(*schemes: str) -> AfterValidator:
    def check(url: str) -> str:
        if not url.startswith(schemes):
            raise ValueError(f"must start with {' or '.join(schemes)}")
        if not _has_port(url):
            raise ValueError("must have a number of 1 to 65535 as its port")
        return url.rstrip("/")

    return AfterValidator(check)


def _require_pattern(
    pattern: str, shape: str, is_right: Callable[[str], bool] = lambda _: True
) -> AfterValidator:
    """For secrets, whose wrong value must not be repeated in the error."""

    def check(secret: SecretStr) -> SecretStr:
        value = secret.get_secret_value()
        if not re.fullmatch(pattern, value) or not is_right(value):
            raise ValueError(f"must look like {shape}")
        return secret

    return AfterValidator(check)


def _is_database_url(url: str) -> bool:
    try:
        make_url(url)
    except (ArgumentError, ValueError):
        return False
    return True


def _split_list(value: object) -> object:
    """``1, 2`` → ``["1", "2"]``: lists are written with commas."""
    if isinstance(value, str):
        return [part for part in (part.strip() for part in value.split(",")) if part]
    return value


_WINDOW_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _parse_limit(value: object) -> object:
    """``20/1h`` → ``(20, 3600)``."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,3})([smhd])", value.strip())
    if found is None:
        raise ValueError("must look like 20/1h: how many in how many s, m, h or d")
    return int(found[1]), int(found[2]) * _WINDOW_UNITS[found[3]]


_LAST_OF_MONTH = 31


def _parse_reading_days(value: object) -> object:
    """``23-25/26`` → ``(23, 25, 26)``; ``+1``, the 1st of the next month, is 32."""
    if not isinstance(value, str):
        return value
    day = r"(\+?[1-9]\d?)"
    found = re.fullmatch(rf"{day}(?:-{day})?/{day}", value.strip())
    if found is None:
        raise ValueError(
            "must look like 23-25/26: the days on which meters are read and the last day for "
            "sending; +1 is the 1st day of the next month"
        )
    first, last, due = (
        int(one.removeprefix("+")) + (_LAST_OF_MONTH if one.startswith("+") else 0)
        for one in (found[1], found[2] or found[1], found[3])
    )
    if not first <= last <= due or any(
        int(one) > _LAST_OF_MONTH for one in re.findall(r"\d+", value)
    ):
        raise ValueError("days are 1 to 31, in their order: first-last/last for sending")
    if due - _LAST_OF_MONTH >= first:
        raise ValueError("must end before the next month's days begin")
    return first, last, due


class _SecretFiles(PydanticBaseSettingsSource):
    """A secret from the file that ``<NAME>_FILE`` names: what Docker and systemd hand over."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self._known = {**dotenv_values(_DOTENV), **os.environ}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        name = field_name.upper()
        path = self._known.get(f"{name}_FILE")
        if not path or "SecretStr" not in repr(field.annotation):
            return None, field_name, False
        if self._known.get(name):
            raise SettingsError(f"{name} and {name}_FILE are both set: keep one of them")
        try:
            secret = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{name}_FILE: cannot be read: {type(error).__name__}") from None
        if not secret:
            raise SettingsError(f"{name}_FILE: the file is empty")
        return secret, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def _check_email(address: str) -> str:
    if not re.fullmatch(r"[^@\s,<>]+@[^@\s,<>]+\.[^@\s,<>]+", address):
        raise ValueError(f"{address!r} is no email; for example head@example.ru")
    return address


Email = Annotated[str, AfterValidator(_check_email)]
Url = Annotated[str, _require_prefix("http://", "https://")]
#: How many times, and in how many seconds.
Often = Annotated[tuple[int, int], NoDecode, BeforeValidator(_parse_limit)]
#: First and last day of reading meters, last day for sending; above 31: of the next month.
ReadingDays = Annotated[tuple[int, int, int], NoDecode, BeforeValidator(_parse_reading_days)]
Days = Annotated[frozenset[date], NoDecode, BeforeValidator(_split_list)]


#: RFC 8314: one side would wait for the other to speak first.
_SMTP_MISMATCHES = {("starttls", 465), ("tls", 587)}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=_DOTENV, env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    bot_token: (
        Annotated[SecretStr, _require_pattern(r"\d+:[A-Za-z0-9_-]+", "123456:ABC-def")] | None
    ) = None
    telegram_api_url: Url = "https://api.telegram.org"
    allow_insecure_telegram: bool = False
    telegram_proxy_url: (
        Annotated[
            SecretStr,
            _require_pattern(
                r"(http|socks4|socks5)://.+",
                "http://host:3128, socks5://user:password@host:1080 or socks4://host:1080",
                partial(_has_port, needed=True),
            ),
        ]
        | None
    ) = None
    staff_chat_id: Annotated[int, AfterValidator(_check_group_id)] | None = None
    staff_routes_file: Path | None = None
    staff_messages_per_minute: Annotated[int, Field(ge=1, le=6000)] = 20
    staff_digest_hour: Annotated[int, Field(ge=8, le=19)] = 9
    undo_seconds: Annotated[int, Field(ge=0, le=60)] = 10
    staff_admin_ids: Annotated[frozenset[int], NoDecode, BeforeValidator(_split_list)] = frozenset()

    staff_admin_emails: Annotated[tuple[Email, ...], NoDecode, BeforeValidator(_split_list)] = ()
    staff_escalation_days: Annotated[int, Field(ge=1, le=365)] = 3
    staff_escalation_minutes: Annotated[int, Field(ge=1, le=1440)] = 15

    database_url: Annotated[
        SecretStr,
        _require_pattern(
            r"(sqlite\+aiosqlite|postgresql\+asyncpg)://.+",
            "sqlite+aiosqlite:///path or postgresql+asyncpg://user:password@host:5432/name",
            _is_database_url,
        ),
    ] = SecretStr("sqlite+aiosqlite:///data/cabinet.db")
    redis_url: (
        Annotated[
            SecretStr,
            _require_pattern(r"(redis|rediss|unix)://.+", "redis://host:6379/0", _has_port),
        ]
        | None
    ) = None
    files_url: Annotated[str, _require_prefix("file://", "s3://")] = "file://data/files"
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_region: str | None = None
    aws_endpoint: Url | None = None
    aws_allow_http: bool = False

    clamd_url: Annotated[str, _require_prefix("tcp://", "unix:///")] | None = None

    webhook_url: Url | None = None
    webhook_secret: (
        Annotated[
            SecretStr, _require_pattern(r"[A-Za-z0-9_-]{1,256}", "1 to 256 of A-Z a-z 0-9 _ -")
        ]
        | None
    ) = None
    web_host: str = "127.0.0.1"
    web_port: Annotated[int, Field(ge=0, le=65535)] = 8081

    site_url: Annotated[str, AfterValidator(_check_origin)] | None = None
    site_host: str = "127.0.0.1"
    site_port: Annotated[int, Field(ge=1, le=65535)] = 8082
    site_frame_origins: Annotated[
        tuple[Annotated[str, AfterValidator(_check_origin)], ...],
        NoDecode,
        BeforeValidator(_split_list),
    ] = ()
    site_trusted_proxies: Annotated[
        tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_split_list)
    ] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    site_session_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    site_session_hours: Annotated[int, Field(ge=1, le=720)] = 12

    smtp_host: str | None = None
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_ca_file: FilePath | None = None
    allow_insecure_smtp: bool = False
    mail_from: str | None = None

    askue_url: Annotated[str, _require_prefix("http://", "https://", "file:///")] | None = None
    allow_insecure_askue: bool = False
    askue_timeout: Annotated[float, Field(gt=0, le=120)] = 15.0
    askue_kind: Literal["gateway", "lers", "80020"] = "gateway"
    askue_access_file: Path | None = None
    askue_token: SecretStr | None = None
    askue_active_unit: str = ""
    askue_reactive_unit: str = ""
    askue_stale_hours: Annotated[float, Field(gt=0)] = 24.0

    company_name: str = "Электросетевая компания"
    company_inn: Annotated[str, AfterValidator(_check_inn)] = "0000000000"
    company_address: Annotated[str, Field(min_length=5, max_length=300)] = (
        "000000, г. Город, ул. Улица, д. 1"
    )
    company_logo_file: Annotated[FilePath, AfterValidator(_check_logo)] | None = None
    company_color: Annotated[str, AfterValidator(_check_color)] = "#1f5fa8"
    support_phone: str = "8 800 000-00-00"
    support_email: str = "support@example.com"
    privacy_policy_url: Url = "https://example.com/privacy"
    timezone: Annotated[str, AfterValidator(_check_time_zone)] = "Europe/Moscow"
    consent_version: str = "2.0"
    default_supplier: str = ""

    reading_jump: Annotated[Decimal, Field(gt=1, le=1000)] = Decimal(5)
    readings_window_dwelling: ReadingDays = (23, 25, 26)
    readings_window_other: ReadingDays = (32, 32, 32)
    readings_remind_days: Annotated[int, Field(ge=0, le=27)] = 3

    request_types_file: Path | None = None
    canned_answers_file: Path | None = None
    templates_dir: Path | None = None
    extra_days_off: Days = frozenset()
    extra_working_days: Days = frozenset()
    session_days: Annotated[int, Field(ge=1, le=3650)] = 180
    session_max_days: Annotated[int, Field(ge=1, le=3650)] = 365
    draft_days: Annotated[int, Field(ge=1, le=365)] = 14

    limit_messages: Often = (600, 60)
    limit_registrations: Often = (20, 86400)
    limit_resets: Often = (10, 86400)
    limit_files: Often = (300, 3600)
    limit_askue: Often = (60, 3600)
    limit_documents: Often = (120, 3600)
    limit_requests: Often = (30, 3600)
    limit_staff_messages: Often = (100, 3600)
    limit_contact_changes: Often = (10, 86400)
    limit_uploaded_readings: Often = (3000, 86400)
    limit_stored_megabytes: Often = (500, 86400)
    limit_unproved_letters: Often = (500, 3600)
    limit_inbox: Annotated[int, Field(ge=20, le=10_000)] = 200

    keep_requests_days: Annotated[int, Field(ge=30, le=36500)] = 1095
    keep_scans_days: Annotated[int, Field(ge=1, le=36500)] = 365
    keep_conversations_days: Annotated[int, Field(ge=14, le=3650)] = 90
    keep_notices_days: Annotated[int, Field(ge=7, le=3650)] = 30

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    sentry_dsn: (
        Annotated[
            SecretStr, _require_pattern(r"https?://\S+@\S+/\d+", "https://key@host/1", _has_port)
        ]
        | None
    ) = None
    log_format: Literal["console", "json"] = "console"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (ours take its place)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, dotenv_settings, _SecretFiles(settings_cls)

    @model_validator(mode="after")
    def _check_combinations(self) -> Self:
        if self.files_url.startswith("s3://") and not (
            self.aws_access_key_id and self.aws_secret_access_key
        ):
            # Without them the store's library would ask the address of a cloud's machine data.
            raise ValueError(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are required with FILES_URL=s3://…"
            )
        if self.webhook_url and not self.webhook_secret:
            raise ValueError("WEBHOOK_SECRET is required with WEBHOOK_URL")
        if self.webhook_url and not self.web_port:
            raise ValueError("WEB_PORT must not be 0 with WEBHOOK_URL")
        if self.site_url and (self.site_host, self.site_port) == (self.web_host, self.web_port):
            raise ValueError("SITE_PORT must be another one than WEB_PORT: that shows metrics")
        if self.smtp_host and not self.mail_from:
            raise ValueError("MAIL_FROM is required with SMTP_HOST")
        if self.smtp_username and not self.smtp_password:
            raise ValueError("SMTP_PASSWORD is required with SMTP_USERNAME")
        if (self.smtp_security, self.smtp_port) in _SMTP_MISMATCHES:
            right = "tls" if self.smtp_security == "starttls" else "starttls"
            raise ValueError(f"SMTP_PORT {self.smtp_port} goes with SMTP_SECURITY={right}")
        if self.askue_url and (self.askue_kind == "80020") != bool(self.askue_access_file):
            raise ValueError(
                "ASKUE_ACCESS_FILE says who may see which points: it is required with "
                "ASKUE_KIND=80020 and belongs to no other kind"
            )
        if (self.askue_url or "").startswith("file:") and self.askue_kind != "80020":
            raise ValueError("ASKUE_URL may be file:// only with ASKUE_KIND=80020")
        for name in ("askue", "telegram_api"):
            url: str | None = getattr(self, f"{name}_url")
            allowed = f"allow_insecure_{name.removesuffix('_api')}"
            if url and not getattr(self, allowed) and not _is_protected(url):
                raise ValueError(
                    f"{name.upper()}_URL must start with https://: secrets go there; in a network "
                    f"that nobody else reads {allowed.upper()}=1 permits http://"
                )
        if (
            self.smtp_host
            and self.smtp_security == "none"
            and not self.allow_insecure_smtp
            and not _is_loopback(self.smtp_host)
        ):
            raise ValueError(
                "SMTP_SECURITY must be starttls or tls: letters hold passwords; in a network that "
                "nobody else reads ALLOW_INSECURE_SMTP=1 permits none"
            )
        return self


def _is_protected(url: str) -> bool:
    """Whether what goes there can be read only by this machine and the host named."""
    parts = urlsplit(url)
    return parts.scheme in {"https", "file"} or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings() -> Settings:
    """Settings from the environment; raises SettingsError, whose text never holds a secret."""
    try:
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(f"{_DOTENV}: must be written in UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{_DOTENV}: cannot be read: {error.strerror}") from None
    except ValidationError as error:
        problems = []
        for problem in error.errors(include_input=False, include_url=False):
            place = ".".join(str(part) for part in problem["loc"][:1]).upper()
            reason = problem["msg"].removeprefix("Value error, ")
            problems.append(f"{place}: {reason}" if place else reason)
        raise SettingsError("; ".join(problems)) from None

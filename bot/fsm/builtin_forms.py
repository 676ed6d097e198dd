"""The built-in forms, such as registration; those of requests are in ``request_types.yaml``."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from bot.domain import AnswerKey, Category, MeterKind
from bot.fsm.model import Choice, Condition, Field, Form, FormId

#: The specification: «longer than 5 characters».
_PASSWORD_LENGTH = 6

#: The largest transformers of current and voltage have less together.
_RATIO = MappingProxyType({"min": 1, "max": 999_999})

#: A photo of the dial.
_PHOTO = Field(key=AnswerKey.SCANS, kind="files", optional=True, aside=True)

#: Kept in place of a password that was right when the login needs a code from an email too.
CODE_NEEDED = "code-needed"


def _build_registration() -> Form:
    return Form(
        id=FormId("registration"),
        fields=(
            # First: nothing personal is stored before the consent.
            Field(
                key="consent",
                kind="choice",
                choices=(Choice(value="agree"), Choice(value="disagree")),
            ),
            Field(
                key="category",
                kind="choice",
                choices=tuple(Choice(value=category.value) for category in Category),
            ),
            replace(
                _build_name("full_name"),
                when=Condition(field="category", values=frozenset({Category.INDIVIDUAL.value})),
            ),
            replace(
                _build_name("organisation"),
                when=Condition(field="category", values=frozenset({Category.LEGAL.value})),
            ),
            Field(key="email", kind="email"),
            _build_phone(),
        ),
    )


def _build_login() -> Form:
    return Form(
        id=FormId("login"),
        fields=(
            Field(key="email", kind="email", invalidates=frozenset({"password", "code"})),
            Field(key="password", kind="secret", secret=True, invalidates=frozenset({"code"})),
            Field(
                key="code",
                kind="code",
                secret=True,
                when=Condition(field="password", values=frozenset({CODE_NEEDED})),
            ),
        ),
        reviewed=False,
    )


def _build_reset() -> Form:
    return Form(
        id=FormId("reset"),
        fields=(
            Field(key="email", kind="email", invalidates=frozenset({"code", "new", "repeat"})),
            Field(key="code", kind="code", secret=True, invalidates=frozenset({"new", "repeat"})),
            *_build_new_password(),
        ),
    )


def _build_password() -> Form:
    return Form(
        id=FormId("password"),
        fields=(
            Field(key="old", kind="secret", secret=True),
            *_build_new_password(),
        ),
    )


def _build_new_password() -> tuple[Field, ...]:
    return (
        Field(
            key="new",
            kind="secret",
            secret=True,
            limits={"min_length": _PASSWORD_LENGTH},
            invalidates=frozenset({"repeat"}),
        ),
        Field(key="repeat", kind="secret", secret=True),
    )


def _build_name(key: str) -> Field:
    """``full_name`` of a person, or ``organisation``."""
    if key == "full_name":
        return Field(key=key, kind="name")
    return Field(key=key, kind="organisation", limits={"min_length": 2, "max_length": 500})


def _build_phone() -> Field:
    return Field(key="phone", kind="phone", limits={"contact": True})


def _build_contact(form: str, field: Field) -> Form:
    """The new name or phone of an account."""
    return Form(id=FormId(form), fields=(field,), reviewed=False)


def _build_email() -> Form:
    """The new email of an account, which a code proves."""
    return Form(
        id=FormId("email"),
        fields=(
            Field(key="email", kind="email", invalidates=frozenset({"password", "code"})),
            Field(key="password", kind="secret", secret=True, invalidates=frozenset({"code"})),
            Field(key="code", kind="code", secret=True),
        ),
        reviewed=False,
    )


def _build_deletion() -> Form:
    return Form(
        id=FormId("deletion"),
        fields=(Field(key="password", kind="secret", secret=True),),
        reviewed=False,
    )


def build_zone_key(kind: MeterKind, zone: str) -> str:
    """The key of the question about a tariff zone of such a meter."""
    return f"{kind}_{zone}"


def list_zone_keys(kind: MeterKind) -> list[str]:
    """The keys of the questions about such a meter, in the order of ``kind.zones``."""
    return [build_zone_key(kind, zone) for zone in kind.zones]


def _build_reading() -> Form:
    """The reading of any meter."""
    return Form(
        id=FormId("reading"),
        fields=(
            Field(
                key="kind",
                kind="choice",
                choices=tuple(Choice(value=kind.value) for kind in MeterKind),
            ),
            Field(key="meter", kind="meter"),
            *(field for kind in MeterKind for field in _build_zones(kind)),
            _PHOTO,
        ),
    )


def _build_reading_for_legal(form: Form) -> Form:
    """``reading:legal``, which also asks through which transformers the meter is connected."""
    kind, meter, *others = form.fields
    ratio = Field(key="ratio", kind="integer", optional=True, limits=_RATIO)
    return replace(form, id=FormId("reading", "legal"), fields=(kind, meter, ratio, *others))


def _build_reading_of_known(form_id: FormId) -> Form:
    """``reading:<meter id>:<kind>``: only the values are asked. Raises ValueError."""
    zones = _build_zones(MeterKind(form_id.parts[-1]))
    return Form(id=form_id, fields=(*(replace(one, when=None) for one in zones), _PHOTO))


def _build_zones(kind: MeterKind) -> list[Field]:
    return [
        Field(
            key=key,
            kind="reading",
            when=Condition(field="kind", values=frozenset({kind.value})),
        )
        for key in list_zone_keys(kind)
    ]


def _build_upload() -> Form:
    """Readings of many meters in one file."""
    return Form(id=FormId("upload"), fields=(Field(key="table", kind="table"),))


def _build_ratio() -> Form:
    """The ratio of a meter's transformers: ``ratio:<meter id>``."""
    return Form(
        id=FormId("ratio"),
        fields=(Field(key="ratio", kind="integer", limits=_RATIO),),
        reviewed=False,
    )


def _build_period() -> Form:
    """The period of a meter's history: ``period:<meter id>``."""
    return Form(
        id=FormId("period"),
        fields=(
            Field(key="first", kind="date", limits={"max": "today"}),
            Field(key="last", kind="date", limits={"max": "today"}),
        ),
        reviewed=False,
    )


def _build_place() -> Form:
    """Where a meter is: ``place:<meter id>``."""
    return Form(
        id=FormId("place"),
        fields=(Field(key="place", kind="text", limits={"max_length": 40}),),
        reviewed=False,
    )


def _build_askue() -> Form:
    return Form(
        id=FormId("askue"),
        fields=(
            # RFC 7617: in HTTP Basic a colon ends the identifier.
            Field(
                key="identifier",
                kind="text",
                volatile=True,
                limits={"max_length": 100, "pattern": "[^:]+"},
            ),
            Field(key="password", kind="secret", secret=True),
        ),
    )


@cache
def get_builtin_forms() -> Mapping[str, Form]:
    """All built-in forms by name; the id of an opened one may have parts, such as a meter's id."""
    forms = (
        _build_registration(),
        _build_login(),
        _build_reset(),
        _build_password(),
        _build_contact("name", _build_name("full_name")),
        _build_contact("organisation", _build_name("organisation")),
        _build_contact("phone", _build_phone()),
        _build_email(),
        _build_deletion(),
        _build_reading(),
        _build_period(),
        _build_place(),
        _build_ratio(),
        _build_upload(),
        _build_askue(),
    )
    return MappingProxyType({form.name: form for form in forms})


def find_builtin_form(form_id: FormId) -> Form | None:
    """The built-in form with this id; None when there is none."""
    form = get_builtin_forms().get(form_id.name)
    if form is None or form.id == form_id:
        return form
    if form.name != "reading":
        return replace(form, id=form_id)
    if form_id.parts == ("legal",):
        return _build_reading_for_legal(form)
    try:
        return _build_reading_of_known(form_id)
    except ValueError:
        return None

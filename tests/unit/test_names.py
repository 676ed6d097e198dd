"""Names in the code: unique classes, no old names of the glossary, verbs for functions."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "sandbox", "tests", "bench")


def _read_words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Old names of modules. Some of them are common words, which other names may contain.
OLD_MODULES = _read_words(
    """
    aiogram_models answers application but catalogue colleagues deeds desk desk_commands fetch
    group handover has inspection kinds ledger letters limits metered named nursery office pace
    parts people personal posts probing resets rounds serving sqlite stalls statements talk
    terms town turns visit walk wire workshop
    """
)
#: Old modules whose names are used elsewhere today.
OLD_PATHS = (
    "bot/fsm/form.py",
    "bot/fsm/forms.py",
    "bot/handlers/answers.py",
    "bot/handlers/askue.py",
    "bot/handlers/staff.py",
    "bot/services/files.py",
    "bot/web.py",
)
#: Old names of classes, functions, parameters and attributes.
OLD_NAMES = _read_words(
    """
    Adviser Advice Allowance Asked Attempts Citizen Clerk Colleague Colleagues DatabaseAway
    Deed Desk DeskPage DeskPress Doubtful DraftOfAnother Errand Farewell Gone Handset Has
    InReply Insisted Known Lane Leave Ledger LedgerLine LedgerRepository Limited Line Memory
    Mood Moved Named NotNow Offer Office Overtaken Patience People Personal Post PrivateChat
    Quota Relay Resets ScannerAway SignedIn Stalls Stateless Talk TalkKind Talking Terms Timed
    TooLate Town Turns UnderCard UsedUp Visit Watch Wire Workshop Written advise at_once born
    but carried_out carry_out colleague colleagues deed deeds desk errand errands farewell
    in_hand insisted ledger nursery pace stalls talk told town visit ways workshop
    """
)
#: Words that no name may contain, however it is written.
OLD_WORDS = _read_words(
    """
    adviser citizen clerk colleague deed errand farewell handset insisted ledger nursery
    overtaken workshop
    """
)

#: The first words with which functions of ``bot/`` begin.
VERBS = _read_words(
    """
    accept acknowledge acquire act add adopt advance allow announce answer append apply approve arm
    ask assign attach back begin blank bring build cancel change check choose clean clear close
    collect combine commit compare compose compute configure confirm connect continue convert copy
    correct count create cut decide decode deduplicate defer delete deliver describe detect die
    disarm discard dispatch dispose dispute divide download drain draw drop dump edit enable encode
    end enqueue ensure enter erase escape estimate examine execute exists exit expect expire
    explain export expose extend fetch fill filter find finish flush follow force forget format
    gather generate get give go guess handle hash hold ignore import index insert inspect issue
    iterate
    join judge keep kill lease leave limit link list listen load localize lock log look lower make
    mark match measure merge migrate mirror move name normalize note notify offer open order own
    pack pad park parse pass pause peek persist pick ping plan pop postpone prepare press probe
    provide publish push put query raise rate react read rebuild recall receive record redirect
    refuse register reject release reload remember remind remove render renew reopen replace
    replay reply
    report request require reset resolve restore resume retry return review revoke roll round run
    save say scan schedule search select send serve set settle shift shorten show skip sort spawn
    spend split stage start stop store strip submit suggest sum supplement switch sync take tell
    time touch track translate truncate try turn undo unlink unmark update upgrade use validate
    verify wait wake warn watch withdraw work wrap write zip
    """
)
#: What else they may begin with: questions and conversions.
PREFIXES = _read_words(
    """
    already can from has is may on to was with
    """
)
#: Methods whose names a library gives, and functions that a tool calls.
GIVEN_NAMES = _read_words(
    """
    buffer_updated connection_lost connection_made cursor data_received datagram_received downgrade
    emit eof_received exception executemany fetchall model_post_init model_rebuild now one
    pause_writing process_bind_param result_processor
    process_result_value rollback scalar settings_customise_sources stream_content unpack writable
    """
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name that the code defines: ``kind`` is class, function, parameter, attribute or module."""

    text: str
    kind: str
    place: str


def _list_files(package: str) -> list[Path]:
    return sorted((ROOT / package).glob("**/*.py"))


@cache
def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _list_names(path: Path) -> Iterator[Name]:
    place = str(path.relative_to(ROOT))
    yield Name(path.parent.name if path.stem == "__init__" else path.stem, "module", place)
    for node in ast.walk(_parse(path)):
        where = f"{place}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.ClassDef(name=name, body=body):
                yield Name(name, "class", where)
                for line in body:
                    if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
                        yield Name(line.target.id, "attribute", f"{place}:{line.lineno}")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield Name(name, "function", where)
            case ast.arg(arg=name):
                yield Name(name, "parameter", where)
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield Name(name, "attribute", where)


def _split_words(name: str) -> list[str]:
    """``DeskPress`` and ``desk_press`` are both ``desk``, ``press``."""
    return re.findall(r"[a-z]+|[A-Z]+(?![a-z])|[A-Z][a-z]*", name.replace("_", " "))


def _is_old(name: Name) -> bool:
    if name.kind == "module":
        return name.text.removeprefix("test_") in OLD_MODULES
    words = {word.lower().removesuffix("s") for word in _split_words(name.text)}
    return name.text.strip("_") in OLD_NAMES or bool(words & OLD_WORDS)


def _list_functions(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _is_noun_by_nature(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Properties and dunder methods are not called by their names; ``@overload`` repeats one."""
    decorators = {ast.unparse(one).rpartition(".")[2] for one in function.decorator_list}
    return bool(decorators & {"property", "cached_property"}) or function.name.startswith("__")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Errand", "class"),
        ("ErrandSender", "class"),
        ("_deeds", "attribute"),
        ("carried_out", "function"),
        ("but", "parameter"),
        ("test_desk", "module"),
    ],
)
def test_old_names_are_found(name: str, kind: str) -> None:
    assert _is_old(Name(name, kind, "here"))


@pytest.mark.parametrize("name", ["indeed", "named", "people", "attribute", "RequestMessages"])
def test_other_names_are_not_taken_for_old_ones(name: str) -> None:
    assert not _is_old(Name(name, "function", "here"))


@pytest.mark.parametrize("package", PACKAGES)
def test_no_old_name_of_the_glossary_is_left(package: str) -> None:
    names = [name for path in _list_files(package) for name in _list_names(path)]
    assert len(names) > 100
    found = {f"{one.place.partition(':')[0]} {one.text}" for one in names if _is_old(one)}
    assert found == set()
    assert [path for path in OLD_PATHS if (ROOT / path).exists()] == []


def test_no_two_classes_of_the_bot_share_a_name() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in _list_files("bot"):
        for name in _list_names(path):
            if name.kind == "class":
                places[name.text].append(name.place)
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_functions_of_the_bot_begin_with_a_verb() -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for path in _list_files("bot"):
        for function in _list_functions(ast.walk(_parse(path))):
            if _is_noun_by_nature(function) or function.name in GIVEN_NAMES:
                continue
            if function.name.strip("_").partition("_")[0] not in VERBS | PREFIXES:
                found[str(path.relative_to(ROOT))].add(function.name)
    assert found == {}


def test_no_test_imports_from_another_test_or_conftest() -> None:
    found = []
    for package in ("tests", "bench", "sandbox"):
        for path in _list_files(package):
            for node in ast.walk(_parse(path)):
                match node:
                    case ast.ImportFrom(module=str() as module):
                        modules = [module, *(f"{module}.{one.name}" for one in node.names)]
                    case ast.Import():
                        modules = [one.name for one in node.names]
                    case _:
                        continue
                found += [
                    f"{path.relative_to(ROOT)}:{node.lineno} {module}"
                    for module in modules
                    if re.match(r"tests\.(?!support(\.|$))", module)
                ]
    assert found == []

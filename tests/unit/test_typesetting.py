"""Documents as PDF: their text is read back, and the marks of PDF/A and of tagging are there."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import request_types
from bot.domain import Category
from bot.formatting import documents
from bot.integrations.typesetting import (
    FONTS,
    Document,
    TemplatesError,
    find_template_error,
    load_templates,
    render_pdf,
)
from bot.texts import Translations
from tests.support.company import COMPANY
from tests.support.pdf_text import read_pages, read_text, squeeze

CATALOGUE = request_types.load()
RU = Translations.load().get_texts("ru")
TEMPLATES = load_templates()
SAMPLES = list(documents.build_samples(CATALOGUE, COMPANY, RU))


def render(document: Document) -> bytes:
    return render_pdf(TEMPLATES, document.template, document.content)


def make_application(**changes: Any) -> Document:
    sample = SAMPLES[0]
    return Document(
        template=sample.template,
        file_name=sample.file_name,
        content={**sample.content, **changes},
    )


def list_strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            # These name no words of the document.
            if key not in {"key", "language", "qr", "qr_alt", "inn"}:
                yield from list_strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from list_strings(one)


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_word_of_every_document_can_be_read_back(sample: Document) -> None:
    read = squeeze(read_text(render(sample)))
    content = dict(sample.content)
    words = content.pop("words")
    missing = [one for one in list_strings(content) if squeeze(one) not in read]
    if sample.template == "power_of_attorney":
        # It names the company in a sentence, without address and phone.
        missing = [one for one in missing if one not in content["company"]["lines"]]
    elif sample.template != "receipt":
        missing = [one for one in missing if one not in content["company"]["lines"]]
        assert squeeze(words["confirmation"]) in read
    assert missing == []


def test_each_type_and_category_has_its_application() -> None:
    made = {
        (one.template, one.content["applicant"]["name"])
        for one in SAMPLES
        if "applicant" in one.content
    }
    assert {template for template, _ in made} == {one.code for one in CATALOGUE.types}
    assert len(made) == len(CATALOGUE.types) * len(Category)


@pytest.mark.parametrize("sample", SAMPLES[:3], ids=lambda one: one.template)
def test_documents_are_pdf_a_and_tagged(sample: Document) -> None:
    with pikepdf.open(io.BytesIO(render(sample))) as pdf:
        assert pdf.open_metadata().pdfa_status == "2A"
        metadata = pdf.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == sample.content["title"]
        root = pdf.Root
        assert str(root.Lang) == "ru"
        assert bool(root.MarkInfo.Marked)
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        assert "/OutputIntents" in root
        tags = list_tags(root.StructTreeRoot)
        assert "/H1" in tags
        assert "/H2" in tags
        if sample.template != "power_of_attorney":
            assert {"/Table", "/THead", "/TH", "/TD", "/Figure"} <= set(tags)
        for page in pdf.pages:
            assert [round(float(one)) for one in page.mediabox] == [0, 0, 595, 842]
            for font in page.resources.Font.values():
                assert_embedded(font)


def list_tags(node: Any) -> list[str]:
    if isinstance(node, pikepdf.Array):
        return [tag for one in node for tag in list_tags(one)]
    if not isinstance(node, pikepdf.Dictionary):
        return []
    own = [str(node.S)] if "/S" in node else []
    return own + (list_tags(node.K) if "/K" in node else [])


def assert_embedded(font: Any) -> None:
    (descendant,) = font.DescendantFonts
    assert {"/FontFile2", "/FontFile3"} & set(descendant.FontDescriptor.keys())
    assert "/ToUnicode" in font


HOSTILE = (
    '#emph[x] #read("/etc/passwd") $x^2$ @label <label> \\u{41} *b* _i_ `c` ``` // no /* no */ '
    '= no\n- no\n+ no\n/ no: "quoted" --- ~ #{1+1} #panic() ] ) } #sys.inputs'
)


def test_markup_of_the_template_language_appears_as_typed() -> None:
    application = make_application(
        text=HOSTILE,
        answers=[{"key": HOSTILE, "label": HOSTILE, "value": HOSTILE}],
        attachments=[HOSTILE],
        title=HOSTILE,
        signatory=HOSTILE,
    )
    read = squeeze(read_text(render(application)))
    assert read.count(squeeze(HOSTILE)) >= 6


@pytest.mark.parametrize(
    "text",
    [
        "слово " * 680,
        "длинное" * 43 + " и " + "long-name_" * 30,
        "Счётчик 😀 🧿 ❤ горит",
        "Страна 🇷🇺, семья 👨‍👩‍👧",
        "漢字 한국어 ไทย हिन्दी",
        "строка\n\nдругая\tстрока\r\nтретья",
    ],
)
def test_strange_texts_are_laid_out_and_read_back(text: str) -> None:
    read = squeeze(read_text(render(make_application(text=text, signatory=text[:120]))))
    for word in text.split():
        assert squeeze(word) in read, word


def test_a_word_of_several_pages_is_broken_and_kept() -> None:
    read = squeeze(read_text(render(make_application(text="Жижа" * 1024))))
    assert read.count("Ж") == 1024


def test_right_to_left_text_is_kept() -> None:
    read = read_text(render(make_application(text="שלום مرحبا и по-русски 123")))
    for word in ("שלום", "مرحبا", "по-русски", "123"):
        assert word in read


def test_characters_that_mean_nothing_are_left_out_or_replaced() -> None:
    read = read_text(render(make_application(text="a\0b\x07c \ue000 d\u202ee\u2066f \ud800")))
    assert "abc \ufffd def \ufffd" in read


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_makes_a_pdf(text: str) -> None:
    assert render(make_application(text=text, signatory=text))


def test_empty_optional_parts_leave_no_headings() -> None:
    read = read_text(render(make_application(answers=[], text="", attachments=[], signatory="")))
    for word in ("details", "text", "attachments"):
        assert RU(f"document-{word}") not in read


def test_answers_that_no_part_names_come_last() -> None:
    own = [{"key": "voltage", "label": "Напряжение", "value": "220 В"}]
    other = [{"key": "new_one", "label": "Новое", "value": "да"}]
    read = read_text(render(make_application(answers=other + own)))
    assert read.index("Напряжение") < read.index(RU("document-details")) < read.index("Новое")


def test_a_type_without_a_template_has_the_default_one() -> None:
    sample = make_application()
    made = render_pdf(TEMPLATES, "type_of_the_company", sample.content)
    read = squeeze(read_text(made))
    for answer in sample.content["answers"]:
        assert squeeze(answer["label"]) in read
        assert squeeze(answer["value"]) in read


def test_a_long_application_has_numbered_pages_and_a_signature_with_words() -> None:
    made = render(make_application(text="слово " * 680))
    pages = read_pages(made)
    assert len(pages) > 1
    assert f"Страница {len(pages)} из {len(pages)}" in pages[-1]
    # The signature stands with the attachments, not alone on the last page.
    assert RU("document-attachments") in pages[-1]
    assert RU("document-signature") in pages[-1]


def test_a_folder_replaces_templates_by_name(tmp_path: Path) -> None:
    (tmp_path / "default.typ").write_text('#import "common.typ": *\n#show: frame\n= Свой бланк')
    templates = load_templates(tmp_path)
    content = make_application().content
    assert "Свой бланк" in read_text(render_pdf(templates, "unknown", content))
    assert "Свой бланк" not in read_text(render_pdf(templates, "tech_connection", content))


def test_a_company_may_add_its_logo(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/>'
        "</svg>"
    )
    source = '#import "common.typ": *\n#show: frame\n= Бланк\n#image("logo.svg", alt: "Логотип")'
    (tmp_path / "default.typ").write_text(source)
    made = render_pdf(load_templates(tmp_path), "unknown", make_application().content)
    assert "Бланк" in read_text(made)


@pytest.mark.parametrize("files", [{}, {"a.txt": "x"}, {"default.typ": "x" * 300_000}])
def test_a_wrong_folder_is_refused(tmp_path: Path, files: dict[str, str]) -> None:
    for name, source in files.items():
        (tmp_path / name).write_text(source)
    with pytest.raises(TemplatesError, match=str(tmp_path)):
        load_templates(tmp_path)
    with pytest.raises(TemplatesError, match="no folder"):
        load_templates(tmp_path / "missing")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("#unknown()", "unknown variable: unknown"),
        ('#read("/etc/passwd")', "etc/passwd"),
        ("= Без названия", "title"),
        ("#d.missing", "unknown variable: d"),
    ],
)
def test_a_wrong_template_is_explained(source: str, reason: str) -> None:
    templates = {**TEMPLATES, "default.typ": source.encode()}
    error = find_template_error(templates, "unknown", make_application().content)
    assert reason in error
    assert "default.typ" in error or reason == "title"


def test_fonts_have_their_licences() -> None:
    for font in FONTS.glob("*.ttf"):
        family = font.stem.partition("-")[0]
        assert (FONTS / f"{family}-LICENSE.txt").is_file(), font

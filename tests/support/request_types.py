"""Request types with short forms, for tests that fill in dozens of them."""

from pathlib import Path

import yaml

from bot.request_types import PACKAGED


def write_short_request_types(folder: Path, *whole: str) -> Path:
    """Writes the packaged types with one question each into ``folder``; the path of the file.

    Types with the codes ``whole`` stay as they are.
    """
    content = yaml.safe_load(PACKAGED.read_text(encoding="utf-8"))
    for one in content["types"]:
        if one["code"] in whole:
            continue
        del one["fields"][1:]
        one.pop("review_variants", None)
        one.pop("emergency_hours", None)
        one.pop("emergency_words", None)
        for paper in one["attachments"]:
            # They name questions that are gone.
            paper.pop("required_if", None)
            paper.pop("show_if", None)
    path = folder / "types.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path

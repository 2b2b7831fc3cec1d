"""What a page must not show, and how texts are compared with what it shows."""

import pytest

from tests.demo.visitor import LANGUAGES, Language
from tests.e2e import wording
from tests.e2e.wording import find_flaws, squeeze


@pytest.fixture(autouse=True)
def without_frontend(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the frontend's own words, which only a browser needs."""
    monkeypatch.setattr(wording, "_read_frontend", lambda language: {})
    wording.wording.cache_clear()


@pytest.mark.parametrize(
    "shown",
    [
        "New secret for {account}",
        "component.amnimo.config.step.user.title",
        "auth_failed",
        "Error: camera_interval",
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_keys_are_flaws(shown: str, language: Language) -> None:
    assert find_flaws(shown, language)


def test_sentences_of_another_language_are_flaws() -> None:
    english, japanese = wording.wording("en"), wording.wording("ja")
    for path in ("config.error.auth_failed", "issues.tokens_scarce.description"):
        assert find_flaws(japanese.text(path), "en")
        assert find_flaws(english.text(path), "ja")


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_with_their_values_have_no_flaws(language: Language) -> None:
    values = dict.fromkeys(
        "account accounts tenant folder endpoints calls limit next at_ease".split(), "x"
    )
    texts = [
        text
        for part in wording.OF_FLOWS
        for text in wording.wording(language).texts(part, **values)
    ]
    assert len(texts) > 50
    assert find_flaws("\n".join(texts), language) == []


def test_texts_are_compared_without_blanks_and_marks() -> None:
    written = "Do this:\n1. Open *it*.\n2. `media_dirs`\n\n- That  is all"
    assert squeeze(written) == "Dothis:Openit.media_dirsThatisall"

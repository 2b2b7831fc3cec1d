"""How many of the listed phrases are understood, and how many ordinary sentences are too."""

from tests.bench.comparison import Finding
from tests.bench.household import Household
from tests.bench.report import MustBeZero, Result, Table
from tests.demo.talk import say as tell
from tests.voice.phrases import PHRASES, ordinary

from .home import recognised

_OURS = "Amnimo"
_LANGUAGES = {"en": "English", "ja": "Japanese"}


async def run(house: Household) -> Result:
    """Have Home Assistant recognise all of them."""
    tell("bench: phrases of two languages …")
    rows = []
    missed: dict[str, list[str]] = {}
    accepted: dict[str, list[str]] = {}
    for language, name in _LANGUAGES.items():
        phrases = PHRASES[language]
        found = await recognised(house, [each.text for each in phrases], language)
        missed[language] = [
            phrase.text
            for phrase, intent in zip(phrases, found, strict=True)
            if intent != phrase.intent
        ]
        sentences = ordinary(language)
        found = await recognised(house, sentences, language)
        accepted[language] = [
            text
            for text, intent in zip(sentences, found, strict=True)
            if intent is not None and intent.startswith(_OURS)
        ]
        rows.append(
            (
                name,
                len(phrases),
                len(phrases) - len(missed[language]),
                len(sentences),
                len(accepted[language]),
            )
        )
    listed = sum(len(PHRASES[language]) for language in _LANGUAGES)
    misses = sum(map(len, missed.values()))
    false = sum(map(len, accepted.values()))
    return Result(
        "understood",
        [
            Table(
                "Sentences that Home Assistant's own agent understands as one of the intents",
                ("language", "phrases", "understood", "ordinary sentences", "accepted"),
                rows,
                (
                    "Ordinary: household commands and small talk, also with camera names.",
                ),
            )
        ],
        [
            MustBeZero("listed phrases that are not understood", misses),
            MustBeZero("ordinary sentences that are taken for a request", false),
        ],
        findings=[
            Finding("phrases not understood, of the listed", misses, listed, most=0),
            Finding("ordinary sentences accepted", false, most=0),
        ],
        samples={"missed": missed, "accepted": accepted},
    )

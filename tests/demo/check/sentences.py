"""What the user reads, in each language the product speaks."""

from tests.demo.entry import DOMAIN
from tests.demo.visitor import LANGUAGES

from .checklist import expect
from .visit import Visit


async def sentence_of(visit: Visit, category: str, key: str) -> str:
    """Give a sentence in the language of the visit; it has to be there in all of them.

    `category` is one of Home Assistant's categories of translations, such as `config`.
    """
    name = f"component.{DOMAIN}.{category}.{key}"
    sentences = {}
    for language in LANGUAGES:
        answer = await visit.api.command(
            "frontend/get_translations",
            language=language,
            category=category,
            integration=[DOMAIN],
        )
        sentences[language] = answer["resources"].get(name)
        expect(sentences[language], f"{name} has no sentence in {language}")
    expect(len(set(sentences.values())) > 1, f"{name} is not translated")
    return f"“{sentences[visit.language]}”"

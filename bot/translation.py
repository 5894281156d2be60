"""Names and descriptions of commands in the user's language, from the same catalogues."""

from __future__ import annotations

from discord import Locale, app_commands

from bot.words import LOCALES, words_for

Text = app_commands.locale_str


def localised(key: str) -> Text:
    """Name something that Discord shows: in English here, translated when commands sync."""
    return Text(words_for("en")(key), key=key)


class CatalogueTranslator(app_commands.Translator):
    """Answers Discord's question for a translation from the catalogues."""

    async def translate(
        self, string: Text, locale: Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Translate `string`, or return None where its English stands for the locale."""
        key = string.extras.get("key")
        language = locale.value.split("-")[0]
        if key is None or language == "en" or language not in LOCALES:
            return None
        return words_for(language)(key)

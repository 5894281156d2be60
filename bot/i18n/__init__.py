"""The bot's words in English and Japanese, as Fluent catalogues (https://projectfluent.org)."""

from bot.i18n.catalogue import LOCALES, Translator, translator_for

__all__ = ["LOCALES", "Translator", "translator_for"]

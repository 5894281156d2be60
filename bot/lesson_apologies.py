"""The words for what can go wrong with contributions, lessons and models."""

from __future__ import annotations

from collections.abc import Mapping

from bot.services import lesson_errors as errors
from bot.words import Say

# Errors whose sentence needs no facts.
SENTENCES: dict[type[Exception], str] = {
    errors.KnownAlready: "apology-known-already",
    errors.HearingGone: "apology-hearing-gone",
    errors.TooLittleToLearn: "apology-too-little-to-learn",
    errors.AlreadyTeaching: "apology-already-teaching",
    errors.NoPortraitLessons: "apology-no-portrait-lessons",
    errors.NoSuchModel: "apology-no-such-model",
    errors.NothingBefore: "apology-nothing-before",
}
REFUSALS = {
    "no_face": "refused-no-face",
    "too_small": "refused-too-small",
    "duplicate": "refused-duplicate",
    "cut_off": "refused-cut-off",
    "older_ear": "refused-older-ear",
    "gone": "refused-gone",
}


def lesson_apology(error: Exception, say: Say) -> str | None:
    """Return the sentence for an error about lessons, or None for any other."""
    match error:
        case errors.NoFace():
            return say("apology-no-face", reasons=refusals(error.refused, say))
        case errors.NoGenreName():
            return say("apology-no-genre-name", limit=error.limit)
        case errors.TooMuchGiven():
            return say("apology-too-much-given", limit=error.limit)
        case errors.NoLessonsLeft():
            key = (
                "apology-no-lessons-left-server"
                if error.everybody
                else "apology-no-lessons-left-member"
            )
            return say(key, limit=error.limit)
        case errors.LessonQueueFull():
            return say("apology-lesson-queue-full", waiting=error.waiting)
        case errors.ModelDamaged():
            return say("apology-model-damaged", number=error.number)
        case errors.OtherEar():
            return say("apology-other-ear", number=error.number)
    sentence = SENTENCES.get(type(error))
    return say(sentence) if sentence else None


def refusals(refused: Mapping[str, int], say: Say) -> str:
    """Say what was left out, reason by reason."""
    comma = say("list-comma")
    return comma.join(
        say(REFUSALS.get(code, "refused-other"), count=count) for code, count in refused.items()
    )

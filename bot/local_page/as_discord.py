"""Where simcord does otherwise than Discord, as far as a member would notice.

Both are listeners of simcord's events. Listeners hear one payload in turn, the bot's last here,
so what they put right is right for the bot; they end with the `Env`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simcord import Env


def send_own_locales(env: Env, locales: Mapping[int, str]) -> None:
    """Send each member's interactions with that member's locale; simcord knows only en-US.

    Args:
        env: a started environment.
        locales: Discord locale, such as `ja`, by user id.
    """

    def put_locale(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event == "INTERACTION_CREATE":
            user = payload["member"]["user"] if "member" in payload else payload["user"]
            payload["locale"] = locales.get(int(user["id"]), payload["locale"])

    env.backend.subscribers.insert(0, put_locale)


def forget_deleted_answers(env: Env) -> None:
    """Let an interaction whose answer was deleted lead to its next message, not to nowhere."""

    def forget(event: str, payload: Any) -> None:  # Any: Discord's JSON
        if event == "MESSAGE_DELETE":
            for interaction in env.backend.interactions.values():
                if interaction.message_id == int(payload["id"]):
                    interaction.message_id = None

    env.backend.subscribers.insert(0, forget)

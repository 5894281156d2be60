"""Style, mood, ears and scene, chosen in the command and under a portrait."""

from __future__ import annotations

import discord
import pytest
from simcord.results import ResponseMessage

from bot.app import make_bot
from bot.errors import ChoiceUnavailableError
from bot.i18n import translator_for
from bot.i18n.error_messages import error_message
from bot.portraits.inference import PortraitModels, ShippedPortraitModel
from bot.portraits.service import Asker
from bot.services import Services
from ml.avatar.inference import PortraitModel
from tests.helpers.discord import Server, answer_of, custom_ids_of, text_of
from tests.integration.cogs.portraits.playing import drawn, picture_in, pressed
from tests.unit.ml.avatar.tiny import tiny_conditioned, tiny_portrait_model


@pytest.fixture
def shipped() -> PortraitModels:
    return ShippedPortraitModel(PortraitModel(tiny_conditioned()))


async def picked(
    server: Server, message: ResponseMessage, group: str, option: str
) -> ResponseMessage:
    """What alice gets when she chooses in a menu under a portrait."""
    (custom_id,) = (each for each in custom_ids_of(message) if f"choose-{group}" in each)
    return answer_of(await server.alice.select(message, [option], custom_id=custom_id))


async def test_what_is_chosen_is_drawn_named_and_drawn_again(server: Server) -> None:
    plain = await drawn(server)
    chosen = await drawn(server, mood="wink", style="ink", scene="snow", ears="odd")
    assert await picture_in(chosen) != await picture_in(plain)
    assert "Chosen: Ink, Wink, One folded, Snow" in text_of(chosen)
    again = await drawn(server, style="ink", mood="wink", ears="odd", scene="snow")
    assert await picture_in(again) == await picture_in(chosen)


async def test_a_menu_redraws_her_in_place_as_the_command_would(server: Server) -> None:
    answer = await drawn(server, style="film")
    winking = await picked(server, answer, "mood", "wink")
    assert winking.id == answer.id
    assert "Chosen: Anime film, Wink" in text_of(winking)
    by_command = await drawn(server, style="film", mood="wink")
    assert await picture_in(by_command) == await picture_in(winking)
    back = await picked(server, winking, "style", "ink")
    assert "Chosen: Ink, Wink" in text_of(back)


async def test_under_somebody_elses_portrait_the_menu_answers_privately(server: Server) -> None:
    answer = await drawn(server)
    (custom_id,) = (each for each in custom_ids_of(answer) if "choose-mood" in each)
    theirs = answer_of(await server.yuki.select(answer, ["shy"], custom_id=custom_id))
    assert theirs.ephemeral
    assert "指定：恥ずかしそう" in text_of(theirs)


async def test_new_ones_and_variations_keep_what_was_chosen(server: Server) -> None:
    answer = await drawn(server, mood="pout")
    relatives = await pressed(server.alice, answer, "Variations")
    assert "Chosen: Pout" in text_of(relatives)
    again = await pressed(server.alice, answer, "New one")
    assert "Chosen: Pout" in text_of(again)
    seed = text_of(again).split("**")[1]
    assert await picture_in(await drawn(server, seed, mood="pout")) == await picture_in(again)


async def test_the_menus_work_after_a_restart(server: Server, services: Services) -> None:
    answer = await drawn(server)
    await server.env.restart_bot(make_bot(services))
    assert "Chosen: Sleepy" in text_of(await picked(server, answer, "mood", "sleepy"))


async def test_the_choices_are_synced_in_japanese(server: Server) -> None:
    commands = await server.bot.tree.fetch_commands()
    (avatar,) = (each for each in commands if each.name == "avatar")
    options = {
        each.name: each
        for each in avatar.options
        if isinstance(each, discord.app_commands.Argument)
    }
    names = {
        each.name_localizations.get(discord.Locale.japanese) for each in options["mood"].choices
    }
    assert {"ウインク", "狂気の瞳"} <= names
    assert [len(options[group].choices) for group in ("style", "mood", "ears", "scene")] == [
        12, 12, 6, 10,
    ]  # fmt: skip


class TestAnOlderModel:
    """A model that was trained without traits."""

    @pytest.fixture
    def shipped(self) -> PortraitModels:
        return ShippedPortraitModel(tiny_portrait_model())

    async def test_it_offers_neither_options_nor_menus(self, server: Server) -> None:
        assert not any("choose-" in each for each in custom_ids_of(await drawn(server)))
        commands = await server.bot.tree.fetch_commands()
        (avatar,) = (each for each in commands if each.name == "avatar")
        assert not {"style", "mood", "ears", "scene"} & {each.name for each in avatar.options}

    async def test_an_option_that_discord_still_shows_is_kindly_declined(
        self, server: Server, services: Services
    ) -> None:
        asker = Asker(server.alice.guild.id, server.alice.id)
        with pytest.raises(ChoiceUnavailableError) as caught:
            await services.portraits.draw(asker, "moon", 1, choices={"mood": "wink"})
        text = error_message(caught.value, translator_for("en"))
        assert text is not None
        assert "doesn't let you choose a mood" in text

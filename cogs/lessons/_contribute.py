"""`/contribute`, and the button that corrects `/genre`: consent, contributing, taking back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

import discord
import structlog
from discord import SelectOption, app_commands
from discord.ui import Modal, Select, TextInput, View
from discord.utils import escape_markdown

from bot.discord.attachments import ChecksSize, fetch, title_of
from bot.discord.cog import Cog, localised
from bot.discord.requests import Request, RequestGate
from bot.discord.ui import (
    ID,
    UNREACHABLE,
    Answer,
    Field,
    PersistentButton,
    PersistentSelect,
    QuestionView,
    buttons,
)
from bot.errors import NothingToForgetError, NotYoursError
from bot.i18n import Translator, genre_name
from bot.i18n.error_messages import error_message
from bot.lessons.contributions import (
    NAME_LIMIT,
    ConsentService,
    ContributionService,
    Giver,
    genre_from,
    same_genre,
)
from bot.listening.service import ListeningService
from bot.portraits.uploads import ImageUploads
from bot.privacy.erasure import ErasureService
from cogs.lessons._texts import (
    agreed_words,
    art_progress,
    art_words,
    called,
    consent_embed,
    corrected_words,
    genre_progress,
    given_embed,
    model_name,
    song_words,
)
from ml.music.taxonomy import FAMILIES
from storage.lessons import Contribution, Matter

log = structlog.stdlib.get_logger(__name__)

CONSENT_SECONDS = 600.0  # to read it
CHOICE_SECONDS = 300.0  # the select of genres stays
OTHER = "?"  # no genre's name: it has no letter in it
MAX_ANSWERS = 500  # of `/genre` that can be corrected, the last ones asked about
MAX_CHOICES, CHOICE_LIMIT = 25, 100  # choices, and characters of one, that Discord takes
ID_DIGITS = 18  # more would not fit the database's numbers
Then = Callable[[Request], Awaitable[None]]
MORE_FILES = {
    "file2": localised("option-contribute-file-2"),
    "file3": localised("option-contribute-file-3"),
    "file4": localised("option-contribute-file-4"),
    "file5": localised("option-contribute-file-5"),
}
MORE_FILES_DESCRIBED = {name: localised("option-contribute-more-files") for name in MORE_FILES}
Give = Callable[[Translator], Awaitable[str]]


def consent_view(
    gate: RequestGate, consents: ConsentService, tr: Translator, then: Then
) -> QuestionView:
    """Offer to agree or not; `then` goes on with the request of the button that agrees."""

    async def agree(pressed: Request) -> None:
        giver = _giver(pressed.interaction)
        await consents.agree(giver.guild_id, giver.member_id)
        await then(pressed)

    async def decline(pressed: Request) -> None:
        await pressed.answer_in_place(discord.Embed(description=pressed.tr("consent-declined")))

    answers = (
        Answer(tr("consent-agree"), agree, discord.ButtonStyle.success),
        Answer(tr("consent-decline"), decline),
    )
    return QuestionView(gate, answers, CONSENT_SECONDS)


class TakeBack(PersistentSelect, template="lesson:takeback", action="take_back_chosen"):
    """Takes back one of the asker's contributions."""


class ContributeCog(Cog):
    """Takes songs and art, once their giver agreed."""

    persistent_items = (TakeBack,)

    contribute = app_commands.Group(
        name=localised("command-contribute"),
        description=localised("command-contribute.description"),
        guild_only=True,
    )

    def __init__(
        self,
        gate: RequestGate,
        consents: ConsentService,
        contributions: ContributionService,
        pictures: ImageUploads,
        listening: ListeningService,
        erasure: ErasureService,
    ) -> None:
        """Take contributions.

        Args:
            gate: admits requests.
            consents: records who agreed.
            contributions: stores what is contributed.
            pictures: checks the size of art.
            listening: checks the size of songs, and listens to them.
            erasure: erases what is taken back.
        """
        super().__init__(gate)
        self._consents = consents
        self._contributions = contributions
        self._pictures = pictures
        self._listening = listening
        self._erasure = erasure

    @contribute.command(
        name=localised("command-contribute-song"),
        description=localised("command-contribute-song.description"),
    )
    @app_commands.rename(
        file=localised("option-contribute-file"),
        genre=localised("option-contribute-genre"),
        artist=localised("option-contribute-artist"),
        **MORE_FILES,
    )
    @app_commands.describe(
        file=localised("option-contribute-file.description", limit="song"),
        genre=localised("option-contribute-genre.description"),
        artist=localised("option-contribute-artist.description"),
        **MORE_FILES_DESCRIBED,
    )
    async def song(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment,
        genre: app_commands.Range[str, 1, 100],
        artist: app_commands.Range[str, 1, 100] | None = None,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        file4: discord.Attachment | None = None,
        file5: discord.Attachment | None = None,
    ) -> None:
        """Contribute songs of one genre."""
        async with self.gate.handle(interaction) as request:
            files = [each for each in (file, file2, file3, file4, file5) if each is not None]
            _check_single(files, self._listening)
            name, giver = genre_from(genre), _giver(interaction)
            stored: list[int] = []

            async def give_one(song: discord.Attachment, tr: Translator) -> str:
                async with self._listening.admission.slot(giver.guild_id):
                    data = await fetch(song, self._listening)
                    given = await self._contributions.give_song(
                        giver, data, title=title_of(song), genre=name, artist=artist or ""
                    )
                stored.append(given.contribution_id)
                return song_words(given, tr)

            async def give(tr: Translator) -> str:
                lines = await _give_each(files, give_one, tr)
                counts = await self._contributions.stored.label_counts(giver.guild_id)
                label = same_genre(name, tuple(counts))
                numbers = [tr("contribute-numbers")] if stored else []
                return "\n".join([*lines, *numbers, "", genre_progress(counts, label, tr)])

            await self._contribute(request, giver, give)

    @song.autocomplete("genre")
    async def _suggest_genre(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        tr = Request(interaction).tr
        known = await self._contributions.stored.labels(interaction.guild_id or 0)
        names = {genre: genre_name(genre, tr) for genre in dict.fromkeys([*known, *FAMILIES])}
        choices = [
            app_commands.Choice(name=name[:CHOICE_LIMIT], value=genre)
            for genre, name in names.items()
            if typed.casefold() in f"{name} {genre}".casefold()
        ]
        typed = typed.strip()
        taken = {each.casefold() for pair in names.items() for each in pair}
        if typed and typed.casefold() not in taken and len(typed) <= NAME_LIMIT:
            new = tr("contribute-choice-new", genre=typed)
            choices.insert(0, app_commands.Choice(name=new[:CHOICE_LIMIT], value=typed))
        return choices[:MAX_CHOICES]

    @contribute.command(
        name=localised("command-contribute-art"),
        description=localised("command-contribute-art.description"),
    )
    @app_commands.rename(
        file=localised("option-contribute-picture"),
        artist=localised("option-contribute-artist"),
        **MORE_FILES,
    )
    @app_commands.describe(
        file=localised("option-contribute-picture.description", limit="picture"),
        artist=localised("option-contribute-artist.description"),
        **MORE_FILES_DESCRIBED,
    )
    async def art(
        self,
        interaction: discord.Interaction,
        file: discord.Attachment,
        artist: app_commands.Range[str, 1, 100] | None = None,
        file2: discord.Attachment | None = None,
        file3: discord.Attachment | None = None,
        file4: discord.Attachment | None = None,
        file5: discord.Attachment | None = None,
    ) -> None:
        """Contribute pictures with drawn faces in them."""
        async with self.gate.handle(interaction) as request:
            files = [each for each in (file, file2, file3, file4, file5) if each is not None]
            _check_single(files, self._pictures)
            giver = _giver(interaction)

            async def give_one(picture: discord.Attachment, tr: Translator) -> str:
                data, title = await fetch(picture, self._pictures), title_of(picture)
                given = await self._contributions.give_art(
                    giver, data, title=title, artist=artist or ""
                )
                return art_words(given, title, tr)

            async def give(tr: Translator) -> str:
                lines = await _give_each(files, give_one, tr)
                art = await self._contributions.stored.of_server(giver.guild_id, Matter.ART)
                return "\n".join([*lines, "", art_progress(len(art), tr)])

            await self._contribute(request, giver, give)

    @contribute.command(
        name=localised("command-contribute-list"),
        description=localised("command-contribute-list.description"),
    )
    async def list_given(self, interaction: discord.Interaction) -> None:
        """Show what the asker gave here, with a way to take each back."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            giver, tr = _giver(interaction), request.tr
            own = await self._contributions.stored.of_member(giver.member_id, giver.guild_id)
            counts = await self._contributions.stored.label_counts(giver.guild_id)
            options = [
                SelectOption(label=called(each, tr), value=str(each.contribution_id))
                for each in reversed(own[-MAX_CHOICES:])
            ]
            select = TakeBack(tr("contribute-takeback-choose"), options)
            await request.answer(
                given_embed(own, counts, tr), view=buttons(select) if own else None
            )

    async def take_back_chosen(self, interaction: discord.Interaction, *, chosen: str) -> None:
        """Delete the contribution chosen in the list."""
        async with self.gate.handle(interaction) as request:
            await request.defer_in_place()
            await self._take_back(request, chosen)

    async def _suggest_own(
        self, interaction: discord.Interaction, typed: str
    ) -> list[app_commands.Choice[str]]:
        tr = Request(interaction).tr
        given = await self._contributions.stored.of_member(
            interaction.user.id, interaction.guild_id
        )
        return [
            app_commands.Choice(name=called(each, tr), value=str(each.contribution_id))
            for each in reversed(given)
            if typed.casefold() in each.title.casefold()
        ][:MAX_CHOICES]

    @contribute.command(
        name=localised("command-contribute-takeback"),
        description=localised("command-contribute-takeback.description"),
    )
    @app_commands.rename(what=localised("option-contribute-what"))
    @app_commands.describe(what=localised("option-contribute-what.description"))
    @app_commands.autocomplete(what=_suggest_own)
    async def takeback(self, interaction: discord.Interaction, what: str) -> None:
        """Delete one contribution."""
        async with self.gate.handle(interaction) as request:
            await request.defer(private=True)
            await self._take_back(request, what)

    async def _take_back(self, request: Request, what: str) -> None:
        giver = _giver(request.interaction)
        own = await self._contributions.stored.of_member(giver.member_id, giver.guild_id)
        chosen = int(what) if what.isdecimal() and len(what) <= ID_DIGITS else 0
        if chosen not in {each.contribution_id for each in own}:
            raise NothingToForgetError
        erased = await self._erasure.erase_contributions(giver.member_id, [chosen])
        (gone,), taught = erased.contributions, erased.marked
        title = escape_markdown(gone.title)
        lines = [request.tr("contribute-takeback-done", title=title)]
        if taught:
            names = request.tr("list-comma").join(model_name(m, request.tr) for m in taught)
            lines.append(request.tr("contribute-takeback-marked", models=names, title=title))
        await request.answer_in_place(discord.Embed(description="\n".join(lines)))

    async def _contribute(self, request: Request, giver: Giver, give: Give) -> None:
        """Take a contribution at once from whoever agreed before; others agree first."""
        await request.defer(private=True)
        if await self._consents.agreed(giver.guild_id, giver.member_id):
            await request.answer(discord.Embed(description=await give(request.tr)))
            return

        async def then(pressed: Request) -> None:
            embed = discord.Embed(description=await give(pressed.tr))
            await pressed.answer_in_place(embed)

        view = consent_view(self.gate, self._consents, request.tr, then)
        await request.answer(consent_embed(request.tr), view=view)


def _check_single(files: Sequence[discord.Attachment], limits: ChecksSize) -> None:
    """Decline a single file that is too large at once; of several, each is told by itself."""
    if len(files) == 1:
        limits.check_size(files[0].size)


async def _give_each(
    files: Sequence[discord.Attachment],
    give: Callable[[discord.Attachment, Translator], Awaitable[str]],
    tr: Translator,
) -> list[str]:
    """Give files one after another; of several, a bad one does not cost the others."""
    lines = []
    for file in files:
        try:
            lines.append(await give(file, tr))
        except Exception as error:
            reason = error_message(error, tr)
            if reason is None or len(files) == 1:
                raise
            title = escape_markdown(title_of(file))
            lines.append(tr("contribute-failed", title=title, reason=reason))
    return lines


def _giver(interaction: discord.Interaction) -> Giver:
    assert interaction.guild_id is not None  # its commands are a server's
    return Giver(interaction.guild_id, interaction.user.id)


# Corrections


class WrongGenre(
    PersistentButton,
    template="lesson:wrong:{ticket}:{asker_id}",
    fields={"ticket": Field(r"[0-9a-f]{12}"), "asker_id": ID},
    action="ask",
):
    """Says that an answer was wrong; only whoever asked can press it."""


def wrong_genre_button(ticket: str, asker_id: int, tr: Translator, *, sure: bool) -> WrongGenre:
    """Make the button under an answer; `sure` is whether the answer named a genre."""
    label = tr("genre-wrong" if sure else "genre-name-it")
    return WrongGenre(label, ticket=ticket, asker_id=asker_id)


class CorrectionCog(Cog):
    """Takes corrections, which count as contributions."""

    persistent_items = (WrongGenre,)

    def __init__(
        self, gate: RequestGate, consents: ConsentService, contributions: ContributionService
    ) -> None:
        """Take corrections from whoever agreed, as contributions."""
        super().__init__(gate)
        self._consents = consents
        self._contributions = contributions
        self._answers: OrderedDict[str, discord.Message] = OrderedDict()  # by ticket

    async def ask(self, interaction: discord.Interaction, ticket: str, asker_id: int) -> None:
        """Ask what the song really is, after consent."""
        async with self.gate.handle(interaction) as request:
            if interaction.user.id != asker_id or interaction.guild_id is None:
                raise NotYoursError
            await request.defer(private=True)
            self._hold_answer(ticket, interaction.message)
            if await self._consents.agreed(interaction.guild_id, asker_id):
                view = await self._choices(interaction.guild_id, ticket, request.tr)
                await request.answer(_question(request.tr), view=view)
                return

            async def then(pressed: Request) -> None:
                guild_id = pressed.interaction.guild_id or 0
                view = await self._choices(guild_id, ticket, pressed.tr)
                await pressed.answer_in_place(_question(pressed.tr), view=view)

            view = consent_view(self.gate, self._consents, request.tr, then)
            await request.answer(consent_embed(request.tr), view=view)

    async def correct(self, interaction: discord.Interaction, ticket: str, genre: str) -> None:
        """Store the song as what it really is."""
        async with self.gate.handle(interaction) as request:
            await request.defer_in_place()
            giver = Giver(interaction.guild_id or 0, interaction.user.id)
            given, tr = await self._contributions.correct(giver, ticket, genre), request.tr
            counts = await self._contributions.stored.label_counts(giver.guild_id)
            thanks = song_words if given.member_id == giver.member_id else agreed_words
            lines = [thanks(given, tr), genre_progress(counts, given.label, tr)]
            await request.answer_in_place(discord.Embed(description="\n".join(lines)))
            await _correct_answer(self._answers.pop(ticket, None), given, tr)

    def _hold_answer(self, ticket: str, message: discord.Message | None) -> None:
        """Hold an answer that everybody sees, to correct it when its song is."""
        if message is not None and not message.flags.ephemeral:
            self._answers[ticket] = message
            while len(self._answers) > MAX_ANSWERS:
                self._answers.popitem(last=False)

    async def _choices(self, guild_id: int, ticket: str, tr: Translator) -> View:
        known = await self._contributions.stored.labels(guild_id)
        names = {genre: genre_name(genre, tr) for genre in dict.fromkeys([*known, *FAMILIES])}
        options = [SelectOption(label=name, value=genre) for genre, name in names.items()]
        view = View(timeout=CHOICE_SECONDS)
        view.add_item(_Choice(self, ticket, tr, options[: MAX_CHOICES - 1]))
        return view


async def _correct_answer(
    message: discord.Message | None, given: Contribution, tr: Translator
) -> None:
    """Put what members say above what the model said, in the answer that everybody sees."""
    if message is None or not message.embeds:
        return
    embed = message.embeds[0]
    embed.description = corrected_words(embed.description or "", given.label, tr)
    if message.attachments:  # Discord gave the picture an address, which would show it twice
        embed.set_image(url=f"attachment://{message.attachments[0].filename}")
    try:
        await message.edit(embed=embed)
    except UNREACHABLE as error:  # the answer is gone; the songbook knows all the same
        log.info("answer_not_corrected", reason=type(error).__name__)


class _Choice(Select[View]):
    """The genres to choose from, and a way to type another."""

    def __init__(
        self, cog: CorrectionCog, ticket: str, tr: Translator, options: list[SelectOption]
    ) -> None:
        other = SelectOption(
            label=tr("genre-wrong-other"), value=OTHER, description=tr("genre-wrong-other-about")
        )
        super().__init__(placeholder=tr("genre-wrong-choose"), options=[*options, other])
        self._cog = cog
        self._ticket = ticket
        self._tr = tr

    async def callback(self, interaction: discord.Interaction) -> None:
        if self.values[0] == OTHER:
            await interaction.response.send_modal(_OtherGenre(self._cog, self._ticket, self._tr))
            return
        await self._cog.correct(interaction, self._ticket, self.values[0])


class _OtherGenre(Modal):
    """Takes the name of a genre that is not among the choices."""

    def __init__(self, cog: CorrectionCog, ticket: str, tr: Translator) -> None:
        super().__init__(title=tr("genre-wrong-title"))
        self._cog = cog
        self._ticket = ticket
        self._name: TextInput[_OtherGenre] = TextInput(
            label=tr("genre-wrong-name"), max_length=NAME_LIMIT
        )
        self.add_item(self._name)

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await self._cog.correct(interaction, self._ticket, self._name.value)


def _question(tr: Translator) -> discord.Embed:
    return discord.Embed(description=tr("genre-wrong-title"))

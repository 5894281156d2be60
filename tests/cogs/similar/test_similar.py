"""`/similar` as members use it."""

from bot.__main__ import Services
from tests.cogs.similar.songs import (
    Record,
    answer_of,
    remember,
    remember_row,
    titles_in,
)
from tests.discord_server import Server


async def test_the_five_nearest_songs_come_nearest_first(
    server: Server, services: Services
) -> None:
    ids = await remember_row(services.songbook, server.channel, 8)
    result = await server.alice.slash(server.channel, "similar", song=f"song:{ids[0]}")
    answer = answer_of(result)
    print(answer.embeds[0].to_dict(), answer.content, answer.components)
    assert titles_in(answer) == ["Song 1", "Song 2", "Song 3", "Song 4", "Song 5"]

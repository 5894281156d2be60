# /similar, and the maps of a server's songs.
command-similar = similar
    .description = Find songs of this server that sound like one
option-similar-song = song
    .description = A song I remember from here; type part of its title
option-similar-file = file
    .description = Or a file of yours: mp3, m4a, ogg, opus, flac, wav, webm or mp4
option-similar-genre = genre
    .description = Only songs of this genre
option-similar-poster = poster
    .description = Only songs this member posted
option-similar-slowest = tempo-min
    .description = Only songs with at least so many beats a minute
option-similar-fastest = tempo-max
    .description = Only songs with at most so many beats a minute
option-similar-private = private
    .description = Show the answer to me alone, from every channel I can read
menu-similar = Similar songs

similar-button = Similar songs
similar-heading = Sounds like “{ $title }”
similar-asked = [This song]({ $link }), posted by { $poster }
similar-only = Only: { $filters }
similar-tempo-range = { $lowest } to { $highest } BPM
similar-match = { $number } · { $percent }% · { $title }
similar-part = { $part } { $percent }%
similar-part-timbre = sound
similar-part-harmony = harmony
similar-part-rhythm = rhythm
similar-alike = In common: { $parts }
similar-unlike = unlike: { $parts }
similar-tempo-same = same tempo
similar-tempo-double = twice the tempo
similar-tempo-half = half the tempo
similar-tempo-other = another tempo
similar-posted = { $poster } · { $when } · [listen]({ $link })
similar-page = Page { $page } · { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} to choose from
similar-narrowed = Some channels you can read are left out, as not everyone here can. Ask with private: True to include them.
similar-previous = ◀ Previous
similar-next = Next ▶
similar-like-one = More like…
similar-alone = This is the only song I know here, so there is nothing to compare it with yet.
similar-no-more = There are no more songs on this page. Some may have been deleted meanwhile.
similar-none-filtered = No other song I know here fits. { $filters }. Try a wider filter.

error-unknown-song = I no longer know that song: it was deleted or forgotten, or it is in a channel you cannot read.
error-another-model = I heard that song with older ears and have to listen to it again first. Ask again later, or now with /similar and the file.
error-forgotten-file = I no longer have that file's sound in mind. Please ask again with /similar and the file.
error-no-song-yet = I know no song of this channel. Name one with “song”, attach one with “file”, or use the message menu “Similar songs”.
error-unknown-title = I know no song here with “{ $typed }” in its title. Type a part of it and choose from the list.

empty-not-allowed = This server has not allowed me to remember songs, so there are none to compare. Someone who manages the server can allow it with /songbook allow.
empty-not-allowed-administrator = I remember no songs here yet. You can allow it with /songbook allow; then /songbook import brings in a channel's songs, and /songbook watch the new ones.
empty-member = I remember no song yet from the channels you can read. Post one with /genre, or use the message menu “Remember this song”; then ask again.
empty-administrator = I remember no song yet from the channels you can read. /songbook import brings in a channel's songs, /songbook watch the new ones; /genre and the message menu “Remember this song” work for single ones.
empty-narrowed = The songs I know are in channels that not everyone here can read. Ask with private: True and I will answer you alone.

map-heading = { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} of this server
map-count = { $genre } { $songs }
map-alt = A map of { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} of this server, coloured by genre: { $genres }. Songs that sound alike lie together.
map-alt-around = A map of { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} of this server, coloured by genre: { $genres }. A star marks “{ $title }”; numbers mark what sounds like it: { $found }.
tempo-bpm = { $bpm } BPM
list-comma = { ", " }

command-songbook-map = map
    .description = See the songs of this server side by side, like beside like
command-songbook-stats = stats
    .description = See the songbook of this server in numbers
map-explained = Songs that sound alike lie together. Colours are genres; a ring means I was not sure.

stats-heading = This server's songbook
stats-songs = { $songs ->
    [one] song
   *[other] songs
}
stats-of-music = of music
stats-members = { $members ->
    [one] member
   *[other] members
}
stats-genres = Genres
stats-tempo = Tempo (BPM)
stats-posters = Posted most
stats-poster = { $poster } · { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}
stats-when = Posted
stats-span = { $first } to { $last }
stats-kept = What I keep
stats-stored = { $stored } of numbers, titles and message ids; none of the { $heard } of audio I heard
stats-hours = { $hours } h
stats-minutes = { $minutes } min
stats-kilobytes = { $size } KB
stats-megabytes = { $size } MB
stats-tempo-step = { $lowest }–{ $highest } BPM { $songs }
stats-alt = This server's songbook in numbers: { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}, { $length } of music, { $members ->
    [one] 1 member
   *[other] { $members } members
}. Genres: { $genres }.
stats-alt-tempo = { $told } Most frequent tempos: { $tempos }.

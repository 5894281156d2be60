# /similar, and the maps of a server's songs.
command-similar = similar
    .description = Find songs in this server that sound alike
option-similar-song = song
    .description = A song from this server; type part of its title
option-similar-second = song-2
    .description = A second song: find songs like both
option-similar-third = song-3
    .description = A third song: find songs like all of them
option-similar-file = file
    .description = Or a file of yours: mp3, m4a, ogg, flac, wav, mp4 and more{ $limit ->
        [0] {""}
       *[other] , up to { $limit } MB
    }
option-similar-genre = genre
    .description = Only songs of this genre
option-similar-poster = poster
    .description = Only songs posted by this member
option-similar-slowest = tempo-min
    .description = Only songs with at least this many beats per minute
option-similar-fastest = tempo-max
    .description = Only songs with at most this many beats per minute
option-similar-private = private
    .description = Only you can see the answer; it covers every channel you can read
menu-similar = Similar songs

similar-button = Similar songs
similar-heading = Sounds like “{ $title }”
similar-asked = [This song]({ $link }), posted by { $poster }
similar-asked-named = [{ $title }]({ $link }), posted by { $poster }
similar-only = Filters: { $filters }
similar-tempo-range = { $lowest } to { $highest } BPM
similar-match = { $number } · { $near } · { $title }
similar-very-close = very close
similar-close = close
similar-related = related
similar-distant = distant
similar-part = { $part } { $bar }
similar-part-timbre = sound
similar-part-style = style
similar-part-harmony = harmony
similar-part-rhythm = rhythm
similar-tempo-same = same tempo
similar-tempo-double = double tempo
similar-tempo-half = half tempo
similar-tempo-other = different tempo
similar-posted = { $poster } · [listen]({ $link })
similar-page = Page { $page } of { $pages }
similar-counts = { $alike ->
    [0] none
   *[other] { $alike }
} of { $songs ->
    [one] 1 song sounds
   *[other] { $songs } songs sound
} like it
similar-nothing-close = Nothing here really sounds like it. Nearest:
similar-narrowed = Some channels you can read are left out because not everyone here can read them. Use private: True to include them.
similar-swapped = tempo-min was above tempo-max, so I swapped them.
similar-previous = ◀ Previous
similar-next = Next ▶
similar-like-one = More like…
similar-rate = 👍 👎 Was one a good find?
similar-rated = { $thumb } Thanks! Ratings teach me what counts as similar in this server. Choose the same again to take it back.
similar-rating-taken-back = { $thumb } taken back.
similar-alone = This is the only song I know here, so there's nothing to compare it with yet. Add more with /genre or the message menu “Remember this song”.
similar-no-more = There are no more songs on this page. Some may have been deleted in the meantime.
similar-none-filtered = No other song here matches. { $filters }. Try a wider filter.

error-unknown-song = I don't know that song any more: it was deleted or removed, or it's in a channel you can't read.
error-another-model = That song was analysed by an older model and needs to be analysed again. Try again later, or use /similar with the file now.
error-forgotten-file = I no longer have that file. Please use /similar with the file again.
error-no-song-yet = I don't know any song in this channel yet. Choose one with “song”, attach one with “file”, or use the message menu “Similar songs”.
error-unknown-genre = No song here is “{ $typed }”. Choose a genre from the list.
error-unknown-title = I don't know a song here with “{ $typed }” in its title. Type part of the title and choose from the list.

empty-not-allowed = This server hasn't allowed me to remember songs, so there are none to compare. Someone who manages the server can allow it with /setup allow.
empty-not-allowed-administrator = I'm not allowed to remember songs here yet. You can allow it with /setup allow; after that, /setup import adds a channel's existing songs, and /setup watch adds new ones.
empty-member = I don't know any songs from the channels you can read. Post one with /genre or use the message menu “Remember this song”, then try again.
empty-administrator = I don't know any songs from the channels you can read. /setup import adds a channel's existing songs and /setup watch adds new ones; /genre and the message menu “Remember this song” add single ones.
empty-narrowed = The songs I know are in channels that not everyone here can read. Use private: True, and only you will see the answer.

map-heading = { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} in this server
map-heading-compared = { $songs ->
    [one] 1 song compared
   *[other] { $songs } songs compared
}
map-count = { $genre } { $songs }
map-alt = A map of { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} in this server, coloured by genre: { $genres }. Songs that sound alike are close together.
map-alt-around = A map of { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} in this server to compare with, coloured by genre: { $genres }. A star marks “{ $title }”; numbers mark the songs that sound like it: { $found }.
map-alt-list = { $what } { $found }. The map shows { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} in this server, coloured by genre: { $genres }.
song-line = **{ $number }** [{ $title }]({ $link }) · { $facts } · { $poster }
tempo-bpm = { $bpm } BPM
list-comma = { ", " }
list-plus = { " + " }
genre-likely = { $genre }?
genre-with-style = { $genre }, { $style }
genre-none = No genre
list-semicolon = { "; " }

command-songbook-map = map
    .description = See a map of this server's songs
command-songbook-stats = stats
    .description = See this server's songbook in numbers
map-explained = Songs that sound alike are close together. Colours are genres; a ring means the genre is only my best guess. Find songs like one of them with /similar.

stats-next = See the songs side by side with /songbook map.
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
stats-styles = Styles
stats-posters = Top posters
stats-poster = { $poster } · { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}
stats-when = Posted
stats-span = { $first } to { $last }
stats-kept = What I store
stats-stored = { $stored } of numbers, titles and message IDs; none of the { $heard } of audio
stats-hours = { $hours } h
stats-minutes = { $minutes } min
stats-kilobytes = { $size } KB
stats-megabytes = { $size } MB
stats-tempo-step = { $lowest }–{ $highest } BPM { $songs }
stats-alt = { $heading } in numbers: { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}, { $length } of music, { $members ->
    [one] 1 member
   *[other] { $members } members
}. Genres: { $genres }.
stats-alt-tempo = { $told } Most common tempos: { $tempos }.

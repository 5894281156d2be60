# /songbook: which songs are remembered, and how they are removed.

command-songbook = songbook
    .description = The songs I remember in this server
command-setup-allow = allow
    .description = Choose whether I may remember songs in this server
option-songbook-allowed = allowed
    .description = True: I may remember songs. False: I won't remember new ones
command-songbook-optout = optout
    .description = Stop remembering your songs here; I'll ask whether to forget the ones I know
command-songbook-optin = optin
    .description = Allow me to remember your songs here again
command-setup-watch = watch
    .description = Remember new songs posted in a channel
command-setup-unwatch = unwatch
    .description = Stop remembering new songs posted in a channel
option-songbook-repeats = repeats
    .description = Say once, in a silent reply, when a song was posted before
option-songbook-channel = channel
    .description = The channel, including its threads
command-setup-import = import
    .description = Add the songs already posted in a channel
option-songbook-history = The channel to read, from its first message on
command-songbook-search = search
    .description = Find songs by words: “calm piano in A minor around 90”
option-search-words = words
    .description = Titles, genres, moods, instruments, a key, a tempo
option-random-words = Only songs that fit these words; leave it out for any song
command-songbook-random = random
    .description = A song from this server, picked at random
command-songbook-path = path
    .description = A playlist that drifts from one song to another in small steps
option-path-first = from
    .description = The first song; type part of its title
option-path-last = to
    .description = The last song; type part of its title
option-path-length = length
    .description = How many songs, both ends included
command-songbook-forget = forget
    .description = Forget one of your songs, or all of them if you choose nothing
command-setup = setup
    .description = For administrators: what I remember here
command-setup-forget = forget
    .description = Forget one song, or all songs of a member or a channel
option-songbook-song = song
    .description = One song; type part of its title
option-songbook-member = member
    .description = All songs of this member
option-songbook-forget-channel = channel
    .description = All songs of this channel and its threads
menu-remember = Remember this song

songbook-allowed = I may remember songs here now. For each song I store numbers that describe its sound, its title, who posted it and where; never the audio or a link. I add a song when someone uses /genre publicly or picks “Remember this song” in its message's menu. For whole channels, use /setup watch and /setup import. Anyone can opt out with /songbook optout.
songbook-not-allowed = I won't remember new songs here. The ones I already know stay until you remove them with /setup forget.
songbook-optout-question = { $count ->
    [one] I know one of your songs here. I can leave it in the songbook and stop from now on, or delete it too. A deleted song doesn't come back when you opt in again.
   *[other] I know { $count } of your songs here. I can leave them in the songbook and stop from now on, or delete them too. Deleted songs don't come back when you opt in again.
}
songbook-optout-stop = Stop from now on
songbook-optout-forget = { $count ->
    [one] Stop and delete my song
   *[other] Stop and delete my { $count } songs
}
songbook-opted-out = I won't remember new songs of yours in this server.{ $count ->
    [0] {""}
    [one] {" "}Your one song is deleted.
   *[other] {" "}Your { $count } songs are deleted.
}{ $left ->
    [0] {""}
    [one] {" "}The one I know stays until you remove it with /songbook forget.
   *[other] {" "}The { $left } I know stay until you remove them with /songbook forget.
} To allow it again, use /songbook optin.
songbook-opted-in = Thank you! I can remember your songs in this server again where it allows me to. Forgotten songs come back only if they're posted or imported again.

answer-remembered = 👂 Added to this server's songbook.
answer-not-remembered = I didn't add it to this server's songbook.
songbook-remembered = 👂 I'll remember “{ $title }”. For songs like it, open the message's menu: Apps › Similar songs.
songbook-known = I already know “{ $title }”.
songbook-refused = { $poster } has opted out, so I won't remember “{ $title }”.
songbook-not-music = “{ $title }” isn't music, so I won't remember it.
songbook-too-short = “{ $title }” has less than { $needed } of sound, so I won't remember it.
songbook-deleted-meanwhile = “{ $title }” was deleted while I was listening, so I didn't keep it.

songbook-watching = I now remember new songs posted in { $channel } and its threads. I'll add 👂 to each one where I'm allowed to react.
songbook-watched-already = I'm already watching { $channel }.
songbook-unwatched = I won't remember new songs posted in { $channel }. The ones I already know stay until you remove them with /setup forget.
songbook-not-watched = I wasn't watching { $channel }.

songbook-repeats-told = When a song was posted before, I'll say so once, in a silent reply with a link to the first post.
songbook-repeats-not-told = I won't say when a song was posted before.
songbook-repeat = 🔁 Posted before: [“{ $title }”]({ $link }) by { $poster }, { $when }

search-heading = Songs for “{ $typed }”
search-partly = No song has all of that. These come closest:
search-count = { $shown } of { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}
search-alt = The songs found, numbered on the map:
random-another = 🎲 Another
error-nothing-typed = Tell me what to look for: words of a title, a genre, a mood, an instrument, a key or a tempo. For example “calm piano in A minor around 90”.
error-no-song-found = I don't know a song here that fits “{ $typed }”. Try fewer words, or other ones.
path-heading = From “{ $first }” to “{ $last }”
path-explained = Each word says how close a song is to the one before it.
path-alt = A playlist, drawn as a line on the map:
error-same-song = Those two are the same song. Choose two different ones.
error-no-way = There are no other songs here to put between those two.

songbook-import-running = Importing songs from { $channel }
songbook-import-done = Imported { $channel }
songbook-import-cancelled = Import of { $channel } stopped
songbook-import-failed = I couldn't import all of { $channel }
songbook-import-songs = { $count ->
    [one] 👂 1 song added
   *[other] 👂 { $count } songs added
}
songbook-import-known = { $count } already known
songbook-import-refused = { $count } by members who opted out
songbook-import-unheard = { $count } I couldn't play
songbook-import-too-short = { $count } too short or not music
songbook-import-messages = { $count ->
    [one] 1 message read
   *[other] { $count } messages read
}
songbook-import-now = Now: “{ $title }”
songbook-import-pace = { $songs ->
    [one] 1 song per minute
   *[other] { $songs } songs per minute
}
songbook-import-left = about { $minutes } left
songbook-import-cancel = Stop
songbook-import-ending = I'll stop after the current song. Songs already added stay.
songbook-import-over = That import has already ended.
songbook-import-next = See them with /songbook map, or find songs that sound alike with /similar.
songbook-import-trouble = Something went wrong on my side. I'll continue after a restart.

songbook-forget-song = Forget “{ $title }”, posted by { $mention }?
songbook-forget-member = Forget all of { $mention }'s songs in this server?
songbook-forget-channel = Forget every song posted in { $mention } and its threads?
songbook-forget-yes = Forget
songbook-forget-no = Cancel
songbook-forgot = { $count ->
    [0] It was already gone.
    [one] 1 song forgotten.
   *[other] { $count } songs forgotten.
}
songbook-kept = Nothing was forgotten.

error-remembering-not-allowed = This server hasn't allowed me to remember songs. Someone who manages it can allow it with /setup allow.
error-not-administrator = Only someone who can manage this server can do that.
error-not-yours = That belongs to someone else. Only they, or someone who can manage this server, can do that.
error-already-importing = I'm already importing that channel.
error-needs-message-content = For that I need to see the files in messages. The person who runs me has to turn on “Message Content Intent” for the application in Discord's Developer Portal (under Bot), set USAMIMI_MESSAGE_CONTENT=true and restart me. /genre and “Remember this song” work without it.
error-needs-permissions = I'm missing permissions in { $channel }: { $permissions }. Someone who manages it can add them; then try again.
error-one-at-a-time = Please choose one: a song, a member or a channel.
error-nothing-to-forget = I don't remember any of that here, so there's nothing to forget.
error-cannot-fetch = Discord couldn't give me that file right now. Please try again in a minute.
error-database-locked = Another program is using my database, so I couldn't do that. Please try again in a minute; if it doesn't go away, tell the person who runs me.
error-database-read-only = I can't write to my database, so nothing was changed. Please tell the person who runs me.
error-disk-full = My disk is full, so nothing was saved. Please tell the person who runs me.
error-database-damaged = My database is damaged, so I couldn't do that. Please tell the person who runs me: they can restore a backup.
error-newer-schema = My database was written by a newer version, so I can't use it. Please tell the person who runs me.
error-other-vector = I analysed the song but couldn't save the result. Please tell the person who runs me.
error-database-unavailable = I couldn't reach my database right now, so nothing was changed. Please try again in a minute.

permission-view-channel = View Channel
permission-read-message-history = Read Message History
permission-send-messages = Send Messages
permission-embed-links = Embed Links
permission-attach-files = Attach Files

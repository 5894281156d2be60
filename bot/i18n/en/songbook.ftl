# /songbook: how songs get in and how they go.

command-songbook = songbook
    .description = The songs this server remembers
command-songbook-allow = allow
    .description = Say whether I may remember songs in this server (administrators)
option-songbook-allowed = allowed
    .description = True: I may. False: I remember no more songs
command-songbook-optout = optout
    .description = Never remember my songs here, and forget those you know
command-songbook-optin = optin
    .description = You may remember my songs here again
command-songbook-watch = watch
    .description = Remember songs as they are posted in a channel (administrators)
command-songbook-unwatch = unwatch
    .description = Remember no more songs as they are posted in a channel (administrators)
option-songbook-channel = channel
    .description = The channel; its threads belong to it
command-songbook-import = import
    .description = Remember the songs of a channel's history (administrators)
option-songbook-history = The channel to listen through, from its first message
command-songbook-forget = forget
    .description = Forget a song of yours, or all of them if you name nothing
option-songbook-song = song
    .description = One song
option-songbook-member = member
    .description = All songs of a member (administrators)
option-songbook-forget-channel = channel
    .description = All songs of a channel and its threads (administrators)
menu-remember = Remember this song

songbook-allowed = I may remember songs here now. What I keep of a song: how it sounds, in numbers, its title, who posted it and where; never the audio and never a link. A public /genre and the message menu “Remember this song” do it; /songbook watch and /songbook import do it for whole channels. Everybody can say no for their own songs with /songbook optout.
songbook-not-allowed = I remember no more songs here. The ones I know stay until you remove them with /songbook forget.
songbook-opted-out = { $count ->
    [0] I will not remember your songs in this server, and I know none of them.
    [one] I have forgotten the one song of yours that I knew, and I will not remember your songs in this server.
   *[other] I have forgotten the { $count } songs of yours that I knew, and I will not remember your songs in this server.
} /songbook optin takes this back.
songbook-opted-in = Thank you! I may remember your songs in this server again, where it lets me. Those I forgot come back only if they are posted or imported again.

answer-remembered = 👂 Remembered in this server's songbook.
songbook-remembered = 👂 I will remember “{ $title }”.
songbook-known = I know “{ $title }” already.
songbook-refused = { $poster } would rather not have songs remembered here, so I leave “{ $title }” be.
songbook-deleted-meanwhile = “{ $title }” was deleted while I was listening, so I have forgotten it.

songbook-watching = I remember songs as they are posted in { $channel } now, its threads included. Where I may react, a 👂 shows each one.
songbook-watched-already = { $channel } is watched already.
songbook-unwatched = I remember no more songs posted in { $channel }. The ones I know stay until you remove them with /songbook forget.
songbook-not-watched = { $channel } was not watched.

songbook-import-running = Listening through { $channel }
songbook-import-done = I have listened through { $channel }
songbook-import-cancelled = Stopped listening through { $channel }
songbook-import-failed = I could not listen through all of { $channel }
songbook-import-songs = { $count ->
    [one] 👂 1 song remembered
   *[other] 👂 { $count } songs remembered
}
songbook-import-known = { $count } known before
songbook-import-refused = { $count } whose posters said no
songbook-import-unheard = { $count } I could not hear
songbook-import-messages = { $count ->
    [one] 1 message read
   *[other] { $count } messages read
}
songbook-import-now = Now: “{ $title }”
songbook-import-pace = { $songs ->
    [one] 1 song a minute
   *[other] { $songs } songs a minute
}
songbook-import-left = about { $minutes } left
songbook-import-cancel = Stop
songbook-import-ending = I stop after the song I am listening to. What I remembered stays.
songbook-import-over = That had ended already.
songbook-import-trouble = Something went wrong on my side. I go on when I am started again.

songbook-forget-song = Shall I forget “{ $title }”, posted by { $mention }?
songbook-forget-member = Shall I forget every song that { $mention } posted in this server?
songbook-forget-channel = Shall I forget every song posted in { $mention } and its threads?
songbook-forget-yes = Forget
songbook-forget-no = Keep
songbook-forgot = { $count ->
    [0] It was forgotten already.
    [one] I have forgotten 1 song.
   *[other] I have forgotten { $count } songs.
}
songbook-kept = Nothing was forgotten.

error-remembering-not-allowed = This server has not said that I may remember songs. Someone who manages it can allow it with /songbook allow.
error-not-administrator = Only someone who may manage this server can do that.
error-not-yours = That belongs to someone else. Only they, or someone who may manage this server, can do that.
error-already-importing = I am listening through that channel already.
error-needs-message-content = For that I must see the files of messages, which Discord calls the message content intent. Whoever runs me has to switch on “Message Content Intent” for the application in Discord's Developer Portal (under Bot) and set USAMIMI_MESSAGE_CONTENT=true, then start me again. /genre and “Remember this song” work without it.
error-needs-permissions = In { $channel } I lack: { $permissions }. Someone who manages it can give me that, then try again.
error-one-at-a-time = One thing at a time, please: a song, a member or a channel.
error-nothing-to-forget = I remember nothing of that here, so there is nothing to forget.
error-cannot-fetch = Discord could not give me that file just now. Please try again in a minute.
error-database-locked = My memory is being used by another program, so I could not do that. Please try again in a minute; if it stays so, tell the person who runs me.
error-database-read-only = I cannot write to my memory, so nothing was changed. Please tell the person who runs me.
error-disk-full = There is no room left in my memory, so nothing was kept. Please tell the person who runs me.
error-database-damaged = My memory is damaged, so I could not do that. Please tell the person who runs me: they can restore a backup.
error-newer-schema = My memory was written by a newer version of me, so I cannot use it. Please tell the person who runs me.
error-other-vector = I heard the song, but could not keep what I heard. Please tell the person who runs me.
error-database-unavailable = I could not reach my memory just now, so nothing was changed. Please try again in a minute.

permission-view-channel = View Channel
permission-read-message-history = Read Message History
permission-send-messages = Send Messages

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

apology-not-allowed = This server has not said that I may remember songs. Someone who manages it can allow it with /songbook allow.
apology-not-administrator = Only someone who may manage this server can do that.

# Names and descriptions of commands. Names: lower case, no spaces, at most 32 characters;
# descriptions: at most 100.
command-genre = genre
    .description = Find out what genre a song is
option-genre-file = file
    .description = mp3, m4a, ogg, flac, wav, mp4 and more{ $limit ->
        [0] {""}
       *[other] , up to { $limit } MB
    }
option-genre-link = link
    .description = Or a link to a message here; with neither, I take the last song in this channel
option-genre-private = private
    .description = Only you can see the answer
menu-genre = Genre

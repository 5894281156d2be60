# Names and descriptions of commands. Names: lower case, no spaces, at most 32 characters;
# descriptions: at most 100.
command-genre = genre
    .description = Hear a song and say what genre it is
option-genre-file = file
    .description = The song: mp3, m4a, ogg, opus, flac, wav, webm or mp4
option-genre-private = private
    .description = Show the answer to me alone
menu-genre = Genre

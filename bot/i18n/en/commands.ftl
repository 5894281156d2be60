# Names and descriptions of commands. Names: lower case, no spaces, at most 32 characters;
# descriptions: at most 100.
command-genre = genre
    .description = Find out what genre a song is
option-genre-file = file
    .description = An audio or video file, e.g. mp3, m4a, ogg, flac, wav or mp4
option-genre-private = private
    .description = Only you can see the answer
menu-genre = Genre

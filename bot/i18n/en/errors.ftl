# What happened, the limit, what to try.
error-too-large = That file has { $size } MB and I can take { $limit }. Try a smaller one, or a part of the song.
error-too-long = That song lasts { $length } and I can listen to { $limit }. Try a shorter one.
error-not-audio = That file is neither a song nor a video. Try one that your music player opens, such as mp3, m4a, ogg or flac.
error-no-sound = There is no sound in that file, only pictures. Try one with an audio track.
error-unknown-format = The sound in that file is in a format I can't read: { $format }. Try saving it as mp3, ogg or flac.
error-protected = That song is copy-protected, so only the shop's own player can open it. Try a copy without protection.
error-damaged = { $begun ->
    [yes] That file is damaged from { $since } on, and what comes before is too little to go by. Does it play for you? Try posting it again.
   *[no] That file begins like a song but is damaged, so I could not hear it. Does it play for you? Try posting it again.
}
error-empty = There is nothing in that file. Perhaps the upload was cut off: try posting it again.
error-silent = I listened all through and heard only silence. Is it the right file?
error-took-too-long = Opening that file took more than { $limit }, so I stopped. Try another format, such as mp3 or ogg.
error-nothing-to-hear = That message has no song attached. Pick one with an audio file, or use the /{ command-genre } command.
error-too-busy = { $waiting } songs are waiting already, and I can't take more right now. Please ask again in a minute.
error-stopping = I am just restarting. Please ask again in a minute.
error-file-gone = I could not fetch that file: it may have been deleted. Try posting it again.
error-unexpected = Sorry, something went wrong on my side, and nothing was lost. If it happens again, tell the person who runs me this code: { $reference }

seconds = { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}
hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
duration-space = {" "}
minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}

# What happened, the limit, what to try.
error-too-large = That file is { $size } MB; the limit is { $limit } MB. Try a smaller file, or just part of the song.
error-too-long = That song is { $length } long; I can take up to { $limit }. Try a shorter one.
error-not-audio = That file isn't audio or video. Try one your music player can open, such as mp3, m4a, ogg or flac.
error-no-sound = That file has no audio track. Try one with sound.
error-unknown-format = I can't read the audio format of that file ({ $format }). Try saving it as mp3, ogg or flac.
error-protected = That song is copy-protected, so only the store's own player can open it. Try an unprotected file.
error-damaged = { $begun ->
    [yes] That file is damaged from { $since } on, and what comes before is too short to judge. Does it play for you? Try posting it again.
   *[no] That file looks like a song but is damaged, so I couldn't play it. Does it play for you? Try posting it again.
}
error-empty = That file is empty. Maybe the upload was cut off: try posting it again.
error-silent = I listened to the whole file and heard only silence. Is it the right one?
error-too-short = That file has less than { $needed } of sound, which tells me too little about it. Try a longer part of the song.
error-took-too-long = Opening that file took more than { $limit }, so I stopped. Try another format, such as mp3 or ogg.
error-nothing-to-hear = That message has no song attached. Pick one with an audio file, or use /{ command-genre }.
error-no-song-here = { $seen ->
    [yes] I found no song among the last { $messages } messages here. Attach one with “file”.
   *[no] I can't see the files in messages here, so attach the song with “file”, or open a message's menu and choose Apps › Genre.
}
error-outside-link =
    { $streams ->
        [yes] I can't listen to { $site }: sites like that don't let bots download their songs, so I only take files posted here. If you have the song as a file, post it or attach it with “file”.
       *[no] I don't download from other sites, not even audio files: nobody should be able to send me to a harmful address. Download it from { $site } yourself, then post it here or attach it with “file”.
    }
error-not-a-link = That isn't a link to a message here. Copy one with “Copy Message Link”, or attach the song with “file”.
error-unreadable-link = I can't find that message, or you can't read its channel. Use a link to a message in this server.
error-one-source = You gave me a file and something else. Please give just one of them.
error-too-busy = { $waiting } songs are already waiting, so I can't take more right now. Please try again in a minute.
error-workers-away = I can't listen or draw just now: the machines that do it for me are busy or restarting. Please try again in a minute.
error-stopping = I'm restarting right now. Please try again in a minute.
error-file-gone = I couldn't download that file; it may have been deleted. Try posting it again.
error-unexpected = Sorry, something went wrong on my side. Nothing was lost. If it keeps happening, give this code to the person who runs me: { $reference }

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

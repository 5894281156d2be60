# /privacy: what is kept of a member.

command-privacy = privacy
    .description = What I keep of you, in every server we share
command-privacy-show = show
    .description = See what I keep of you
command-privacy-export = export
    .description = Have everything I keep of you, as files
command-privacy-delete = delete
    .description = Delete everything I keep of you
command-privacy-optout = optout
    .description = Delete everything, and never remember a song of yours again
option-privacy-undo = undo
    .description = True: take an earlier optout back

privacy-heading = What I keep of you
privacy-nothing = I keep nothing of you.
privacy-here = This server
privacy-server = Server { $server }
privacy-direct = Direct messages
privacy-songs = { $count ->
    [one] 1 song in the songbook: how it sounds in numbers, title, place and time
   *[other] { $count } songs in the songbook: how they sound in numbers, titles, places and times
}
privacy-portraits = { $count ->
    [one] 1 portrait drawn for you
   *[other] { $count } portraits drawn for you
}{ $gallery ->
    [0] {""}
   *[other] , { $gallery } of them in your gallery
}
privacy-given-songs = { $count ->
    [one] 1 song handed over for lessons, in numbers
   *[other] { $count } songs handed over for lessons, in numbers
}
privacy-given-art = { $count ->
    [one] 1 face cut out of art you handed over
   *[other] { $count } faces cut out of art you handed over
}
privacy-lessons = { $count ->
    [one] 1 lesson you started
   *[other] { $count } lessons you started
}
privacy-admin-actions = { $count ->
    [one] Your id beside one thing you switched on or began as an administrator
   *[other] Your id beside { $count } things you switched on or began as an administrator
}
privacy-agreed = That you agreed to hand things over, on { $when }
privacy-opted-out = That I am not to remember your songs there
privacy-opted-out-everywhere = That I am not to remember your songs, in any server
privacy-models = These models learned from what you handed over: { $models }
privacy-elsewhere = { $count ->
    [one] One more server keeps something; /privacy export shows all of it.
   *[other] { $count } more servers keep something; /privacy export shows all of it.
}
privacy-how = /privacy export hands it all to you, /privacy delete deletes it.

privacy-export = Here is everything I keep of you{ $parts ->
    [0] {""}
   *[other] , with pictures in { $parts ->
        [one] an archive
       *[other] { $parts } archives
    }
}. Only you can see this message.

privacy-delete-question = Shall I delete everything I keep of you, in every server? Your gallery and what you handed over cannot be brought back.
privacy-optout-question = Shall I delete everything I keep of you, in every server, and never remember a song of yours again? Your gallery and what you handed over cannot be brought back.
privacy-delete-yes = Delete everything
privacy-delete-no = Keep
privacy-kept = Nothing was deleted.
privacy-deleted = Deleted: { $songs ->
    [one] 1 song
   *[other] { $songs } songs
}, { $portraits ->
    [one] 1 portrait
   *[other] { $portraits } portraits
}, { $given ->
    [one] 1 thing handed over
   *[other] { $given } things handed over
}, and all that belongs to them.
privacy-deleted-lessons = { $count ->
    [one] A lesson of yours that waited or ran is called off.
   *[other] { $count } lessons of yours that waited or ran are called off.
}
privacy-deleted-admin-actions = { $count ->
    [one] Your id is taken out of one entry you made as an administrator.
   *[other] Your id is taken out of { $count } entries you made as an administrator.
}
privacy-deleted-models = These models had learned from what you handed over: { $models }. I have marked them; new lessons leave it out, and administrators can teach them anew without it.
privacy-opted-out-done = I will not remember a song of yours in any server. /privacy optout with undo: True takes this back.
privacy-opted-in = Thank you! Your songs may be remembered again, where servers let me.
privacy-not-opted-out = You had not opted out everywhere. What you said to a single server, /songbook optin takes back.

# /privacy: what is stored about a member.

command-privacy = privacy
    .description = What I store about you, in every server we share
command-privacy-show = show
    .description = See what I store about you
command-privacy-export = export
    .description = Download everything I store about you
command-privacy-delete = delete
    .description = Delete everything I store about you
command-privacy-optout = optout
    .description = Delete everything, and never remember your songs again
option-privacy-undo = undo
    .description = True: undo an earlier opt-out

privacy-heading = What I store about you
privacy-nothing = I store nothing about you.
privacy-here = This server
privacy-server = Server { $server }
privacy-direct = Direct messages
privacy-songs = { $count ->
    [one] 1 song in the songbook: numbers that describe its sound, title, channel and time
   *[other] { $count } songs in the songbook: numbers that describe their sound, titles, channels and times
}
privacy-portraits = { $count ->
    [one] 1 portrait drawn for you
   *[other] { $count } portraits drawn for you
}{ $gallery ->
    [0] {""}
   *[other] , { $gallery } of them in your gallery
}
privacy-given-songs = { $count ->
    [one] 1 song contributed for lessons, as numbers
   *[other] { $count } songs contributed for lessons, as numbers
}
privacy-given-art = { $count ->
    [one] 1 face cropped from art you contributed
   *[other] { $count } faces cropped from art you contributed
}
privacy-ratings = { $count ->
    [one] 1 rating (👍 or 👎) you gave a song in an answer
   *[other] { $count } ratings (👍 or 👎) you gave songs in answers
}
privacy-taste = Your consent to sharing your taste (/taste), given on { $when }
privacy-lessons = { $count ->
    [one] 1 lesson you started
   *[other] { $count } lessons you started
}
privacy-admin-actions = { $count ->
    [one] 1 administrator action of yours, stored with your ID
   *[other] { $count } administrator actions of yours, stored with your ID
}
privacy-agreed = Your consent to contributing, given on { $when }
privacy-opted-out = Your opt-out there: I don't remember your songs
privacy-opted-out-everywhere = Your opt-out everywhere: I don't remember your songs in any server
privacy-models = Models trained on what you contributed: { $models }
privacy-elsewhere = { $count ->
    [one] One more server stores something; /privacy export includes it.
   *[other] { $count } more servers store something; /privacy export includes it.
}
privacy-how = Download it with /privacy export, erase it with /privacy delete.

privacy-export = Here is everything I store about you{ $parts ->
    [0] {""}
   *[other] , with pictures in { $parts ->
        [one] an archive
       *[other] { $parts } archives
    }
}. Only you can see this message.

privacy-delete-question = Delete everything I store about you, in every server? Your gallery and your contributions can't be recovered.
privacy-optout-question = Delete everything I store about you in every server, and never remember your songs again? Your gallery and your contributions can't be recovered.
privacy-delete-yes = Delete everything
privacy-delete-no = Cancel
privacy-kept = Nothing was deleted.
privacy-nothing-deleted = There was nothing to delete.
privacy-deleted = Deleted: { $what }, and all related data.
privacy-deleted-songs = { $count ->
    [one] 1 song
   *[other] { $count } songs
}
privacy-deleted-portraits = { $count ->
    [one] 1 portrait
   *[other] { $count } portraits
}
privacy-deleted-given = { $count ->
    [one] 1 contribution
   *[other] { $count } contributions
}
privacy-deleted-rest = Deleted: the rest of your data, such as your consent.
privacy-deleted-ratings = { $count ->
    [one] 1 rating (👍 or 👎) of yours was deleted too.
   *[other] { $count } ratings (👍 or 👎) of yours were deleted too.
}
privacy-deleted-lessons = { $count ->
    [one] One lesson of yours was waiting or running and has been cancelled.
   *[other] { $count } lessons of yours were waiting or running and have been cancelled.
}
privacy-deleted-admin-actions = { $count ->
    [one] Your ID was removed from 1 administrator action.
   *[other] Your ID was removed from { $count } administrator actions.
}
privacy-deleted-models = These models were trained on what you contributed: { $models }. I've marked them. New lessons won't use your contributions, and administrators can retrain the models without them.
privacy-opted-out-done = I won't remember your songs in any server. Use /privacy optout with undo: True to change that.
privacy-opted-in = Thank you! I can remember your songs again wherever the server allows it.
privacy-not-opted-out = You hadn't opted out everywhere. If you opted out in a single server, use /songbook optin there.

# /taste and the weekly card.

command-taste = taste
    .description = The genres you post, and whose taste is close to yours
option-taste-member = member
    .description = Someone who shares their taste here; leave it out for your own
taste-heading = What { $member } posts
taste-own-heading = What you post
taste-alt = { $member }'s taste
taste-moods = Moods
taste-near = Closest tastes
taste-neighbour = { $member } · { $near }
taste-neighbour-song = { $member } · { $near } · try [{ $title }]({ $link })
taste-nobody = Nobody who shares their taste here is close to yours yet.
taste-next = See your own with /taste.
taste-not-shared = Share yours, and I'll show whose taste is close to yours. Only members who share theirs are compared.
taste-share = Share my taste
taste-stop = Stop sharing
taste-shared = Your taste is shared in this server now: others can see the genres you post with /taste, and find you when theirs is close. “Stop sharing” or /privacy delete ends that.
taste-stopped = Your taste is no longer shared in this server.

command-setup-weekly = weekly
    .description = A card every Monday: what was posted, whose taste moved, what to hear again
option-weekly-channel = channel
    .description = The channel for the card; leave it out to stop it
weekly-on = I'll post a card in { $channel } every week, the first { $when }. It shows only songs that everyone there can see, and names a member's taste only if they share it with /taste. In a week without songs I post nothing.
weekly-off = I won't post the weekly card any more.
weekly-was-off = There's no weekly card here. Choose a channel to start it.
weekly-heading = This week in { $server }
weekly-counts = { $songs ->
    [one] 1 song
   *[other] { $songs } songs
} by { $members ->
    [one] 1 member
   *[other] { $members } members
}
weekly-more = … and { $count ->
    [one] 1 more song
   *[other] { $count } more songs
}
weekly-moved = A new direction
weekly-moved-text = { $member } posted something unlike their earlier songs: [{ $title }]({ $link })
weekly-again = Worth another listen
weekly-again-text = [{ $title }]({ $link }) by { $poster }, posted { $when }
weekly-alt = The songs posted this week:
error-no-taste-yet = I need at least { $fewest } songs by { $member } from channels this answer can use. Songs count once they're in the songbook.
error-taste-not-shared = { $member } doesn't share their taste here. They can with “Share my taste” under /taste.

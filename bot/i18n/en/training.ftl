# /contribute, /train and /models: what a server trains.

command-contribute = contribute
    .description = Contribute songs or art for this server's lessons
command-contribute-song = song
    .description = Contribute a song and its genre
command-contribute-art = art
    .description = Contribute your own art for this server's portraits
command-contribute-list = list
    .description = See what you contributed here
command-contribute-takeback = takeback
    .description = Take back something you contributed
option-contribute-file = file
    .description = mp3, m4a, ogg, flac, wav, mp4 and more{ $limit ->
        [0] {""}
       *[other] , up to { $limit } MB
    }
option-contribute-file-2 = file-2
option-contribute-file-3 = file-3
option-contribute-file-4 = file-4
option-contribute-file-5 = file-5
option-contribute-more-files = Another file of the same kind
option-contribute-genre = genre
    .description = Its genre: choose one, or type a new name
option-contribute-artist = artist
    .description = Who made it, if you know; it makes the lesson's score more reliable
option-contribute-picture = file
    .description = A PNG, JPEG, WebP or GIF with a drawn face in it{ $limit ->
        [0] {""}
       *[other] , up to { $limit } MB
    }
option-contribute-what = what
    .description = What to take back; type part of its name
command-train = train
    .description = Train this server's genres or portraits (administrators)
option-train-what = what
    .description = What to train
choice-train-genre = genres, from contributed songs
choice-train-avatar = portraits, from contributed art
option-training-public = public
    .description = True: everyone here sees the answer
command-models = models
    .description = The models this server trained (administrators)
command-models-list = list
    .description = This server's models, their scores, and which one is in use
command-models-use = use
    .description = Use a model
command-models-rollback = rollback
    .description = Go back to the model used before
command-models-delete = delete
    .description = Delete a model
option-models-model = model
    .description = Which one
option-models-kind = what
    .description = Genres or portraits

consent-heading = Before you contribute
consent-once = Please read this once. It applies to this server.
consent-kept = **What I store.** From a song: numbers that describe its sound, its title (from the file's tags or its name), and the genre and artist you give. Never the audio. From a picture: the faces in it, cropped and scaled down, and the file name. For both: that they came from you, and when.
consent-purpose = **What it's for.** This server's administrators can train me on it: genres, so that /genre knows them, and portraits, so that /avatar draws in your style. The result is used in this server only. Administrators can see how many contributions each member made; only the person who runs me can see the files.
consent-how-long = **How long.** Until you take it back, or I'm removed from the server.
consent-take-back = **How to take it back.** Use /contribute takeback for single contributions, /privacy delete for everything. They are deleted at once. Models already trained on them are marked, and administrators are asked to retrain those models without them.
consent-yours = **Only what is yours.** Contribute songs and art that you made, or that you're allowed to use for this.
consent-version = Version { $version } of this text
consent-agree = I have read this and agree
consent-decline = No, thanks
consent-declined = All right. I stored nothing.

contribute-song = Thanks! Added “{ $title }” as { $genre } for the next lesson.
contribute-agreed = Thanks! This server already has “{ $title }” as { $genre }.
contribute-numbers = I stored numbers that describe the sound, not the file.
contribute-failed = “{ $title }”: { $reason }
contribute-progress = **{ $genre }: { $have } of { $need } songs.** When it has { $need }, I can learn it.
contribute-progress-one-more = **{ $genre }: { $have } songs, which is enough.** With another genre of { $need } songs, an administrator can teach me with /train.
contribute-progress-enough = **{ $genre }: { $have } songs, which is enough.** An administrator can teach me with /train.
contribute-art-progress = **{ $have } of { $need } faces.** When there are { $need }, I can learn to draw like them.
contribute-art-enough = **{ $have } faces, which is enough.** An administrator can teach me with /train.
contribute-list-heading = What you contributed here
contribute-list-none = Nothing yet. Give songs with /contribute song, your own drawings with /contribute art.
contribute-list-genre = **{ $genre }**: { $own ->
    [one] 1 song
   *[other] { $own } songs
} from you; this server has { $have } of { $need }
contribute-list-art = { $own ->
    [one] 1 face from your art
   *[other] { $own } faces from your art
}
contribute-list-last = Last: { $titles }
contribute-takeback-choose = Take one back…
contribute-choice-new = “{ $genre }” (new)
contribute-art = { $count ->
    [one] Thanks! I saved one face from “{ $title }”.
   *[other] Thanks! I saved { $count } faces from “{ $title }”.
}
contribute-art-known = { $count ->
    [one] One more was already there.
   *[other] { $count } more were already there.
}
contribute-art-refused = Left out: { $reasons }.
contribute-takeback-done = “{ $title }” has been deleted.
contribute-takeback-marked = It was used to train { $models }. I've marked that, and future lessons won't use “{ $title }”.
contribute-choice = { $title } ({ $what })
contribute-choice-art = art

genre-wrong = Wrong genre?
genre-name-it = Name it yourself
genre-members-say = **Members say: { $genre }**
genre-wrong-choose = Choose the right genre
genre-wrong-other = Another…
genre-wrong-other-about = Type its name
genre-wrong-title = What genre is it?
genre-wrong-name = Genre
genre-taught = Based on this server's own genres (lesson { $number }).

refused-no-face = no drawn face found ({ $count })
refused-too-small = too small ({ $count })
refused-duplicate = duplicate ({ $count })
refused-cut-off = cut off at the edge ({ $count })
refused-other = not usable ({ $count })
refused-older-model = analysed by an older model, please contribute again ({ $count })
refused-gone = file missing ({ $count })

train-genre-heading = Genre lesson
train-avatar-heading = Portrait lesson
train-nothing = Nothing has been contributed yet. Members can do that with /contribute song and /contribute art.
train-songs = { $count ->
    [one] 1 song to learn from
   *[other] { $count } songs to learn from
}
train-pictures = { $count ->
    [one] 1 picture to learn from
   *[other] { $count } pictures to learn from
}
train-group = { $name } { $count }
train-givers = Contributed by { $givers }
train-giver = { $member } ({ $count })
train-duplicates = { $count ->
    [one] One is a duplicate and counts once.
   *[other] { $count } are duplicates and count once each.
}
train-refused = Left out: { $reasons }
train-uneven = { $most } has more than four times as many songs as { $least }. More { $least } would help.
train-lacking = { $name } is left out: it has { $have ->
    [one] 1 song
   *[other] { $have } songs
} and needs { $need }.
train-missing-genres = You need at least { $need } genres with 5 songs each; you have { $have ->
    [0] none
    [one] one
   *[other] { $have }
}.
train-missing-pictures = You need at least { $need } pictures; you have { $have ->
    [0] none
    [one] one
   *[other] { $have }
}.
train-marked = The current model was trained on { $count ->
    [one] one contribution that has
   *[other] { $count } contributions that have
} since been taken back. This lesson leaves out everything that was taken back.
train-left = Lessons left today: { $member } for you, { $server } for this server.
train-time-genre = This takes about half a minute. Everything else keeps working meanwhile.
train-time-avatar = This takes up to { $minutes } on this machine. Everything else keeps working meanwhile.
train-under-way = A lesson is already running.
train-start = Start
train-kept-nothing = Members won't notice anything until you promote it.

lesson-genre = Learning genres
lesson-avatar = Learning portraits
lesson-waiting = { $ahead ->
    [0] In the queue: next
    [one] In the queue: one lesson ahead
   *[other] In the queue: { $ahead } lessons ahead
}
lesson-wait = Starts around { $when }.
lesson-beginning = Starting…
lesson-left = about { $time } left
lesson-percent = { $percent }%
lesson-cancel = Cancel
lesson-cancelling = Cancelling. Nothing from this lesson is kept, and the current model stays in use.
lesson-over = That lesson has already ended.
lesson-cancelled = Cancelled. The current model stays in use.
lesson-done-genre = Genre lesson { $number } is done
lesson-done-avatar = Portrait lesson { $number } is done
lesson-failed-memory = The lesson needed more memory than allowed ({ $limit } MB). The current model stays in use. The person who runs me can raise USAMIMI_LESSON_MEMORY_MB.
lesson-failed-disk = The lesson failed because the disk is full. The current model stays in use. Please tell the person who runs me.
lesson-failed-damaged = The lesson's result was unreadable, so I discarded it. The current model stays in use. Please start it again.
lesson-failed-too-little = There's no longer enough to learn from, because something was taken back. The current model stays in use.
lesson-failed-unexpected = Something went wrong on my side, so the lesson failed. The current model stays in use. If it happens again, tell the person who runs me: lesson { $job }.
lesson-result-genre = Of { $songs } songs I hadn't heard before, I named { $right } correctly.
lesson-result-better = That's better than the current model.
lesson-result-same = That's about as good as the current model.
lesson-result-worse = That's worse than the current model.
lesson-result-more-artists = More songs from other artists would make this result more reliable.
lesson-result-portraits = My portraits are now { $percent }% closer to this server's art than before.
lesson-result-portraits-same = My portraits are about as close to this server's art as before. More art would help.
lesson-result-portraits-worse = My portraits are further from this server's art than before. More art would help.
lesson-numbers = The numbers
lesson-announce = Announce it here
lesson-announced = I learned something new 🐇
lesson-announced-genre = In this server, /genre now also knows { $genres }.
lesson-announced-avatar = In this server, /avatar now draws in the style of your art.
lesson-announced-thanks = { $count ->
    [one] Thanks to everyone who contributed: I learned from 1 contribution.
   *[other] Thanks to everyone who contributed: I learned from { $count } contributions.
}
lesson-score-genre = On songs it hadn't heard: macro F1 **{ $before } → { $after }** (95% between { $low } and { $high }; 1 is perfect)
lesson-score-avatar = Distance from pictures it hadn't seen: **{ $before } → { $after }** (lower is better)
lesson-right = { $genre } { $percent }%
lesson-rights = Correct: { $genres }
lesson-by-song = At least one genre comes from a single artist or member, so the score is probably too optimistic.
lesson-decide = Members won't notice anything until you promote it.
lesson-promote = Promote
lesson-discard = Discard
lesson-promote-anyway = Promote anyway
lesson-really-worse = Lesson { $number } scored worse than the current model ({ $before } → { $after }). Use it anyway?
lesson-promoted-genre = Lesson { $number } is now in use: /genre knows { $genres }. Undo with /models rollback.
lesson-promoted-avatar = Lesson { $number } is now in use: /avatar draws in its style. Undo with /models rollback.
lesson-discarded = Lesson { $number } was deleted. The current model stays in use.
lesson-curve-genre = Error on held-out songs (five folds)
lesson-curve-avatar = Distance from unseen pictures
lesson-curve-alt = Progress of the lesson: its error from start to now{ $sheet ->
    [yes] , and the same eight portraits as drawn at the start and now
   *[no] {""}
}.

time-seconds = { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}

models-next = /models use chooses one, /models rollback goes back to the one before.
models-heading = This server's models
models-none = No models yet. Start with /train.
models-genre = Genres, lesson { $number }
models-avatar = Portraits, lesson { $number }
models-serving = in use
models-candidate = not promoted yet
models-made = { $when }, { $songs ->
    [one] 1 contribution
   *[other] { $songs } contributions
}, score { $score }
models-taken-back = { $count ->
    [one] trained on a contribution that was taken back: retrain without it with /train, or delete the model
   *[other] trained on { $count } contributions that were taken back: retrain without them with /train, or delete the model
}
models-retrain = Retrain on the rest
models-other-model = trained with an older music model and can't be used now: the songs have to be contributed again
models-retrain-older = Retrain
models-shipped-genre = Built-in genres
models-shipped-avatar = Built-in portraits
models-used = { $name } is now in use.
models-rolled-back = Rolled back. Now in use: { $name }.
models-deleted = { $name } was deleted.

error-known-already = This server already has that one.
error-no-face = I found no face I could learn from in that picture: { $reasons }. Try one with a drawn face seen from the front, at least 128 pixels wide.
error-no-genre-name = A genre name needs at least one letter and at most { $limit } characters.
error-too-much-given = You've already contributed { $limit }, which is the most I store per member here. You can take some back with /contribute takeback.
error-hearing-gone = I no longer have that song. Please use /genre again, then correct me.
error-too-little-to-learn = There isn't enough to learn from yet. /train shows what's missing.
error-no-lessons-left = { $everybody ->
    [yes] This server has used its { $limit } lessons for today. Please try again tomorrow.
   *[no] You have used your { $limit } lessons for today. Please try again tomorrow.
}
error-lesson-queue-full = { $waiting } lessons are already waiting, so I can't take more right now. Please try again later.
error-already-teaching = A lesson of that kind is already running in this server.
error-no-portrait-lessons = No portrait model is installed, so I can't train portraits. Please tell the person who runs me.
error-no-such-model = I don't know that model; it may have been deleted. /models list shows what there is.
error-model-damaged = The file of lesson { $number } is damaged, so I left everything as it was. Delete it with /models delete and train it again.
error-other-music-model = Lesson { $number } was trained with an older music model and can't be used now. Please train it again.
error-nothing-before = There's nothing to roll back to: the built-in model is already in use.

# /contribute, /train and /models: what a server teaches.

command-contribute = contribute
    .description = Hand over songs or art for this server's lessons
command-contribute-song = song
    .description = Hand over a song and say what genre it is
command-contribute-art = art
    .description = Hand over a picture of your own for this server's portraits
command-contribute-takeback = takeback
    .description = Take back something you handed over
option-contribute-file = file
    .description = The song: mp3, m4a, ogg, opus, flac, wav, webm or mp4
option-contribute-genre = genre
    .description = What genre it is; choose one or type a new name
option-contribute-artist = artist
    .description = Who made it, if you know; it makes the lesson's score more honest
option-contribute-picture = file
    .description = The picture: png, jpg, webp or gif, with a drawn face in it
option-contribute-what = what
    .description = What to take back; type a part of its name
command-train = train
    .description = Teach me this server's genres or portraits (administrators)
option-train-what = what
    .description = What to teach
choice-train-genre = genres, from the songs handed over
choice-train-avatar = portraits, from the art handed over
option-training-public = public
    .description = True: everyone here sees the answer
command-models = models
    .description = The models this server taught (administrators)
command-models-list = list
    .description = What this server taught, how well it does, and which serves
command-models-use = use
    .description = Let a model serve
command-models-rollback = rollback
    .description = Let what served before serve again
command-models-delete = delete
    .description = Delete a model
option-models-model = model
    .description = Which one
option-models-kind = what
    .description = Genres or portraits

consent-heading = Before you hand something over
consent-once = Please read this once. It holds for this server.
consent-kept = **What I keep.** Of a song: how it sounds, in numbers, with its file name, the genre and the artist you name. Never the audio. Of a picture: the faces in it, cut out and made small, with the file name. And in both cases that they came from you, and when.
consent-purpose = **What for.** Administrators of this server can teach me with it: its genres, so that /genre knows them, and its portraits, so that /avatar draws in your style. What is learned serves this server only. Administrators see how many came from whom; the files themselves can be seen only by the person who runs me.
consent-how-long = **How long.** Until you take it back, or I am removed from the server.
consent-take-back = **How to take it back.** /contribute takeback for single things, /privacy delete for everything. It is deleted at once. A model that learned from it already is marked, and administrators are told to teach it anew without.
consent-yours = **Only what is yours to give.** Hand over songs and art that you made, or that you may use for this.
consent-version = Version { $version } of this text
consent-agree = I have read this and agree
consent-changed = This text has changed since you opened it. Please read the new one.

contribute-song = Thank you! “{ $title }” counts as { $genre } now. I kept how it sounds, in numbers, and not the file.
contribute-art = { $count ->
    [one] Thank you! I kept one face from “{ $title }”.
   *[other] Thank you! I kept { $count } faces from “{ $title }”.
}
contribute-art-known = { $count ->
    [one] One more was known already.
   *[other] { $count } more were known already.
}
contribute-art-refused = I left out: { $reasons }.
contribute-takeback-done = “{ $title }” is gone.
contribute-takeback-marked = It had taught { $models }. I have marked that, and left “{ $title }” out of lessons from now on.
contribute-choice = { $title } ({ $what })
contribute-choice-art = art

genre-wrong = Wrong genre?
genre-wrong-choose = What is it really?
genre-wrong-other = Another…
genre-wrong-other-about = Type its name
genre-wrong-title = What is it really?
genre-wrong-name = Genre
genre-taught = Named by what this server taught me (lesson { $number }).

refused-no-face = no drawn face found ({ $count })
refused-too-small = too small ({ $count })
refused-duplicate = seen before ({ $count })
refused-cut-off = cut off at the edge ({ $count })
refused-other = not usable ({ $count })
refused-older-ear = heard by an earlier ear of mine, please hand them over again ({ $count })
refused-gone = file missing ({ $count })

train-genre-heading = A lesson in genres
train-avatar-heading = A lesson in portraits
train-nothing = Nothing was handed over yet. Members can do that with /contribute song and /contribute art.
train-songs = { $count ->
    [one] 1 song to learn from
   *[other] { $count } songs to learn from
}
train-pictures = { $count ->
    [one] 1 picture to learn from
   *[other] { $count } pictures to learn from
}
train-group = { $name } { $count }
train-givers = Handed over by { $givers }
train-giver = { $member } ({ $count })
train-duplicates = { $count ->
    [one] One is there twice; I count it once.
   *[other] { $count } are there more than once; I count each once.
}
train-refused = Left out: { $reasons }
train-uneven = { $most } has more than four times as many songs as { $least }. More of { $least } would help.
train-lacking = { $name } is left out: it has { $have ->
    [one] 1 song
   *[other] { $have } songs
} and needs { $need }.
train-missing-genres = I need at least { $need } genres with 5 songs each, and there { $have ->
    [0] is none
    [one] is one
   *[other] are { $have }
}.
train-missing-pictures = I need at least { $need } pictures, and there { $have ->
    [0] is none
    [one] is one
   *[other] are { $have }
}.
train-marked = What serves now learned from { $count ->
    [one] something that was
   *[other] { $count } things that were
} taken back since. This lesson leaves that out.
train-left = Today you can start { $member } more, and this server { $server }.
train-time-genre = It takes about half a minute, and nobody has to wait for it.
train-time-avatar = It takes up to { $minutes } on this machine. Everything else stays quick meanwhile.
train-under-way = A lesson is under way already.
train-start = Start
train-kept-nothing = Nothing serves until you promote it.

lesson-genre = Learning genres
lesson-avatar = Learning portraits
lesson-waiting = { $ahead ->
    [0] In the queue: next
    [one] In the queue: one lesson comes first
   *[other] In the queue: { $ahead } lessons come first
}
lesson-wait = It begins about { $when }.
lesson-beginning = Beginning…
lesson-left = about { $time } left
lesson-percent = { $percent }%
lesson-cancel = Cancel
lesson-cancelling = I am calling it off. Nothing of it is left, and what served goes on serving.
lesson-over = That had ended already.
lesson-cancelled = Called off. What served goes on serving.
lesson-done-genre = Learned: lesson { $number } in genres
lesson-done-avatar = Learned: lesson { $number } in portraits
lesson-failed-memory = The lesson needed more memory than the host allows ({ $limit } MB). What served goes on serving. The person who runs me can raise USAMIMI_LESSON_MEMORY_MB.
lesson-failed-disk = There is no room left on the host's disk, so the lesson came to nothing. What served goes on serving. Please tell the person who runs me.
lesson-failed-damaged = What the lesson wrote cannot be read, so I threw it away. What served goes on serving. Please start it again.
lesson-failed-too-little = By now too little is left to learn from: something was taken back. What served goes on serving.
lesson-failed-unexpected = Something went wrong on my side, so the lesson came to nothing. What served goes on serving. If it happens again, tell the person who runs me: lesson { $job }.
lesson-score-genre = On songs it had not heard: macro F1 **{ $before } → { $after }** (95% between { $low } and { $high }; 1 is perfect)
lesson-score-avatar = Distance from pictures it had not seen: **{ $before } → { $after }** (less is better)
lesson-right = { $genre } { $percent }%
lesson-rights = Named rightly: { $genres }
lesson-by-song = Some genre comes from one artist or member alone, so this score may flatter.
lesson-decide = It serves only when you promote it.
lesson-promote = Promote
lesson-discard = Discard
lesson-promote-anyway = Promote all the same
lesson-really-worse = Lesson { $number } did worse than what serves now ({ $before } → { $after }). Shall it serve all the same?
lesson-promoted-genre = Lesson { $number } serves now: /genre knows { $genres }. /models rollback takes this back.
lesson-promoted-avatar = Lesson { $number } serves now: /avatar draws as it learned. /models rollback takes this back.
lesson-discarded = Lesson { $number } is deleted. What served goes on serving.
lesson-curve-genre = Error on songs left out, a fifth at a time
lesson-curve-avatar = Distance from pictures it has not seen
lesson-curve-alt = How the lesson goes: its error from beginning to end{ $sheet ->
    [yes] , and the same eight portraits as it drew them at the beginning and draws them now
   *[no] {""}
}.

time-seconds = { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}

models-heading = What this server taught
models-none = This server has taught nothing yet. /train begins.
models-genre = Genres, lesson { $number }
models-avatar = Portraits, lesson { $number }
models-serving = serves
models-candidate = not decided
models-made = { $when }, { $songs ->
    [one] from 1 thing
   *[other] from { $songs } things
}, score { $score }
models-taken-back = { $count ->
    [one] learned from something that was taken back since: teach it anew without, with /train, or delete it
   *[other] learned from { $count } things that were taken back since: teach it anew without, with /train, or delete it
}
models-retrain = Teach anew without
models-other-ear = taught with an earlier ear of mine, and of no use with the present one: the songs must be handed over again
models-retrain-ear = Teach anew
models-shipped-genre = Genres as I came
models-shipped-avatar = Portraits as I came
models-used = { $name } serves now.
models-rolled-back = Rolled back. Now serves: { $name }.
models-deleted = { $name } is deleted.

error-known-already = This server has that already.
error-no-face = I found no face in that picture that I could learn from: { $reasons }. Try one with a drawn face, seen from the front, at least 128 pixels wide.
error-no-genre-name = A genre needs a name of at most { $limit } characters, with a letter in it.
error-too-much-given = You have handed over { $limit } already, which is as many as I keep of one member here. You can take some back with /contribute takeback.
error-hearing-gone = I no longer have that song in mind. Please ask with /genre again, then correct me.
error-too-little-to-learn = There is too little to learn from yet. /train says what is missing.
error-no-lessons-left = { $everybody ->
    [yes] This server has had { $limit } lessons today, which is as many as the host allows. Please try again tomorrow.
   *[no] You have started { $limit } lessons today, which is as many as the host allows. Please try again tomorrow.
}
error-lesson-queue-full = { $waiting } lessons are waiting already, and I can't take more right now. Please try again later.
error-already-teaching = A lesson of that kind is under way in this server already.
error-no-portrait-lessons = I came without a portrait model, so I cannot teach portraits. Please tell the person who runs me.
error-no-such-model = I do not know that model: it may have been deleted. /models list shows those there are.
error-model-damaged = The file of lesson { $number } is damaged, so I left everything as it was. You can delete it with /models delete and teach it anew.
error-other-music-model = Lesson { $number } was taught with an earlier ear of mine and cannot be used with the present one. Please teach it anew.
error-nothing-before = There is nothing to roll back to: what I came with serves already.

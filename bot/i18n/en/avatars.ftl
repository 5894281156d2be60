# Portraits: /avatar, /morph and /gallery.
command-avatar = avatar
    .description = Draw a portrait of Udonge, different for every word
option-avatar-seed = seed
    .description = Any word or number; the same one draws the same portrait
option-avatar-count = count
    .description = How many at once
option-avatar-like = like
    .description = A picture for the portrait to be like: PNG, JPEG, WebP or GIF
option-avatar-strength = strength
    .description = How much of that picture, in percent: 0 none of it, 100 as much as I can
option-avatar-private = private
    .description = Show the answer to me alone
command-morph = morph
    .description = Let one portrait turn into another and back
option-morph-from = from
    .description = A word or number, or a portrait of your gallery
option-morph-to = to
    .description = Another word or number, or a portrait of your gallery
command-gallery = gallery
    .description = Look at the portraits you keep here
menu-udongefy = Udonge-fy

avatar-seed = Seed **{ $seed }**
avatar-seed-like = Seed **{ $seed }**, { $percent }% like a picture. To draw it again, give me that picture again or keep the portrait.
avatar-seeds = Seeds { $seeds }
avatar-like = All { $percent }% like a picture.
avatar-model = Drawn by { $model }
avatar-alt = { $count ->
    [one] A drawn portrait of Udonge, a girl with lavender hair, red eyes and rabbit ears, from the seed “{ $seeds }”.
   *[other] { $count } drawn portraits of Udonge, a girl with lavender hair, red eyes and rabbit ears, from the seeds { $seeds }.
}
avatar-again = Again
avatar-keep = Keep
avatar-vary = Variations
avatar-morph = Morph from my last
avatar-explain-button = Explain
avatar-icon = Server icon
avatar-delete = Delete
avatar-pick = Open one of them…
avatar-morph-title = { $start } → { $end }
avatar-morph-alt = An animation: the portrait from the seed “{ $start }” slowly turns into the one from “{ $end }”, and back.
avatar-explain-title = What “{ $seed }” is put together from
avatar-explain = I learned from drawings. For each part of this portrait, left, these are the three drawings whose same part looks most like it.
avatar-explain-part = { $part } { $percent }%
avatar-explain-alt = The parts of the portrait from the seed “{ $seed }”, each beside the three training drawings most like it. The nearest: { $parts }.
avatar-part-ears = Ears
avatar-part-hair = Hair
avatar-part-eyes = Eyes
avatar-part-mouth = Mouth

gallery-title = Your gallery
gallery-empty = Your gallery is still empty. Press “Keep” under a portrait that you like.
gallery-kept = I keep **{ $seed }** for you. /{ $command } shows all you have.
gallery-page = Page { $page } of { $pages } · { $total ->
    [one] 1 portrait
   *[other] { $total } portraits
}
gallery-previous = ◀ Previous
gallery-next = Next ▶
gallery-take-out = Remove from gallery
gallery-taken-out = It is out of your gallery, for good.

icon-ask = Shall this be the server's icon, for everybody? The old one can be put back for 24 hours.
icon-yes = Set as server icon
icon-no = Leave it as it is
icon-done = Done. The message below can put the old icon back.
icon-changed = { $member } made the portrait **{ $seed }** the server's icon. The old one can be put back until { $until }.
icon-undo = Put the old icon back
icon-undone = { $member } put the old icon back.
icon-reason = { $member } chose the portrait “{ $seed }”
icon-undo-reason = { $member } put the old icon back

error-no-portrait-model = I cannot draw yet: no portrait model is installed. The person who runs me can put one in place.
error-other-portrait-model = That portrait was drawn by { $model }, which does not draw here now. What you keep in your gallery can still be looked at.
error-portrait-gone = I no longer have that portrait in mind. Draw it again with /{ command-avatar } and the seed that its answer names.
error-nothing-to-morph = A morph needs two different portraits. Draw another one first, or name two seeds with /{ command-morph }.
error-gallery-full = Your gallery holds { $limit } portraits and is full. Remove one with /{ command-gallery } first.
error-cannot-explain = I have no training drawings to compare this portrait with.
error-too-many-portraits = { $waiting } pictures are being worked on already, and I can't take more right now. Please ask again in a minute.
error-morph-too-heavy = The animation would be larger than the files I may post here.
error-bot-may-not-manage = I may not change this server's icon: my role needs the permission “Manage Server”.
error-icon-out-of-reach = I could not fetch the present icon, so I could not put it back later. I changed nothing; please try again in a minute.
error-no-undo-left = The old icon can no longer be put back: it was done already, or 24 hours are over.
error-icon-changed-since = Somebody has set another icon since, so I leave it as it is.

error-picture-too-large = That picture has { $size } MB and I can take { $limit }. Try a smaller one.
error-too-many-pixels = That picture has { $size } million pixels and I can take { $limit }. Try a smaller one.
error-not-a-picture = That is not a picture I can open. I can open PNG, JPEG, WebP and GIF.
error-picture-damaged = That file begins like a picture but is damaged. Does it open for you? Try saving it anew.
error-picture-too-costly = Opening that picture took too much time or memory, so I stopped. Try saving it anew, or a smaller one.
error-not-safe-for-work = That looks like something not to be shown at work, so I leave it be. If I am mistaken, try another picture or a tighter crop of the face.

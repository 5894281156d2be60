# Portraits: /avatar, /morph and /gallery.
command-avatar = avatar
    .description = Draw a portrait of Udonge, different for every word
option-avatar-seed = seed
    .description = Any word or number; the same one always draws the same portrait
option-avatar-style = style
    .description = The style she is drawn in
option-avatar-mood = mood
    .description = Her expression
option-avatar-ears = ears
    .description = How her ears stand
option-avatar-scene = scene
    .description = Where she is
option-avatar-count = count
    .description = How many to draw at once
option-avatar-like = like
    .description = A picture it should resemble: PNG, JPEG, WebP or GIF{ $limit ->
        [0] {""}
       *[other] , up to { $limit } MB
    }
option-avatar-strength = strength
    .description = How closely to follow that picture, in percent: 0 is not at all, 100 is as close as I can
option-avatar-private = private
    .description = Only you can see the answer
command-morph = morph
    .description = Turn one portrait into another and back
option-morph-from = from
    .description = A word, a number, or a portrait from your gallery
option-morph-to = to
    .description = Another word, number, or portrait from your gallery
command-gallery = gallery
    .description = See the portraits you saved here
menu-udongefy = Udonge-fy

avatar-seed = Seed **{ $seed }**
avatar-seed-like = Seed **{ $seed }**, { $percent }% like your picture. To draw it again, attach the same picture or save the portrait.
avatar-seed-varied = { $name } · draw it again with the seed **{ $seed }**
avatar-varied = { $seed }, a little different
avatar-variations = Variations of **{ $seed }**
avatar-chosen = Chosen: { $choices }
avatar-seeds = Seeds { $seeds }
avatar-like = All { $percent }% like your picture.
avatar-model = Drawn by { $model }
avatar-alt = { $count ->
    [one] A drawn portrait of Udonge, a girl with lavender hair, red eyes and rabbit ears, from the seed “{ $seeds }”.
   *[other] { $count } drawn portraits of Udonge, a girl with lavender hair, red eyes and rabbit ears, from the seeds { $seeds }.
}
avatar-again = New one
avatar-keep = Save
avatar-vary = Variations
avatar-morph = Morph from my last one
avatar-explain-button = Explain
avatar-large = Full size
avatar-large-words = Here it is in full size, { $side } × { $side } pixels.
avatar-round = This is how Discord shows it as an icon.
avatar-round-alt = The portrait from the seed “{ $seed }” cut round as an icon, from large to very small, on dark and on light.
avatar-choose-mood = Change her mood…
avatar-choose-style = Change the style…
avatar-icon = Server icon
avatar-delete = Delete
avatar-deleted = Deleted. You can undo this for a minute.
avatar-delete-undo = Undo
avatar-pick = Open one of them…
avatar-morph-title = { $start } → { $end }
avatar-morph-alt = An animation: the portrait from the seed “{ $start }” slowly turns into the one from “{ $end }” and back.
avatar-explain-title = Where “{ $seed }” comes from
avatar-explain = I learned from drawings. For each part of this portrait (left), these are the three drawings that look most like it.
avatar-explain-part = { $part } { $percent }%
avatar-explain-alt = The parts of the portrait from the seed “{ $seed }”, each next to the three training drawings most like it. The closest: { $parts }.
avatar-style-cel = Cel
avatar-style-airbrush = Airbrush
avatar-style-gouache = Gouache
avatar-style-watercolour = Watercolour
avatar-style-poster = Poster
avatar-style-pencil = Pencil
avatar-style-chibi = Chibi
avatar-style-film = Anime film
avatar-style-manga = Manga
avatar-style-moonlit = Moonlit
avatar-style-candy = Candy
avatar-style-ink = Ink
avatar-mood-smile = Smile
avatar-mood-laugh = Laughing
avatar-mood-grin = Grin
avatar-mood-cat = Cat smile
avatar-mood-wink = Wink
avatar-mood-closed = Eyes closed
avatar-mood-calm = Calm
avatar-mood-pout = Pout
avatar-mood-surprise = Surprised
avatar-mood-sleepy = Sleepy
avatar-mood-shy = Shy
avatar-mood-lunatic = Lunatic red eyes
avatar-ears-upright = Upright
avatar-ears-leaning = Leaning outwards
avatar-ears-crumpled = Crumpled
avatar-ears-folded = Folded
avatar-ears-drooping = Drooping
avatar-ears-odd = One folded
avatar-scene-plain = Plain
avatar-scene-pattern = Pattern
avatar-scene-sky = Blue sky
avatar-scene-dusk = Dusk
avatar-scene-moon = Moonlit night
avatar-scene-bamboo = Bamboo forest
avatar-scene-blossom = Cherry blossoms
avatar-scene-maple = Autumn leaves
avatar-scene-snow = Snow
avatar-scene-lights = City lights
avatar-part-ears = Ears
avatar-part-hair = Hair
avatar-part-eyes = Eyes
avatar-part-mouth = Mouth

gallery-title = Your gallery
gallery-empty = Your gallery is empty. Press “Save” under a portrait you like.
gallery-kept = Saved **{ $seed }** to your gallery. See them all with /{ $command }.
gallery-page = Page { $page } of { $pages } · { $total ->
    [one] 1 portrait
   *[other] { $total } portraits
}
gallery-previous = ◀ Previous
gallery-next = Next ▶
gallery-take-out = Remove from gallery
gallery-taken-out = Removed from your gallery for good.

icon-ask = Make this the server icon for everyone? You can put the old one back within 24 hours.
icon-yes = Set as server icon
icon-no = Cancel
icon-done = Done. You can put the old icon back from the message below.
icon-changed = { $member } set the portrait **{ $seed }** as the server icon. The old one can be put back until { $until }.
icon-undo = Put the old icon back
icon-undone = { $member } put the old icon back.
icon-reason = { $member } chose the portrait “{ $seed }”
icon-undo-reason = { $member } put the old icon back

error-strength-alone = “strength” says how closely to follow a picture, so it needs one: attach it with “like”, or leave “strength” out.
error-no-portrait-model = I can't draw yet because no portrait model is installed. Please ask the person who runs me to add one.
error-other-portrait-model = That portrait was drawn by an earlier model, which isn't in use here any more. You can still see it in your gallery if you saved it.
error-portrait-gone = I no longer have that portrait. You can draw it again with /{ command-avatar } and the seed shown in its message.
error-nothing-to-morph = A morph needs two different portraits. Draw another one first, or give two seeds with /{ command-morph }.
error-gallery-full = Your gallery is full: it holds { $limit ->
    [one] 1 portrait
   *[other] { $limit } portraits
}. Remove one with /{ command-gallery } first.
error-choice-unavailable = The portrait model here doesn't let you choose a { $group ->
    [style] style
    [mood] mood
    [ears] kind of ears
   *[scene] scene
}. Leave that option out and the seed decides.
error-cannot-explain = I don't have any training drawings to compare this portrait with.
error-too-many-portraits = I'm already working on { $waiting } pictures and can't take more right now. Please try again in a minute.
error-morph-too-heavy = That animation came out larger than the files I can post here. Try two other portraits.
error-bot-may-not-manage = I can't change this server's icon: my role needs the “Manage Server” permission.
error-icon-out-of-reach = I couldn't download the current icon, so I couldn't have put it back later. Nothing was changed. Please try again in a minute.
error-no-undo-left = The old icon can't be put back any more: either it already was, or 24 hours have passed.
error-icon-changed-since = Someone has set another icon since then, so I left it alone.

error-picture-too-large = That picture is { $size } MB; the limit is { $limit } MB. Try a smaller one.
error-too-many-pixels = That picture has { $size } megapixels; the limit is { $limit }. Try a smaller one.
error-not-a-picture = I can't open that as a picture. I can open PNG, JPEG, WebP and GIF.
error-picture-damaged = That picture file is damaged. Does it open for you? Try saving it again.
error-picture-too-costly = Opening that picture took too much time or memory, so I stopped. Try saving it again, or use a smaller one.
error-not-safe-for-work = That picture looks NSFW, so I won't use it. If I'm wrong, try another picture or crop it closer to the face.

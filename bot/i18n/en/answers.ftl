answer-genre = { $genre }, { $percent }%
answer-unsure = Not sure, perhaps { $genre } ({ $percent }%)
answer-unsure-why = This does not sound clearly like any of the genres I know.
answer-share = { $genre } { $percent }%
answer-footer = Heard { $windows ->
    [one] 1 second
   *[other] { $windows } seconds
} of the song · { $model }
answer-alt = Picture for “{ $title }”: { $verdict }. Bars show { $shares }. Below, how the genre moves through { $length } and the song's mel spectrogram.

card-movement = Through the song
card-others = Others
card-rhythm = Bar by bar
card-unsure = Not sure

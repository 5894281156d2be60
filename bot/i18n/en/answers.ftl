answer-genre = { $genre }, { $percent }%
answer-unsure = Not sure, maybe { $genre } ({ $percent }%)
answer-unsure-why = This doesn't clearly match any genre I know.
answer-share = { $genre } { $percent }%
answer-footer = Based on { $windows ->
    [one] 1 one-second sample
   *[other] { $windows } one-second samples
} · { $model }
answer-alt = Picture for “{ $title }”: { $verdict }. Bars show { $shares }. Below: how the genre changes over { $length }, and the song's mel spectrogram.

card-movement = Through the song
card-others = Others
card-rhythm = Bar by bar
card-unsure = Not sure

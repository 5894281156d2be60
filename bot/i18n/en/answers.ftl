# /genre: what is said of a song, in words, in the picture and in its description.

answer-unsure = Not sure, maybe { $genre }
answer-unsure-why = This doesn't clearly match any genre I know.
answer-unsure-name-it = This doesn't clearly match any genre I know. If you know what it is, name it with the button below.
answer-too-short = Too short to name a genre
answer-too-short-why = There's less than { $needed } of sound in it. Try a longer part of the song.
answer-style = { $family }: { $style }
answer-style-likely = { $family }, probably { $style }
answer-style-maybe = { $family }, maybe { $style }
answer-share = { $genre } { $percent }%
answer-next = Find songs like it with /similar.
answer-speech = Speech, not music
answer-noise = Noise, not music
answer-tone = A tone or a single sound, not music
answer-not-music = It gets no genre, and I won't add it to the songbook. Try a file with music in it.
answer-key = Key: { $key } (Camelot { $camelot })
answer-no-key = No clear key
answer-footer = Based on { $windows ->
    [one] 1 excerpt
   *[other] { $windows } excerpts
} from { $length } of sound
answer-alt = Picture for “{ $title }”: { $verdict }. Over { $length }: { $course }. Tags: { $tags }. { $key }. { $tempo }.
answer-alt-plain = Picture for “{ $title }”: { $verdict }. Over { $length }: { $course }. { $key }. { $tempo }.
answer-alt-even = { $genre } { $percent }%, much the same throughout
answer-alt-changing = { $genre } { $percent }%, most around { $most } and least around { $least }

menu-left-out = That message has { $songs } songs, and I took the first { $shown }. For another one, use /{ command-genre } or /{ command-similar } with its file.

card-heading = Through the song, from start to end
card-explanation = Higher: sounds more like it. %: whole song. Pale: a guess.
card-key = Key
card-no-key = Not clear
card-camelot = Camelot { $camelot }
card-tempo = Tempo
card-others = Others

key-major = { $tonic } major
key-minor = { $tonic } minor

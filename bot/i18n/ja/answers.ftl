# /ジャンル：曲について言うこと（文章、画像、画像の説明）。

answer-unsure = はっきりしませんが、近いのは{ $genre }です
answer-unsure-why = 知っているどのジャンルにも、はっきりとは当てはまりません。
answer-unsure-name-it = 知っているどのジャンルにも、はっきりとは当てはまりません。ご存じでしたら、下のボタンから教えてください。
answer-too-short = 短すぎて、ジャンルを判定できません
answer-too-short-why = 音の入っている部分が{ $needed }未満です。もう少し長い部分でお試しください。
answer-style = { $family }（{ $style }）
answer-style-likely = { $family }、おそらく{ $style }
answer-style-maybe = { $family }、もしかすると{ $style }
answer-share = { $genre } { $percent }%
answer-next = 似た曲は /似た曲 で探せます。
answer-speech = 音楽ではなく、話し声のようです
answer-noise = 音楽ではなく、ノイズのようです
answer-tone = 音楽ではなく、単音や効果音のようです
answer-not-music = そのため、ジャンルは付けず、ソングブックにも登録しません。音楽の入ったファイルでお試しください。
answer-key = キー：{ $key }（Camelot { $camelot }）
answer-no-key = キーははっきりしません
answer-footer = { $length }の曲から{ $windows }か所を聴いて判定
answer-alt = 「{ $title }」の図。{ $verdict }。{ $length }の流れ：{ $course }。特徴：{ $tags }。{ $key }。{ $tempo }。
answer-alt-plain = 「{ $title }」の図。{ $verdict }。{ $length }の流れ：{ $course }。{ $key }。{ $tempo }。
answer-alt-even = { $genre } { $percent }%（全体を通してほぼ一定）
answer-alt-changing = { $genre } { $percent }%（{ $most }ごろに最も強く、{ $least }ごろに最も弱い）

menu-left-out = このメッセージには{ $songs }曲あるため、最初の{ $shown }曲だけを聴きました。ほかの曲は、/{ command-genre } か /{ command-similar } にファイルを添付してください。

card-heading = 曲の流れ（始めから終わりまで）
card-explanation = 高いほどそのジャンルらしく、％は曲全体の値、薄い色は推測です。
card-key = キー
card-no-key = はっきりしない
card-camelot = Camelot { $camelot }
card-tempo = テンポ
card-others = その他

key-major = { $tonic }メジャー
key-minor = { $tonic }マイナー

answer-genre = { $genre } { $percent }%
answer-unsure = 判定できませんでした。いちばん近いのは{ $genre }（{ $percent }%）です
answer-unsure-why = 知っているどのジャンルにも、はっきりとは当てはまりません。
answer-share = { $genre } { $percent }%
answer-footer = 1秒ずつ{ $windows }か所を聴いて判定 · { $model }
answer-alt = 「{ $title }」の図。{ $verdict }。棒グラフは{ $shares }。その下は、{ $length }のジャンルの移り変わりとメルスペクトログラム。

card-movement = 曲の流れ
card-others = その他
card-rhythm = 小節ごとの変化
card-unsure = 判定できず

answer-genre = { $genre } { $percent }%
answer-unsure = 自信がありません。強いて言えば{ $genre }（{ $percent }%）
answer-unsure-why = 知っているジャンルのどれかだと、はっきり言えない曲です。
answer-share = { $genre } { $percent }%
answer-footer = 曲のうち{ $windows }秒分を聴きました · { $model }
answer-alt = 「{ $title }」の図。{ $verdict }。棒グラフは{ $shares }。その下は{ $length }のあいだのジャンルの移り変わりと、メルスペクトログラム。

card-movement = 曲の流れ
card-others = その他
card-rhythm = 小節ごとの変化
card-unsure = 自信なし

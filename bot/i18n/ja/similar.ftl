# /similar と、サーバーの曲の地図。
command-similar = 似た曲
    .description = このサーバーから、似た曲を探します
option-similar-song = 曲
    .description = このサーバーで覚えている曲（題名の一部を入力）
option-similar-file = ファイル
    .description = または手元の曲（mp3、m4a、ogg、opus、flac、wav、webm、mp4）
option-similar-genre = ジャンル
    .description = このジャンルの曲だけ
option-similar-poster = 投稿者
    .description = このメンバーが投稿した曲だけ
option-similar-slowest = 最低テンポ
    .description = 1分あたりの拍数がこれ以上の曲だけ
option-similar-fastest = 最高テンポ
    .description = 1分あたりの拍数がこれ以下の曲だけ
option-similar-private = 自分だけ
    .description = 自分が読める全チャンネルから探し、答えを自分だけに見せます
menu-similar = 似た曲

similar-button = 似た曲
similar-heading = 「{ $title }」に似た曲
similar-asked = [この曲]({ $link })は{ $poster }さんの投稿です
similar-only = 条件：{ $filters }
similar-tempo-range = { $lowest }〜{ $highest } BPM
similar-match = { $number } · { $percent }% · { $title }
similar-part = { $part } { $percent }%
similar-part-timbre = 音色
similar-part-harmony = 和声
similar-part-rhythm = リズム
similar-alike = 似ているところ：{ $parts }
similar-unlike = 違うところ：{ $parts }
similar-tempo-same = 同じテンポ
similar-tempo-double = 2倍のテンポ
similar-tempo-half = 半分のテンポ
similar-tempo-other = 別のテンポ
similar-posted = { $poster } · { $when } · [聴く]({ $link })
similar-page = { $page }ページ目 · { $songs }曲の中から
similar-narrowed = ここの全員は読めないチャンネルを除いています。「自分だけ」をTrueにすると含めて答えます。
similar-previous = ◀ 前へ
similar-next = 次へ ▶
similar-like-one = この曲に似た曲…
similar-alone = ここで知っている曲はこの1曲だけなので、まだ比べる相手がありません。
similar-no-more = このページにはもう曲がありません。その間に削除されたのかもしれません。
similar-none-filtered = 当てはまる曲がほかにありません。{ $filters }。条件をゆるめてみてください。

error-unknown-song = その曲はもう覚えていません。削除されたか、あなたには読めないチャンネルの曲です。
error-another-model = その曲は前の耳で聴いたものなので、聴き直してからでないと比べられません。しばらくしてからもう一度聞くか、今すぐなら /似た曲 にファイルを付けて聞いてください。
error-forgotten-file = そのファイルの音はもう覚えていません。もう一度 /似た曲 にファイルを付けて聞いてください。
error-no-song-yet = このチャンネルの曲をまだ知りません。「曲」で選ぶか、「ファイル」を付けるか、メッセージのメニュー「似た曲」を使ってください。
error-unknown-title = 題名に「{ $typed }」を含む曲は、ここでは知りません。一部を入力して、一覧から選んでください。

empty-not-allowed = このサーバーでは曲を覚えることが許可されていないので、比べる曲がありません。サーバーの管理者が /ソングブック 許可 で許可できます。
empty-not-allowed-administrator = まだ曲を覚えていません。/ソングブック 許可 で許可できます。そのあと /ソングブック 取り込む で過去の曲を、/ソングブック 見守る で新しい曲を覚えます。
empty-member = あなたが読めるチャンネルの曲をまだ覚えていません。/ジャンル で曲を投稿するか、メッセージのメニュー「この曲を覚える」を使ってから、もう一度聞いてください。
empty-administrator = あなたが読めるチャンネルの曲をまだ覚えていません。/ソングブック 取り込む で過去の曲を、/ソングブック 見守る で新しい曲を覚えます。1曲だけなら /ジャンル か、メッセージのメニュー「この曲を覚える」でどうぞ。
empty-narrowed = 知っている曲は、ここの全員は読めないチャンネルにあります。「自分だけ」をTrueにすると、あなただけに答えます。

map-heading = このサーバーの{ $songs }曲
map-count = { $genre } { $songs }曲
map-alt = このサーバーの{ $songs }曲の地図。色はジャンルです（{ $genres }）。似た曲どうしが近くに並びます。
map-alt-around = このサーバーの{ $songs }曲の地図。色はジャンルです（{ $genres }）。星印は「{ $title }」、番号は似ている曲です：{ $found }。
tempo-bpm = { $bpm } BPM
list-comma = 、

command-songbook-map = 地図
    .description = このサーバーの曲を、似たものどうし並べて見ます
command-songbook-stats = 統計
    .description = このサーバーのソングブックを数字で見ます
map-explained = 似た曲どうしが近くに並びます。色はジャンル、輪は自信がなかった曲です。

stats-heading = このサーバーのソングブック
stats-songs = { $songs ->
   *[other] 曲
}
stats-of-music = の音楽
stats-members = { $members ->
   *[other] 人が投稿
}
stats-genres = ジャンル
stats-tempo = テンポ（BPM）
stats-posters = よく投稿する人
stats-poster = { $poster } · { $songs }曲
stats-when = 投稿の時期
stats-span = { $first }〜{ $last }
stats-kept = 残しているもの
stats-stored = 数値と曲名とメッセージIDで{ $stored }。聴いた音声{ $heard }は残していません
stats-hours = { $hours }時間
stats-minutes = { $minutes }分
stats-kilobytes = { $size } KB
stats-megabytes = { $size } MB
stats-tempo-step = { $lowest }〜{ $highest } BPM { $songs }曲
stats-alt = このサーバーのソングブックの数字。{ $songs }曲、{ $length }、{ $members }人が投稿。ジャンルは{ $genres }。
stats-alt-tempo = { $told }多いテンポは{ $tempos }。

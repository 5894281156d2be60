# /similar と、サーバーの曲の地図。
command-similar = 似た曲
    .description = このサーバーの曲から、似た曲を探します
option-similar-song = 曲
    .description = このサーバーの曲（曲名の一部を入力）
option-similar-second = 曲2
    .description = 2曲目。両方に似た曲を探します
option-similar-third = 曲3
    .description = 3曲目。すべてに似た曲を探します
option-similar-file = ファイル
    .description = または手元の曲（mp3、m4a、ogg、flac、wav、mp4など{ $limit ->
        [0] {""}
       *[other] 、{ $limit } MBまで
    }）
option-similar-genre = ジャンル
    .description = このジャンルの曲だけ
option-similar-poster = 投稿者
    .description = このメンバーが投稿した曲だけ
option-similar-slowest = 最低テンポ
    .description = 1分あたりの拍数がこれ以上の曲だけ
option-similar-fastest = 最高テンポ
    .description = 1分あたりの拍数がこれ以下の曲だけ
option-similar-private = 自分だけ
    .description = 自分が読めるすべてのチャンネルから探し、結果を自分だけに表示します
menu-similar = 似た曲

similar-button = 似た曲
similar-heading = 「{ $title }」に似た曲
similar-asked = [この曲]({ $link })は{ $poster }さんの投稿です
similar-asked-named = [{ $title }]({ $link })は{ $poster }さんの投稿です
similar-only = 条件：{ $filters }
similar-tempo-range = { $lowest }〜{ $highest } BPM
similar-match = { $number } · { $near } · { $title }
similar-very-close = とても近い
similar-close = 近い
similar-related = やや近い
similar-distant = 遠い
similar-part = { $part } { $bar }
similar-part-timbre = 音色
similar-part-style = 作風
similar-part-harmony = ハーモニー
similar-part-rhythm = リズム
similar-tempo-same = 同じテンポ
similar-tempo-double = 2倍のテンポ
similar-tempo-half = 半分のテンポ
similar-tempo-other = 違うテンポ
similar-posted = { $poster } · [聴く]({ $link })
similar-page = { $page } / { $pages }ページ
similar-counts = { $songs }曲のうち似ているのは{ $alike }曲
similar-nothing-close = 本当に似ている曲はここにはありません。いちばん近い曲：
similar-narrowed = 一部の人しか見られないチャンネルの曲は除いています。「自分だけ」をTrueにすると含めて探します。
similar-swapped = 最低テンポが最高テンポより大きかったため、入れ替えて探しました。
similar-previous = ◀ 前へ
similar-next = 次へ ▶
similar-like-one = この曲に似た曲…
similar-rate = 👍 👎 よい曲はありましたか？
similar-rated = { $thumb } ありがとうございます。この評価をもとに、このサーバーで何が「似ている」のかを学習します。もう一度同じものを選ぶと取り消せます。
similar-rating-taken-back = { $thumb } を取り消しました。
similar-alone = ここで記憶しているのはこの1曲だけなので、まだ比べられる曲がありません。/ジャンル か、メッセージのメニュー「この曲を記憶する」で曲を追加できます。
similar-no-more = このページにはもう曲がありません。その間に削除されたのかもしれません。
similar-none-filtered = 当てはまる曲はほかにありません（{ $filters }）。条件をゆるめてみてください。

error-unknown-song = その曲のデータはもうありません。削除されたか、あなたには読めないチャンネルの曲です。
error-another-model = 以前のモデルで解析した曲なので、解析し直すまで比べられません。しばらくしてからお試しいただくか、いますぐなら /似た曲 にファイルを添付してください。
error-forgotten-file = そのファイルのデータはもうありません。もう一度 /似た曲 にファイルを添付してください。
error-no-song-yet = このチャンネルの曲はまだ記憶していません。「曲」で選ぶか、「ファイル」を添付するか、メッセージのメニュー「似た曲」を使ってください。
error-unknown-genre = 「{ $typed }」の曲は、ここにはありません。一覧からジャンルを選んでください。
error-unknown-title = 曲名に「{ $typed }」を含む曲は、ここにはありません。一部を入力して、一覧から選んでください。

empty-not-allowed = このサーバーでは曲の記憶が許可されていないため、比べられる曲がありません。サーバーの管理者が /設定 許可 で許可できます。
empty-not-allowed-administrator = まだ曲を記憶していません。/設定 許可 で許可したあと、/設定 取り込む で過去の曲を、/設定 見守る で新しい曲を追加できます。
empty-member = あなたが読めるチャンネルの曲は、まだ記憶していません。/ジャンル で曲を投稿するか、メッセージのメニュー「この曲を記憶する」を使ってから、もう一度お試しください。
empty-administrator = あなたが読めるチャンネルの曲は、まだ記憶していません。/設定 取り込む で過去の曲を、/設定 見守る で新しい曲を追加できます。1曲だけなら /ジャンル か、メッセージのメニュー「この曲を記憶する」を使ってください。
empty-narrowed = 記憶している曲は、一部の人しか見られないチャンネルにあります。「自分だけ」をTrueにすると、あなただけに表示します。

map-heading = このサーバーの{ $songs }曲
map-heading-compared = 比べた{ $songs }曲
map-count = { $genre } { $songs }曲
map-alt = このサーバーの{ $songs }曲の地図。色はジャンルです（{ $genres }）。似た曲どうしが近くに並びます。
map-alt-around = このサーバーで比べた{ $songs }曲の地図。色はジャンルです（{ $genres }）。星印は「{ $title }」、番号は似ている曲です：{ $found }。
map-alt-list = { $what }{ $found }。地図はこのサーバーの{ $songs }曲で、色はジャンルです（{ $genres }）。
song-line = **{ $number }** [{ $title }]({ $link }) · { $facts } · { $poster }
tempo-bpm = { $bpm } BPM
list-comma = 、
list-plus = { " ＋ " }
genre-likely = { $genre }？
genre-with-style = { $genre }、{ $style }
genre-none = ジャンルなし
list-semicolon = ；

command-songbook-map = 地図
    .description = このサーバーの曲を、似た曲どうしが近くなるように並べます
command-songbook-stats = 統計
    .description = このサーバーのソングブックを数字で見ます
map-explained = 似た曲どうしが近くに並びます。色はジャンル、輪はジャンルが推測の曲です。/似た曲 で、どれかに似た曲を探せます。

stats-next = /ソングブック 地図 で、曲を並べて見られます。
stats-heading = このサーバーのソングブック
stats-songs = { $songs ->
   *[other] 曲
}
stats-of-music = 再生時間
stats-members = { $members ->
   *[other] 人が投稿
}
stats-genres = ジャンル
stats-tempo = テンポ（BPM）
stats-styles = スタイル
stats-posters = よく投稿する人
stats-poster = { $poster } · { $songs }曲
stats-when = 投稿の時期
stats-span = { $first }〜{ $last }
stats-kept = 保存しているもの
stats-stored = 数値と曲名とメッセージIDで{ $stored }。聴いた音声{ $heard }は保存していません
stats-hours = { $hours }時間
stats-minutes = { $minutes }分
stats-kilobytes = { $size } KB
stats-megabytes = { $size } MB
stats-tempo-step = { $lowest }〜{ $highest } BPM { $songs }曲
stats-alt = { $heading }の数字。{ $songs }曲、{ $length }、{ $members }人が投稿。ジャンルは{ $genres }。
stats-alt-tempo = { $told }多いテンポは{ $tempos }。

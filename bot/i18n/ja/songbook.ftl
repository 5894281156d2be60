# /songbook：どの曲を記憶し、どう削除するか。

command-songbook = ソングブック
    .description = このサーバーで記憶している曲
command-setup-allow = 許可
    .description = このサーバーで曲を記憶してよいかを決めます
option-songbook-allowed = 記憶してよい
    .description = True：記憶してよい。False：新しい曲を記憶しない
command-songbook-optout = 記憶を拒否
    .description = 自分の曲を記憶しないようにします。記憶済みの曲を削除するかは、あとで選べます
command-songbook-optin = 記憶を許可
    .description = 自分の曲をまた記憶してよいことにします
command-setup-watch = 見守る
    .description = チャンネルに投稿された曲を自動で記憶します
command-setup-unwatch = 見守り解除
    .description = チャンネルに投稿された曲の自動記憶をやめます
option-songbook-repeats = 再投稿
    .description = 以前にも投稿された曲なら、通知なしの返信で1回だけ知らせます
option-songbook-channel = チャンネル
    .description = チャンネル（スレッドも含みます）
command-setup-import = 取り込む
    .description = チャンネルの過去の曲を記憶します
option-songbook-history = 最初のメッセージから順に読むチャンネル
command-songbook-search = 探す
    .description = 言葉で曲を探します（例：静かなピアノ Aマイナー 90くらい）
option-search-words = 言葉
    .description = 曲名、ジャンル、雰囲気、楽器、キー、テンポなど
option-random-words = この言葉に合う曲から選びます（省略するとすべての曲から）
command-songbook-random = おまかせ
    .description = このサーバーの曲を1曲、ランダムに選びます
command-songbook-path = 道のり
    .description = ある曲から別の曲へ、少しずつ変わっていくプレイリストを作ります
option-path-first = 最初
    .description = 最初の曲（曲名の一部を入力）
option-path-last = 最後
    .description = 最後の曲（曲名の一部を入力）
option-path-length = 曲数
    .description = 両端を含む曲の数
command-songbook-forget = 削除
    .description = 自分の曲を1曲削除します。何も選ばなければ、すべて削除します
command-setup = 設定
    .description = 管理者用：このサーバーで何を記憶するか
command-setup-forget = 削除
    .description = 1曲、またはメンバーやチャンネルの曲をすべて削除します
option-songbook-song = 曲
    .description = 1曲だけ（曲名の一部を入力）
option-songbook-member = メンバー
    .description = このメンバーの曲すべて
option-songbook-forget-channel = チャンネル
    .description = このチャンネルとスレッドの曲すべて
menu-remember = この曲を記憶する

songbook-allowed = このサーバーで曲を記憶できるようになりました。保存するのは、音の特徴を表す数値、曲名、投稿した人と場所だけです。音声やリンクは保存しません。全員に見える /ジャンル と、メッセージのメニュー「この曲を記憶する」で記憶します。チャンネルごと記憶するには /設定 見守る と /設定 取り込む を使ってください。自分の曲を記憶してほしくない人は、いつでも /ソングブック 記憶を拒否 で断れます。
songbook-not-allowed = このサーバーの新しい曲は記憶しません。記憶済みの曲は、/設定 削除 で削除するまで残ります。
songbook-optout-question = { $count ->
   *[other] ここではあなたの曲を{ $count }曲記憶しています。それを残して今後だけ記憶しないようにするか、いっしょに削除するかを選んでください。削除した曲は、あとで許可しても戻りません。
}
songbook-optout-stop = 今後は記憶しない
songbook-optout-forget = { $count ->
   *[other] 今後は記憶せず、{ $count }曲も削除
}
songbook-opted-out = このサーバーでは、あなたの新しい曲を記憶しません。{ $count ->
    [0] {""}
   *[other] 記憶していた{ $count }曲は削除しました。
}{ $left ->
    [0] {""}
   *[other] 記憶済みの{ $left }曲は、/ソングブック 削除 で削除するまで残ります。
}/ソングブック 記憶を許可 でまた許可できます。
songbook-opted-in = ありがとうございます。サーバーが許可していれば、あなたの曲をまた記憶します。削除した曲は、もう一度投稿されるか取り込まれたときに記憶し直します。

answer-remembered = 👂 このサーバーのソングブックに登録しました。
answer-not-remembered = このサーバーのソングブックには登録していません。
songbook-remembered = 👂「{ $title }」をソングブックに登録しました。似た曲は、メッセージのメニュー「アプリ › 似た曲」で探せます。
songbook-known = 「{ $title }」はすでにソングブックに登録されています。
songbook-refused = { $poster }さんが記憶を拒否しているため、「{ $title }」は登録しません。
songbook-not-music = 「{ $title }」は音楽ではないようなので、登録しません。
songbook-too-short = 「{ $title }」は、音の入っている部分が{ $needed }未満のため、登録しません。
songbook-deleted-meanwhile = 「{ $title }」は解析中に削除されたため、登録しませんでした。

songbook-watching = これから { $channel } とそのスレッドに投稿された曲を記憶します。リアクションできる場所では、記憶した曲に👂を付けます。
songbook-watched-already = { $channel } はすでに見守っています。
songbook-unwatched = { $channel } に投稿された新しい曲は記憶しません。記憶済みの曲は、/設定 削除 で削除するまで残ります。
songbook-not-watched = { $channel } は見守っていませんでした。

songbook-repeats-told = 以前にも投稿された曲なら、最初の投稿へのリンクを、通知なしの返信で1回だけ知らせます。
songbook-repeats-not-told = 以前にも投稿された曲かどうかは、知らせません。
songbook-repeat = 🔁 以前にも投稿された曲です：[「{ $title }」]({ $link })（{ $poster }さん、{ $when }）

search-heading = 「{ $typed }」の検索結果
search-partly = すべてに当てはまる曲はありません。いちばん近い曲：
search-count = { $songs }曲のうち{ $shown }曲
search-alt = 見つかった曲（地図の番号）：
random-another = 🎲 もう1曲
error-nothing-typed = 何を探すかを入力してください。曲名の一部、ジャンル、雰囲気、楽器、キー、テンポで探せます（例：静かなピアノ Aマイナー 90くらい）。
error-no-song-found = 「{ $typed }」に合う曲は、ここにはありません。言葉を減らすか、変えてみてください。
path-heading = 「{ $first }」から「{ $last }」へ
path-explained = 各行の最後の言葉は、前の曲との近さです。
path-alt = 地図に線で示したプレイリスト：
error-same-song = その2つは同じ曲です。別々の曲を選んでください。
error-no-way = その2曲のあいだをつなぐ曲が、ここにはありません。

songbook-import-running = { $channel } の曲を取り込んでいます
songbook-import-done = { $channel } の曲を取り込みました
songbook-import-cancelled = { $channel } の取り込みを中止しました
songbook-import-failed = { $channel } を最後まで取り込めませんでした
songbook-import-songs = 👂 { $count }曲を登録しました
songbook-import-known = 登録済みの曲 { $count }
songbook-import-refused = 投稿者が拒否した曲 { $count }
songbook-import-unheard = 再生できなかった曲 { $count }
songbook-import-too-short = 短すぎた曲・音楽でないもの { $count }
songbook-import-messages = 読んだメッセージ { $count }件
songbook-import-now = いまの曲：「{ $title }」
songbook-import-pace = 1分に{ $songs }曲
songbook-import-left = 残り約{ $minutes }
songbook-import-cancel = 中止
songbook-import-ending = いまの曲が終わったら中止します。登録した曲はそのまま残ります。
songbook-import-over = この取り込みはすでに終わっています。
songbook-import-next = /ソングブック 地図 で見たり、/似た曲 で似た曲を探したりできます。
songbook-import-trouble = ボット側の問題で止まりました。再起動すると続きから取り込みます。

songbook-forget-song = { $mention }さんが投稿した「{ $title }」を削除しますか？
songbook-forget-member = { $mention }さんがこのサーバーに投稿した曲をすべて削除しますか？
songbook-forget-channel = { $mention } とそのスレッドに投稿された曲をすべて削除しますか？
songbook-forget-yes = 削除する
songbook-forget-no = やめる
songbook-forgot = { $count ->
    [0] すでに削除されていました。
   *[other] { $count }曲を削除しました。
}
songbook-kept = 何も削除していません。

error-remembering-not-allowed = このサーバーでは、曲の記憶がまだ許可されていません。サーバーの管理者が /設定 許可 で許可できます。
error-not-administrator = この操作ができるのは、このサーバーを管理できる人だけです。
error-not-yours = それは別の人のものです。操作できるのは、その人か、このサーバーを管理できる人だけです。
error-already-importing = そのチャンネルは、いま取り込んでいるところです。
error-needs-message-content = この操作には、メッセージのファイルを見る権限（Discordの「Message Content Intent」）が必要です。ボットの運営者が、Discord Developer PortalのBotの項目で「Message Content Intent」をオンにし、USAMIMI_MESSAGE_CONTENT=true を設定して再起動する必要があります。/ジャンル と「この曲を記憶する」は、このままで使えます。
error-needs-permissions = { $channel } での権限が足りません：{ $permissions }。サーバーを管理している人に権限を付けてもらってから、もう一度お試しください。
error-one-at-a-time = 曲、メンバー、チャンネルのうち、ひとつだけ選んでください。
error-nothing-to-forget = 当てはまる曲は記憶していないので、削除するものはありません。
error-cannot-fetch = いまDiscordからファイルを取得できませんでした。1分ほどしてから、もう一度お試しください。
error-database-locked = データベースをほかのプログラムが使用しているため、できませんでした。1分ほどしてからもう一度お試しください。続くようでしたら、運営者に伝えてください。
error-database-read-only = データベースに書き込めないため、何も変更していません。運営者に伝えてください。
error-disk-full = 保存領域がいっぱいのため、何も保存できませんでした。運営者に伝えてください。
error-database-damaged = データベースが壊れているため、できませんでした。運営者に伝えてください。バックアップから復元できます。
error-newer-schema = データベースが新しいバージョンで書かれているため、使えません。運営者に伝えてください。
error-other-vector = 曲は解析できましたが、結果を保存できませんでした。運営者に伝えてください。
error-database-unavailable = いまデータベースに接続できなかったため、何も変更していません。1分ほどしてから、もう一度お試しください。

permission-view-channel = チャンネルを見る
permission-read-message-history = メッセージ履歴を読む
permission-send-messages = メッセージを送信
permission-embed-links = 埋め込みリンク
permission-attach-files = ファイルを添付

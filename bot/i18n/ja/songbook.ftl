# /songbook：曲を覚えること、忘れること。

command-songbook = ソングブック
    .description = このサーバーで覚えた曲
command-songbook-allow = 許可
    .description = このサーバーで曲を覚えてよいかを決めます（管理者）
option-songbook-allowed = 覚えてよい
    .description = True：覚えてよい。False：もう覚えない
command-songbook-optout = 覚えないで
    .description = 自分の曲を覚えないようにし、覚えている曲も忘れさせます
command-songbook-optin = 覚えていいよ
    .description = 自分の曲をまた覚えてよいことにします
command-songbook-watch = 見守る
    .description = チャンネルに投稿された曲をその場で覚えます（管理者）
command-songbook-unwatch = 見守らない
    .description = チャンネルに投稿された曲を覚えるのをやめます（管理者）
option-songbook-channel = チャンネル
    .description = チャンネル（スレッドも含みます）
command-songbook-import = 取り込む
    .description = チャンネルの過去の曲を覚えます（管理者）
option-songbook-history = 最初のメッセージから順に聴くチャンネル
command-songbook-forget = 忘れる
    .description = 自分の曲を1曲、何も選ばなければ全部、忘れさせます
option-songbook-song = 曲
    .description = 1曲だけ
option-songbook-member = メンバー
    .description = メンバーの曲すべて（管理者）
option-songbook-forget-channel = チャンネル
    .description = チャンネルとスレッドの曲すべて（管理者）
menu-remember = この曲を覚える

songbook-allowed = このサーバーで曲を覚えられるようになりました。残すのは、曲の響きを表す数値、曲名、投稿した人と場所だけです。音声やリンクは残しません。公開の /ジャンル と、メッセージのメニュー「この曲を覚える」で覚えます。チャンネルごと覚えるには /ソングブック 見守る と /ソングブック 取り込む を使ってください。自分の曲を覚えてほしくない人は、いつでも /ソングブック 覚えないで で断れます。
songbook-not-allowed = もうこのサーバーの曲は覚えません。すでに覚えた曲は、/ソングブック 忘れる で消すまで残ります。
songbook-opted-out = { $count ->
    [0] このサーバーではあなたの曲を覚えません。いま覚えている曲もありません。
   *[other] 覚えていたあなたの曲{ $count }曲を忘れました。このサーバーではもう覚えません。
}/ソングブック 覚えていいよ でいつでも取り消せます。
songbook-opted-in = ありがとうございます！サーバーが許すかぎり、あなたの曲をまた覚えます。忘れた曲は、もう一度投稿されるか取り込まれたときに覚え直します。

answer-remembered = 👂 このサーバーのソングブックに覚えました。
songbook-remembered = 👂「{ $title }」を覚えました。
songbook-known = 「{ $title }」はもう覚えています。
songbook-refused = { $poster } さんは曲を覚えてほしくないそうなので、「{ $title }」はそのままにします。
songbook-deleted-meanwhile = 「{ $title }」は聴いているあいだに削除されたので、忘れました。

songbook-watching = これから { $channel } とそのスレッドに投稿された曲を覚えます。リアクションできる場所では、覚えた曲に👂を付けます。
songbook-watched-already = { $channel } はもう見守っています。
songbook-unwatched = { $channel } に投稿された曲を覚えるのをやめました。すでに覚えた曲は、/ソングブック 忘れる で消すまで残ります。
songbook-not-watched = { $channel } は見守っていませんでした。

songbook-import-running = { $channel } を聴いています
songbook-import-done = { $channel } を最後まで聴きました
songbook-import-cancelled = { $channel } を聴くのを止めました
songbook-import-failed = { $channel } を最後までは聴けませんでした
songbook-import-songs = 👂 { $count }曲を覚えました
songbook-import-known = 前から覚えていた曲 { $count }
songbook-import-refused = 投稿者が断った曲 { $count }
songbook-import-unheard = 聴けなかった曲 { $count }
songbook-import-messages = 読んだメッセージ { $count }件
songbook-import-now = いまの曲：「{ $title }」
songbook-import-pace = 1分に{ $songs }曲
songbook-import-left = 残り約{ $minutes }
songbook-import-cancel = 止める
songbook-import-ending = いま聴いている曲で止めます。覚えた曲はそのままです。
songbook-import-over = もう終わっていました。
songbook-import-trouble = こちらの不具合で止まりました。再起動すると続きから聴きます。

songbook-forget-song = { $mention } さんが投稿した「{ $title }」を忘れますか？
songbook-forget-member = { $mention } さんがこのサーバーに投稿した曲をすべて忘れますか？
songbook-forget-channel = { $mention } とそのスレッドに投稿された曲をすべて忘れますか？
songbook-forget-yes = 忘れる
songbook-forget-no = そのまま
songbook-forgot = { $count ->
    [0] もう忘れていました。
   *[other] { $count }曲を忘れました。
}
songbook-kept = 何も忘れていません。

error-remembering-not-allowed = このサーバーでは、曲を覚える許可がまだありません。サーバーを管理している人が /ソングブック 許可 で許可できます。
error-not-administrator = それができるのは、このサーバーを管理できる人だけです。
error-not-yours = それは別の人のものです。できるのは、その人か、このサーバーを管理できる人だけです。
error-already-importing = そのチャンネルは、いま聴いているところです。
error-needs-message-content = それには、メッセージのファイルを見る権限（Discordの「Message Content Intent」）が必要です。ボットの運営者が、Discord Developer PortalのBotの項目で「Message Content Intent」をオンにし、USAMIMI_MESSAGE_CONTENT=true を設定して再起動する必要があります。/ジャンル と「この曲を覚える」は、このままで使えます。
error-needs-permissions = { $channel } での権限が足りません：{ $permissions }。管理している人に付けてもらってから、もう一度お願いします。
error-one-at-a-time = 曲、メンバー、チャンネルのうち、ひとつだけ選んでください。
error-nothing-to-forget = ここで覚えているものはないので、忘れるものもありません。
error-cannot-fetch = いまDiscordからファイルを受け取れませんでした。1分ほどしてから、もう一度お願いします。
error-database-locked = 記憶を別のプログラムが使っているため、できませんでした。1分ほどしてからもう一度お願いします。続くようなら、運営者に伝えてください。
error-database-read-only = 記憶に書き込めないため、何も変えていません。運営者に伝えてください。
error-disk-full = 記憶の空きがなくなったため、何も残せませんでした。運営者に伝えてください。
error-database-damaged = 記憶が壊れているため、できませんでした。運営者に伝えてください。バックアップから戻せます。
error-newer-schema = 記憶が新しい版で書かれているため、使えません。運営者に伝えてください。
error-other-vector = 曲は聴けましたが、残せませんでした。運営者に伝えてください。
error-database-unavailable = いま記憶に手が届かなかったため、何も変えていません。1分ほどしてから、もう一度お願いします。

permission-view-channel = チャンネルを見る
permission-read-message-history = メッセージ履歴を読む
permission-send-messages = メッセージを送信

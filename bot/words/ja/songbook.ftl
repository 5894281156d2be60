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

apology-not-allowed = このサーバーでは、曲を覚える許可がまだありません。サーバーを管理している人が /ソングブック 許可 で許可できます。
apology-not-administrator = それができるのは、このサーバーを管理できる人だけです。

# /privacy：メンバーについて残しているもの。

command-privacy = プライバシー
    .description = すべての共通サーバーで、あなたについて残しているもの
command-privacy-show = 見る
    .description = あなたについて残しているものを見ます
command-privacy-export = 受け取る
    .description = あなたについて残しているものを、ファイルで全部受け取ります
command-privacy-delete = 削除
    .description = あなたについて残しているものを全部消します
command-privacy-optout = 覚えないで
    .description = 全部消して、あなたの曲をもう覚えないようにします
option-privacy-undo = 取り消す
    .description = True：前に断ったのを取り消します

privacy-heading = あなたについて残しているもの
privacy-nothing = あなたについて残しているものはありません。
privacy-here = このサーバー
privacy-server = サーバー { $server }
privacy-direct = ダイレクトメッセージ
privacy-songs = { $count ->
   *[other] ソングブックの{ $count }曲：響きの数値、曲名、場所、日時
}
privacy-portraits = { $count ->
   *[other] あなたのために描いた似顔絵{ $count }枚
}{ $gallery ->
    [0] {""}
   *[other] （うちギャラリーに{ $gallery }枚）
}
privacy-given-songs = { $count ->
   *[other] レッスンのために渡してくださった曲{ $count }曲（数値のみ）
}
privacy-given-art = { $count ->
   *[other] 渡してくださった絵から切り抜いた顔{ $count }枚
}
privacy-lessons = { $count ->
   *[other] あなたが始めたレッスン{ $count }回
}
privacy-admin-actions = { $count ->
   *[other] 管理者として始めたり設定したりした{ $count }件の、あなたのID
}
privacy-agreed = 渡すことへの同意（{ $when }）
privacy-opted-out = ここであなたの曲を覚えないという約束
privacy-opted-out-everywhere = どのサーバーでもあなたの曲を覚えないという約束
privacy-models = 渡してくださったものから学んだモデル：{ $models }
privacy-elsewhere = { $count ->
   *[other] ほかに{ $count }サーバーで残しているものがあります。/プライバシー 受け取る で全部わかります。
}
privacy-how = /プライバシー 受け取る で全部お渡しし、/プライバシー 削除 で消します。

privacy-export = あなたについて残しているものの全部です{ $parts ->
    [0] {""}
   *[other] （絵は{ $parts }つのアーカイブに入っています）
}。このメッセージはあなただけに見えます。

privacy-delete-question = すべてのサーバーで、あなたについて残しているものを全部消しますか？ギャラリーと、渡してくださったものは元に戻せません。
privacy-optout-question = すべてのサーバーで、あなたについて残しているものを全部消し、あなたの曲をもう覚えないようにしますか？ギャラリーと、渡してくださったものは元に戻せません。
privacy-delete-yes = 全部消す
privacy-delete-no = そのまま
privacy-kept = 何も消していません。
privacy-deleted = 消しました：{ $songs ->
   *[other] 曲{ $songs }曲
}、{ $portraits ->
   *[other] 似顔絵{ $portraits }枚
}、{ $given ->
   *[other] 渡してくださったもの{ $given }点
}、それに関わるものすべて。
privacy-deleted-lessons = { $count ->
   *[other] 順番待ちや途中だったレッスン{ $count }回を取りやめました。
}
privacy-deleted-admin-actions = { $count ->
   *[other] 管理者としての記録{ $count }件から、あなたのIDを消しました。
}
privacy-deleted-models = 渡してくださったものから学んだモデルがありました：{ $models }。印を付けました。今後のレッスンには使わず、管理者はそれなしで教え直せます。
privacy-opted-out-done = どのサーバーでも、あなたの曲をもう覚えません。/プライバシー 覚えないで の「取り消す」をTrueにすると戻せます。
privacy-opted-in = ありがとうございます！サーバーが許すかぎり、あなたの曲をまた覚えます。
privacy-not-opted-out = すべてのサーバーで断ってはいませんでした。サーバーごとの約束は /ソングブック 覚えていいよ で取り消せます。

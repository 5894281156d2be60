# /privacy：メンバーについて保存しているもの。

command-privacy = プライバシー
    .description = すべての共通サーバーで、あなたについて保存しているデータ
command-privacy-show = 見る
    .description = あなたについて保存しているデータを表示します
command-privacy-export = ダウンロード
    .description = あなたについて保存しているデータをすべてダウンロードします
command-privacy-delete = 削除
    .description = あなたについて保存しているデータをすべて削除します
command-privacy-optout = 記憶を拒否
    .description = すべて削除し、今後あなたの曲を記憶しないようにします
option-privacy-undo = 取り消す
    .description = True：前の拒否を取り消します

privacy-heading = あなたについて保存しているデータ
privacy-nothing = あなたについて保存しているデータはありません。
privacy-here = このサーバー
privacy-server = サーバー { $server }
privacy-direct = ダイレクトメッセージ
privacy-songs = { $count ->
   *[other] ソングブックの{ $count }曲：音の特徴を表す数値、曲名、チャンネル、日時
}
privacy-portraits = { $count ->
   *[other] あなたのために描いた似顔絵{ $count }枚
}{ $gallery ->
    [0] {""}
   *[other] （うちギャラリーに{ $gallery }枚）
}
privacy-given-songs = { $count ->
   *[other] レッスンのために提供した{ $count }曲（数値のみ）
}
privacy-given-art = { $count ->
   *[other] 提供した絵から切り抜いた顔{ $count }枚
}
privacy-ratings = { $count ->
   *[other] 結果に付けた👍と👎{ $count }件
}
privacy-taste = 好みの公開（/好み）への同意（{ $when }）
privacy-lessons = { $count ->
   *[other] あなたが始めたレッスン{ $count }回
}
privacy-admin-actions = { $count ->
   *[other] 管理者として行った設定や操作{ $count }件に記録されたあなたのID
}
privacy-agreed = 提供への同意（{ $when }）
privacy-opted-out = あなたの曲を記憶しないという、このサーバーでの設定
privacy-opted-out-everywhere = どのサーバーでもあなたの曲を記憶しないという設定
privacy-models = あなたが提供したもので学習したモデル：{ $models }
privacy-elsewhere = { $count ->
   *[other] ほかに{ $count }サーバーで保存しているデータがあります。/プライバシー ダウンロード にはすべて含まれます。
}
privacy-how = /プライバシー ダウンロード でダウンロードし、/プライバシー 削除 で削除できます。

privacy-export = あなたについて保存しているすべてのデータです{ $parts ->
    [0] {""}
   *[other] （絵は{ $parts }個のアーカイブに入っています）
}。このメッセージはあなただけに表示されています。

privacy-delete-question = すべてのサーバーで、あなたについて保存しているデータをすべて削除しますか？ギャラリーと提供したものは元に戻せません。
privacy-optout-question = すべてのサーバーで、あなたについて保存しているデータをすべて削除し、今後あなたの曲を記憶しないようにしますか？ギャラリーと提供したものは元に戻せません。
privacy-delete-yes = すべて削除
privacy-delete-no = やめる
privacy-kept = 何も削除していません。
privacy-nothing-deleted = 削除するものはありませんでした。
privacy-deleted = 削除しました：{ $what }、および関連するすべてのデータ。
privacy-deleted-songs = { $count ->
   *[other] { $count }曲
}
privacy-deleted-portraits = { $count ->
   *[other] 似顔絵{ $count }枚
}
privacy-deleted-given = { $count ->
   *[other] 提供したもの{ $count }点
}
privacy-deleted-rest = 提供への同意など、残っていたデータを削除しました。
privacy-deleted-ratings = { $count ->
   *[other] あなたが付けた👍と👎{ $count }件も削除しました。
}
privacy-deleted-lessons = { $count ->
   *[other] 順番待ちまたは実行中だったレッスン{ $count }回を中止しました。
}
privacy-deleted-admin-actions = { $count ->
   *[other] 管理者として行った設定や操作{ $count }件から、あなたのIDを削除しました。
}
privacy-deleted-models = あなたが提供したもので学習したモデルがありました：{ $models }。その旨を記録しました。今後のレッスンには使われず、管理者は取り消された分を除いて学習し直せます。
privacy-opted-out-done = どのサーバーでも、あなたの曲を記憶しません。/プライバシー 記憶を拒否 の「取り消す」をTrueにすると元に戻せます。
privacy-opted-in = ありがとうございます。サーバーが許可していれば、あなたの曲をまた記憶します。
privacy-not-opted-out = すべてのサーバーでの拒否は設定されていませんでした。サーバーごとの拒否は /ソングブック 記憶を許可 で取り消せます。

# 似顔絵：/アバター、/変身、/ギャラリー。
command-avatar = アバター
    .description = うどんげの似顔絵を描きます。言葉ごとに違う絵になります
option-avatar-seed = シード
    .description = 好きな言葉か数字。同じシード値からは同じ絵ができます
option-avatar-style = 画風
    .description = 画風を選びます
option-avatar-mood = 表情
    .description = 表情を選びます
option-avatar-ears = 耳
    .description = 耳の形を選びます
option-avatar-scene = 背景
    .description = 背景を選びます
option-avatar-count = 枚数
    .description = 一度に描く枚数
option-avatar-like = 似せる画像
    .description = 似せたい絵や写真（PNG、JPEG、WebP、GIF{ $limit ->
        [0] {""}
       *[other] 、{ $limit } MBまで
    }）
option-avatar-strength = 強さ
    .description = どれくらい似せるか（%）。0なら似せず、100ならできるだけ似せます
option-avatar-private = 自分だけ
    .description = 結果を自分だけに表示します
command-morph = 変身
    .description = ある絵が別の絵に変わり、また戻るアニメーションを作ります
option-morph-from = 変身前
    .description = 言葉か数字、またはギャラリーの絵
option-morph-to = 変身後
    .description = 別の言葉か数字、またはギャラリーの絵
command-gallery = ギャラリー
    .description = 保存した絵を見ます
menu-udongefy = うどんげ化

avatar-seed = シード値 **{ $seed }**
avatar-seed-like = シード値 **{ $seed }**、画像に{ $percent }%似せました。もう一度描くには、同じ画像を添付するか、この絵を保存してください。
avatar-seed-varied = { $name }・同じ絵をもう一度描くシード値は **{ $seed }**
avatar-varied = { $seed }（少し違う絵）
avatar-variations = **{ $seed }** を少しずつ変えた絵
avatar-chosen = 指定：{ $choices }
avatar-seeds = シード値 { $seeds }
avatar-like = どれも画像に{ $percent }%似せました。
avatar-model = 描いたモデル：{ $model }
avatar-alt = { $count ->
   *[other] うどんげ（薄紫の髪、赤い目、うさ耳の少女）の絵が{ $count }枚。シード値は{ $seeds }。
}
avatar-again = 別の絵を描く
avatar-keep = 保存
avatar-vary = 少し変える
avatar-morph = 前の絵から変身
avatar-explain-button = 元になった絵
avatar-large = 原寸
avatar-large-words = 原寸の画像です（{ $side }×{ $side }ピクセル）。
avatar-round = Discordのアイコンではこのように見えます。
avatar-round-alt = シード値「{ $seed }」の絵を丸いアイコンにしたもの。大きいものからごく小さいものまで、暗い背景と明るい背景に並べてあります。
avatar-choose-mood = 表情を変える…
avatar-choose-style = 画風を変える…
avatar-icon = サーバーアイコンにする
avatar-delete = 削除
avatar-deleted = 削除しました。1分以内なら元に戻せます。
avatar-delete-undo = 元に戻す
avatar-pick = 1枚を大きく見る…
avatar-morph-title = { $start } → { $end }
avatar-morph-alt = アニメーション。シード値「{ $start }」の絵がゆっくりと「{ $end }」の絵に変わり、また戻ります。
avatar-explain-title = 「{ $seed }」の元になった絵
avatar-explain = このボットはたくさんの絵から学習しました。左がこの絵の各部分、右がその部分にいちばん似ている3枚です。
avatar-explain-part = { $part } { $percent }%
avatar-explain-alt = シード値「{ $seed }」の絵の各部分と、それに似た学習用の絵を3枚ずつ並べた図。いちばん近いのは{ $parts }。
avatar-style-cel = セル画
avatar-style-airbrush = エアブラシ
avatar-style-gouache = ガッシュ
avatar-style-watercolour = 水彩
avatar-style-poster = ポスター
avatar-style-pencil = 鉛筆画
avatar-style-chibi = ちびキャラ
avatar-style-film = アニメ映画風
avatar-style-manga = 漫画
avatar-style-moonlit = 月明かり
avatar-style-candy = キャンディカラー
avatar-style-ink = 墨絵
avatar-mood-smile = 微笑み
avatar-mood-laugh = 大笑い
avatar-mood-grin = にやり
avatar-mood-cat = 猫口
avatar-mood-wink = ウインク
avatar-mood-closed = 目を閉じる
avatar-mood-calm = 落ち着いた表情
avatar-mood-pout = ふくれっ面
avatar-mood-surprise = びっくり
avatar-mood-sleepy = 眠そう
avatar-mood-shy = 恥ずかしそう
avatar-mood-lunatic = 狂気の瞳
avatar-ears-upright = まっすぐ
avatar-ears-leaning = 外向き
avatar-ears-crumpled = しわしわ
avatar-ears-folded = 折れ耳
avatar-ears-drooping = 垂れ耳
avatar-ears-odd = 片方だけ折れ耳
avatar-scene-plain = 無地
avatar-scene-pattern = 模様
avatar-scene-sky = 青空
avatar-scene-dusk = 夕暮れ
avatar-scene-moon = 月夜
avatar-scene-bamboo = 竹林
avatar-scene-blossom = 桜
avatar-scene-maple = 紅葉
avatar-scene-snow = 雪
avatar-scene-lights = 夜の灯り
avatar-part-ears = 耳
avatar-part-hair = 髪
avatar-part-eyes = 目
avatar-part-mouth = 口

gallery-title = あなたのギャラリー
gallery-empty = ギャラリーはまだ空です。気に入った絵の下の「保存」を押してください。
gallery-kept = **{ $seed }** をギャラリーに保存しました。/{ $command } でいつでも見られます。
gallery-page = { $page }／{ $pages }ページ · 全{ $total }枚
gallery-previous = ◀ 前へ
gallery-next = 次へ ▶
gallery-take-out = ギャラリーから削除
gallery-taken-out = ギャラリーから削除しました。元には戻せません。

icon-ask = この絵をサーバーのアイコンにしますか？全員に表示されます。24時間以内なら前のアイコンに戻せます。
icon-yes = アイコンにする
icon-no = やめる
icon-done = アイコンを変更しました。下のメッセージから前のアイコンに戻せます。
icon-changed = { $member }さんが「**{ $seed }**」の絵をサーバーのアイコンにしました。{ $until }までは前のアイコンに戻せます。
icon-undo = 前のアイコンに戻す
icon-undone = { $member }さんが前のアイコンに戻しました。
icon-reason = { $member }さんが「{ $seed }」の絵を選びました
icon-undo-reason = { $member }さんが前のアイコンに戻しました

error-strength-alone = 「強さ」は絵や写真にどのくらい似せるかの設定です。「似せる画像」に画像を添付するか、「強さ」を外してください。
error-no-portrait-model = 似顔絵のモデルが入っていないため、まだ描けません。ボットの運営者に追加を頼んでください。
error-other-portrait-model = その絵は以前のモデルで描かれました。そのモデルは、ここではもう使われていません。ギャラリーに保存した絵は、これからも見られます。
error-portrait-gone = その絵のデータはもうありません。メッセージにあるシード値を使えば、/{ command-avatar } でもう一度描けます。
error-nothing-to-morph = 変身には違う絵が2枚必要です。先にもう1枚描くか、/{ command-morph } でシード値を2つ指定してください。
error-gallery-full = ギャラリーはいっぱいです（{ $limit }枚まで）。先に /{ command-gallery } から1枚削除してください。
error-choice-unavailable = ここで使われているモデルでは、{ $group ->
    [style] 画風
    [mood] 表情
    [ears] 耳の形
   *[scene] 背景
}を選べません。指定しなければ、シード値で決まります。
error-cannot-explain = この絵と比べられる学習用の絵がありません。
error-too-many-portraits = いま{ $waiting }枚を処理しているため、これ以上受け付けられません。1分ほどしてから、もう一度お試しください。
error-morph-too-heavy = アニメーションが、ここに投稿できるファイルサイズを超えてしまいました。別の2枚でお試しください。
error-bot-may-not-manage = このサーバーのアイコンを変更できません。ボットのロールに「サーバー管理」の権限が必要です。
error-icon-out-of-reach = いまのアイコンを取得できず、あとで戻せなくなるため、何も変更しませんでした。1分ほどしてから、もう一度お試しください。
error-no-undo-left = もう前のアイコンには戻せません。すでに戻したか、24時間が過ぎています。
error-icon-changed-since = その後に別のアイコンが設定されたため、変更しませんでした。

error-picture-too-large = この画像は{ $size } MBです。受け付けられるのは{ $limit } MBまでです。もっと小さい画像でお試しください。
error-too-many-pixels = この画像は{ $size }メガピクセルです。受け付けられるのは{ $limit }メガピクセルまでです。もっと小さい画像でお試しください。
error-not-a-picture = 画像として開けませんでした。対応しているのはPNG、JPEG、WebP、GIFです。
error-picture-damaged = 画像ファイルが壊れているため開けませんでした。手元で開けるか確認し、保存し直してみてください。
error-picture-too-costly = この画像を開くのに時間かメモリがかかりすぎたため、中止しました。保存し直すか、もっと小さい画像でお試しください。
error-not-safe-for-work = 閲覧注意の画像と判定されたため、使えません。間違いの場合は、別の画像か、顔のまわりだけを切り抜いた画像でお試しください。

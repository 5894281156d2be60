# 似顔絵：/アバター、/変身、/ギャラリー。
command-avatar = アバター
    .description = うどんげの似顔絵を描きます。言葉ごとに違う顔になります
option-avatar-seed = 種
    .description = 好きな言葉か数字。同じ種からは同じ絵ができます
option-avatar-count = 枚数
    .description = 一度に何枚描くか
option-avatar-like = 似せる画像
    .description = この画像に似せて描きます（PNG、JPEG、WebP、GIF）
option-avatar-strength = 強さ
    .description = どれくらい似せるか（%）。0なら似せず、100ならできるだけ似せます
option-avatar-private = 自分だけ
    .description = 答えを自分だけに見せます
command-morph = 変身
    .description = 一枚の絵が別の絵に変わり、また戻るアニメーションを作ります
option-morph-from = から
    .description = 言葉か数字、またはギャラリーの絵
option-morph-to = へ
    .description = 別の言葉か数字、またはギャラリーの絵
command-gallery = ギャラリー
    .description = ここで取っておいた絵を見ます
menu-udongefy = うどんげ化

avatar-seed = 種 **{ $seed }**
avatar-seed-like = 種 **{ $seed }**、画像に{ $percent }%似せました。もう一度描くには、同じ画像を渡すか、この絵を取っておいてください。
avatar-seeds = 種 { $seeds }
avatar-like = どれも画像に{ $percent }%似せました。
avatar-model = 描いたモデル：{ $model }
avatar-alt = { $count ->
   *[other] うどんげ（薄紫の髪、赤い目、うさ耳の少女）の絵が{ $count }枚。種は{ $seeds }。
}
avatar-again = もう一度
avatar-keep = 取っておく
avatar-vary = 少し変える
avatar-morph = 前の絵から変身
avatar-explain-button = 似ている絵
avatar-icon = サーバーのアイコンに
avatar-delete = 削除
avatar-pick = 一枚を大きく見る…
avatar-morph-title = { $start } → { $end }
avatar-morph-alt = アニメーション。種「{ $start }」の絵がゆっくりと種「{ $end }」の絵に変わり、また戻ります。
avatar-explain-title = 「{ $seed }」はどの絵に似ている？
avatar-explain = 私はたくさんの絵から学びました。左がこの絵の各部分、右がその部分のいちばん似ている三枚です。
avatar-explain-part = { $part }{ $percent }%
avatar-explain-alt = 種「{ $seed }」の絵の各部分と、それに似た学習用の絵を三枚ずつ並べた図。いちばん近いものは{ $parts }。
avatar-part-ears = 耳
avatar-part-hair = 髪
avatar-part-eyes = 目
avatar-part-mouth = 口

gallery-title = あなたのギャラリー
gallery-empty = ギャラリーはまだ空です。気に入った絵の下の「取っておく」を押してください。
gallery-kept = **{ $seed }** を取っておきました。/{ $command } でいつでも見られます。
gallery-page = { $page }／{ $pages }ページ · 全{ $total }枚
gallery-previous = ◀ 前へ
gallery-next = 次へ ▶
gallery-take-out = ギャラリーから消す
gallery-taken-out = ギャラリーから消しました。元には戻せません。

icon-ask = この絵をサーバーのアイコンにしますか？全員に見えます。前のアイコンには24時間以内なら戻せます。
icon-yes = アイコンにする
icon-no = このままにする
icon-done = 変えました。下のメッセージから前のアイコンに戻せます。
icon-changed = { $member }さんが「**{ $seed }**」の絵をサーバーのアイコンにしました。前のアイコンには{ $until }まで戻せます。
icon-undo = 前のアイコンに戻す
icon-undone = { $member }さんが前のアイコンに戻しました。
icon-reason = { $member }さんが「{ $seed }」の絵を選びました
icon-undo-reason = { $member }さんが前のアイコンに戻しました

error-no-portrait-model = まだ絵を描けません。絵のモデルが入っていないのです。運営者に入れてもらってください。
error-other-portrait-model = その絵を描いたのは{ $model }ですが、いまここでは描いていません。ギャラリーに取っておいた絵は、これからも見られます。
error-portrait-gone = その絵のことはもう覚えていません。答えに書かれた種を使って、/{ command-avatar } でもう一度描けます。
error-nothing-to-morph = 変身には違う絵が二枚要ります。先にもう一枚描くか、/{ command-morph } で種を二つ指定してください。
error-gallery-full = ギャラリーに入るのは{ $limit }枚までで、もういっぱいです。先に /{ command-gallery } から一枚消してください。
error-cannot-explain = この絵と比べられる学習用の絵がありません。
error-too-many-portraits = いま{ $waiting }枚が作業中で、これ以上受け付けられません。1分ほどしてから、もう一度お願いします。
error-morph-too-heavy = アニメーションが、ここに投稿できる大きさに収まりませんでした。
error-bot-may-not-manage = このサーバーのアイコンを変えられません。私のロールに「サーバー管理」の権限が必要です。
error-icon-out-of-reach = いまのアイコンを受け取れず、あとで戻せなくなるため、何も変えませんでした。1分ほどしてから、もう一度お願いします。
error-no-undo-left = もう前のアイコンには戻せません。すでに戻したか、24時間が過ぎています。
error-icon-changed-since = その後に別のアイコンが設定されたので、そのままにしておきます。

error-picture-too-large = この画像は{ $size } MBあり、受け取れるのは{ $limit } MBまでです。もっと小さい画像で試してください。
error-too-many-pixels = この画像は{ $size }百万画素あり、受け取れるのは{ $limit }百万画素までです。もっと小さい画像で試してください。
error-not-a-picture = 開ける画像ではありませんでした。開けるのはPNG、JPEG、WebP、GIFです。
error-picture-damaged = 画像のようですが、壊れていて開けませんでした。手元で開けるか確かめて、保存し直してみてください。
error-picture-too-costly = この画像を開くのに時間かメモリがかかりすぎるので、止めました。保存し直すか、もっと小さい画像で試してください。
error-not-safe-for-work = 人前に出しにくい画像のようなので、使わずにおきます。間違いでしたら、別の画像か、顔だけを切り抜いた画像で試してください。

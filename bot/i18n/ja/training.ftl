# /contribute、/train、/models：サーバーごとの学習。

command-contribute = 提供
    .description = このサーバーのレッスンのために、曲や絵を提供します
command-contribute-song = 曲
    .description = 曲とそのジャンルを提供します
command-contribute-art = 絵
    .description = このサーバーの似顔絵のために、自分の絵を提供します
command-contribute-list = 一覧
    .description = ここで自分が提供したものを見ます
command-contribute-takeback = 取り消し
    .description = 提供したものを取り消します
option-contribute-file = ファイル
    .description = 曲のファイル（mp3、m4a、ogg、flac、wav、mp4など{ $limit ->
        [0] {""}
       *[other] 、{ $limit } MBまで
    }）
option-contribute-file-2 = ファイル2
option-contribute-file-3 = ファイル3
option-contribute-file-4 = ファイル4
option-contribute-file-5 = ファイル5
option-contribute-more-files = 同じ種類のファイルをもうひとつ
option-contribute-genre = ジャンル
    .description = どのジャンルか。選ぶか、新しい名前を入力します
option-contribute-artist = アーティスト
    .description = 作った人（わかれば）。評価がより正確になります
option-contribute-picture = ファイル
    .description = 顔が描かれた絵（PNG、JPEG、WebP、GIF{ $limit ->
        [0] {""}
       *[other] 、{ $limit } MBまで
    }）
option-contribute-what = 対象
    .description = 取り消すもの（名前の一部を入力）
command-train = レッスン
    .description = このサーバーのジャンルや絵柄を学習させます（管理者）
option-train-what = 内容
    .description = 何を学習させるか
choice-train-genre = ジャンル（提供された曲から）
choice-train-avatar = 似顔絵（提供された絵から）
option-training-public = 公開
    .description = True：結果をここの全員に表示します
command-models = モデル
    .description = このサーバーで学習したモデル（管理者）
command-models-list = 一覧
    .description = このサーバーのモデル、その評価、使用中のモデル
command-models-use = 使う
    .description = このモデルを使います
command-models-rollback = 元に戻す
    .description = 前に使っていたモデルに戻します
command-models-delete = 削除
    .description = モデルを削除します
option-models-model = モデル
    .description = どのモデルか
option-models-kind = 内容
    .description = ジャンルか似顔絵か

consent-heading = 提供していただく前に
consent-once = はじめに一度お読みください。このサーバーでの提供すべてに適用されます。
consent-kept = **保存するもの** 曲からは、音の特徴を表す数値、曲名（ファイルのタグまたはファイル名）、入力されたジャンルとアーティスト名。音声は保存しません。絵からは、切り抜いて縮小した顔とファイル名。どちらも、提供者と日時を保存します。
consent-purpose = **使いみち** このサーバーの管理者が、これを使ってボットに学習させます。ジャンルは /ジャンル に、似顔絵の絵柄は /アバター に反映されます。結果はこのサーバーだけで使います。管理者に見えるのは、だれがいくつ提供したかだけです。ファイルそのものを見られるのは、ボットの運営者だけです。
consent-how-long = **期間** あなたが取り消すまで、またはボットがサーバーから外されるまで。
consent-take-back = **取り消すには** ひとつずつなら /提供 取り消し、すべてなら /プライバシー 削除 を使ってください。すぐに削除されます。すでに学習したモデルにはその旨を記録し、管理者に、取り消された分を除いて学習し直すよう伝えます。
consent-yours = **提供できるもの** 自分で作ったもの、またはこの目的で使ってよいものだけを提供してください。
consent-version = この文章の第{ $version }版
consent-agree = 読みました。同意します
consent-decline = やめておく
consent-declined = わかりました。何も保存していません。

contribute-song = ありがとうございます。「{ $title }」を{ $genre }として次のレッスンに追加しました。
contribute-agreed = ありがとうございます。「{ $title }」は、このサーバーですでに{ $genre }になっています。
contribute-numbers = 保存したのは音の特徴を表す数値だけで、ファイルは保存していません。
contribute-failed = 「{ $title }」：{ $reason }
contribute-progress = **{ $genre }：{ $need }曲中{ $have }曲。** { $need }曲そろうと学習できます。
contribute-progress-one-more = **{ $genre }：{ $have }曲そろいました。** ほかにも{ $need }曲あるジャンルがあれば、管理者が /レッスン で学習させられます。
contribute-progress-enough = **{ $genre }：{ $have }曲そろっています。** 管理者が /レッスン で学習させられます。
contribute-art-progress = **顔：{ $need }枚中{ $have }枚。** { $need }枚そろうと、その絵柄を学習できます。
contribute-art-enough = **顔：{ $have }枚そろっています。** 管理者が /レッスン で学習させられます。
contribute-list-heading = ここであなたが提供したもの
contribute-list-none = まだありません。曲は /提供 曲、自分の絵は /提供 絵 で提供できます。
contribute-list-genre = **{ $genre }**：{ $own ->
   *[other] あなたから{ $own }曲
}（このサーバー全体では{ $need }曲中{ $have }曲）
contribute-list-art = { $own ->
   *[other] あなたの絵から切り抜いた顔{ $own }枚
}
contribute-list-last = 最近のもの：{ $titles }
contribute-takeback-choose = ひとつ取り消す…
contribute-choice-new = 「{ $genre }」（新しいジャンル）
contribute-art = { $count ->
   *[other] ありがとうございます。「{ $title }」から顔を{ $count }枚保存しました。
}
contribute-art-known = { $count ->
   *[other] ほかの{ $count }枚は、すでに保存されていました。
}
contribute-art-refused = 使わなかったもの：{ $reasons }
contribute-takeback-done = 「{ $title }」を削除しました。
contribute-takeback-marked = { $models } の学習に使われていたため、その旨を記録しました。「{ $title }」は今後のレッスンに使いません。
contribute-choice = { $title }（{ $what }）
contribute-choice-art = 絵

genre-wrong = ジャンルが違う？
genre-name-it = 自分でジャンルを付ける
genre-members-say = **メンバーによると：{ $genre }**
genre-wrong-choose = 正しいジャンルを選ぶ
genre-wrong-other = ほかのジャンル…
genre-wrong-other-about = 名前を入力します
genre-wrong-title = 正しいジャンルは？
genre-wrong-name = ジャンル
genre-taught = このサーバー独自のジャンルで判定しました（レッスン{ $number }）。

refused-no-face = 描かれた顔が見つからない（{ $count }）
refused-too-small = 小さすぎる（{ $count }）
refused-duplicate = 重複（{ $count }）
refused-cut-off = 端で切れている（{ $count }）
refused-other = 使えない（{ $count }）
refused-older-model = 以前のモデルで解析したため、もう一度提供が必要（{ $count }）
refused-gone = ファイルがない（{ $count }）

train-genre-heading = ジャンルのレッスン
train-avatar-heading = 似顔絵のレッスン
train-nothing = まだ何も提供されていません。/提供 曲 と /提供 絵 で、だれでも提供できます。
train-songs = { $count ->
   *[other] 学習に使える曲は{ $count }曲
}
train-pictures = { $count ->
   *[other] 学習に使える絵は{ $count }枚
}
train-group = { $name } { $count }
train-givers = 提供した人：{ $givers }
train-giver = { $member }（{ $count }）
train-duplicates = { $count ->
   *[other] 重複が{ $count }件ありました。それぞれ1件として数えます。
}
train-refused = 使わないもの：{ $reasons }
train-uneven = { $most }の曲数が{ $least }の4倍を超えています。{ $least }の曲がもっとあると良くなります。
train-lacking = { $name }は今回使いません。いまは{ $have ->
   *[other] { $have }曲
}で、{ $need }曲必要です。
train-missing-genres = 5曲以上あるジャンルが{ $need }つ必要です。いまは{ $have ->
    [0] ひとつもありません
   *[other] { $have }つです
}。
train-missing-pictures = 絵が{ $need }枚以上必要です。いまは{ $have ->
    [0] 1枚もありません
   *[other] { $have }枚です
}。
train-marked = 使用中のモデルの学習に使われたもののうち、{ $count ->
   *[other] { $count }点
}がその後取り消されました。このレッスンでは使いません。
train-left = 今日始められるレッスンは、あなたがあと{ $member }回、このサーバー全体であと{ $server }回です。
train-time-genre = 30秒ほどで終わります。そのあいだもボットは使えます。
train-time-avatar = このマシンでは最大{ $minutes }かかります。そのあいだもボットは使えます。
train-under-way = レッスンを実行中です。
train-start = 始める
train-kept-nothing = 採用するまで、メンバーから見た動作は変わりません。

lesson-genre = ジャンルを学習しています
lesson-avatar = 似顔絵を学習しています
lesson-waiting = { $ahead ->
    [0] 順番待ち：次です
   *[other] 順番待ち：前に{ $ahead }つのレッスンがあります
}
lesson-wait = 開始は{ $when }ごろの予定です。
lesson-beginning = 開始しています…
lesson-left = 残り約{ $time }
lesson-percent = { $percent }%
lesson-cancel = 中止
lesson-cancelling = 中止します。このレッスンの途中結果は残りません。いまのモデルを使い続けます。
lesson-over = このレッスンはすでに終わっています。
lesson-cancelled = 中止しました。いまのモデルを使い続けます。
lesson-done-genre = ジャンルのレッスン{ $number }が完了しました
lesson-done-avatar = 似顔絵のレッスン{ $number }が完了しました
lesson-failed-memory = レッスンに必要なメモリが上限（{ $limit } MB）を超えました。いまのモデルを使い続けます。運営者は USAMIMI_LESSON_MEMORY_MB で増やせます。
lesson-failed-disk = ディスクの空きがなくなったため、レッスンに失敗しました。いまのモデルを使い続けます。運営者に伝えてください。
lesson-failed-damaged = レッスンの結果を読み込めなかったため、破棄しました。いまのモデルを使い続けます。もう一度始めてください。
lesson-failed-too-little = 途中で提供が取り消され、学習に使えるものが足りなくなりました。いまのモデルを使い続けます。
lesson-failed-unexpected = ボット側の問題で、レッスンに失敗しました。いまのモデルを使い続けます。続くようでしたら、運営者に伝えてください：レッスン { $job }
lesson-result-genre = はじめて聴く{ $songs }曲のうち、{ $right }曲のジャンルを正しく答えました。
lesson-result-better = いまのモデルより良い結果です。
lesson-result-same = いまのモデルと同じくらいの結果です。
lesson-result-worse = いまのモデルより悪い結果です。
lesson-result-more-artists = ほかのアーティストの曲が増えると、評価がより確かになります。
lesson-result-portraits = 学習前より{ $percent }%、このサーバーの絵に近づきました。
lesson-result-portraits-same = このサーバーの絵への近さは、学習前とほとんど変わりません。絵が増えると良くなります。
lesson-result-portraits-worse = 学習前より、このサーバーの絵から離れました。絵が増えると良くなります。
lesson-numbers = 数値を見る
lesson-announce = ここでお知らせする
lesson-announced = 新しく学習しました 🐇
lesson-announced-genre = このサーバーの /ジャンル で、{ $genres }も判定できるようになりました。
lesson-announced-avatar = このサーバーの /アバター が、みなさんの絵柄で描くようになりました。
lesson-announced-thanks = { $count ->
   *[other] 提供してくださったみなさん、ありがとうございます。{ $count }点から学習しました。
}
lesson-score-genre = 学習に使っていない曲で：マクロF1 **{ $before } → { $after }**（95%区間 { $low }〜{ $high }、1が満点）
lesson-score-avatar = 学習に使っていない絵との距離：**{ $before } → { $after }**（小さいほど良い）
lesson-right = { $genre } { $percent }%
lesson-rights = 正解率：{ $genres }
lesson-by-song = ひとりのアーティストまたはメンバーだけのジャンルがあるため、評価は実際より高めに出ている可能性があります。
lesson-decide = 採用するまで、メンバーから見た動作は変わりません。
lesson-promote = 採用する
lesson-discard = 破棄する
lesson-promote-anyway = それでも採用する
lesson-really-worse = レッスン{ $number }の評価は、いまのモデルより低くなっています（{ $before } → { $after }）。それでも使いますか？
lesson-promoted-genre = レッスン{ $number }を使い始めました。/ジャンル で{ $genres }を判定できます。/モデル 元に戻す で戻せます。
lesson-promoted-avatar = レッスン{ $number }を使い始めました。/アバター が学習した絵柄で描きます。/モデル 元に戻す で戻せます。
lesson-discarded = レッスン{ $number }を削除しました。いまのモデルを使い続けます。
lesson-curve-genre = 検証用に取り分けた曲での誤差（5分割）
lesson-curve-avatar = 検証用に取り分けた絵との距離
lesson-curve-alt = レッスンの進み具合。開始から現在までの誤差{ $sheet ->
    [yes] と、同じ8枚の似顔絵の開始時と現在
   *[no] {""}
}。

time-seconds = { $seconds ->
   *[other] { $seconds }秒
}

models-next = /モデル 使う で選び、/モデル 元に戻す で前のモデルに戻せます。
models-heading = このサーバーのモデル
models-none = まだモデルがありません。/レッスン で作れます。
models-genre = ジャンルのレッスン{ $number }
models-avatar = 似顔絵のレッスン{ $number }
models-serving = 使用中
models-candidate = 未採用
models-made = { $when }、{ $songs ->
   *[other] 提供{ $songs }点
}、評価 { $score }
models-taken-back = { $count ->
   *[other] 学習に使ったもののうち{ $count }点が取り消されました。/レッスン で取り消された分を除いて学習し直すか、モデルを削除してください
}
models-retrain = 除いて学習し直す
models-other-model = 以前の音楽モデルで学習したため、現在のモデルでは使えません。曲をもう一度提供してもらう必要があります
models-retrain-older = 学習し直す
models-shipped-genre = 標準のジャンル
models-shipped-avatar = 標準の似顔絵
models-used = { $name }を使い始めました。
models-rolled-back = 元に戻しました。使用中のモデル：{ $name }
models-deleted = { $name }を削除しました。

error-known-already = それはこのサーバーですでに提供されています。
error-no-face = この絵には、学習に使える顔が見つかりませんでした：{ $reasons }。正面を向いた、幅128ピクセル以上の顔の絵でお試しください。
error-no-genre-name = ジャンル名は{ $limit }文字以内で、文字を1つ以上含めてください。
error-too-much-given = すでに{ $limit }点を提供していて、ひとりあたりの上限に達しています。/提供 取り消し で減らせます。
error-hearing-gone = その曲のデータはもうありません。もう一度 /ジャンル を使ってから、訂正してください。
error-too-little-to-learn = まだ学習に使えるものが足りません。何が足りないかは /レッスン で確認できます。
error-no-lessons-left = { $everybody ->
    [yes] このサーバーの今日のレッスン（{ $limit }回まで）はすべて使われました。また明日お試しください。
   *[no] 今日のレッスン（ひとり{ $limit }回まで）はすべて使われました。また明日お試しください。
}
error-lesson-queue-full = いま{ $waiting }つのレッスンが順番待ちのため、これ以上受け付けられません。しばらくしてからお試しください。
error-already-teaching = 同じ種類のレッスンを、このサーバーですでに実行中です。
error-no-portrait-lessons = 似顔絵のモデルが入っていないため、学習できません。運営者に伝えてください。
error-no-such-model = そのモデルはありません。削除されたのかもしれません。/モデル 一覧 で確認できます。
error-model-damaged = レッスン{ $number }のファイルが壊れているため、何も変更していません。/モデル 削除 で削除し、学習し直してください。
error-other-music-model = レッスン{ $number }は以前の音楽モデルで学習したため、現在のモデルでは使えません。学習し直してください。
error-nothing-before = 戻せるモデルがありません。すでに標準のモデルを使っています。

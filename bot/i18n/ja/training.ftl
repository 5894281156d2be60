# /contribute、/train、/models：サーバーが教えること。

command-contribute = 提供
    .description = このサーバーのレッスンのために、曲や絵を渡します
command-contribute-song = 曲
    .description = 曲を渡して、ジャンルを教えます
command-contribute-art = 絵
    .description = このサーバーの似顔絵のために、自分の絵を渡します
command-contribute-takeback = 返してもらう
    .description = 渡したものを取り戻します
option-contribute-file = ファイル
    .description = 曲（mp3、m4a、ogg、opus、flac、wav、webm、mp4）
option-contribute-genre = ジャンル
    .description = どのジャンルか。選ぶか、新しい名前を入力します
option-contribute-artist = アーティスト
    .description = 作った人（わかれば）。成績がより正直になります
option-contribute-picture = ファイル
    .description = 顔が描かれた絵（png、jpg、webp、gif）
option-contribute-what = もの
    .description = 取り戻すもの（名前の一部を入力）
command-train = レッスン
    .description = このサーバーのジャンルや絵柄を教えます（管理者）
option-train-what = 内容
    .description = 何を教えるか
choice-train-genre = ジャンル（渡された曲から）
choice-train-avatar = 似顔絵（渡された絵から）
option-training-public = 公開
    .description = True：答えをここの全員に見せます
command-models = モデル
    .description = このサーバーが教えたモデル（管理者）
command-models-list = 一覧
    .description = 教えたこと、その成績、いま使っているもの
command-models-use = 使う
    .description = このモデルを使います
command-models-rollback = 元に戻す
    .description = 前に使っていたものに戻します
command-models-delete = 消す
    .description = モデルを消します
option-models-model = モデル
    .description = どのモデルか
option-models-kind = 内容
    .description = ジャンルか似顔絵か

consent-heading = 渡していただく前に
consent-once = 一度だけお読みください。このサーバーでの約束です。
consent-kept = **残すもの** 曲からは、響きを表す数値と、ファイル名、教えてくださったジャンルとアーティスト名。音声は残しません。絵からは、切り抜いて小さくした顔と、ファイル名。どちらも、あなたから受け取ったことと日時を残します。
consent-purpose = **使いみち** このサーバーの管理者が、これでわたしに教えます。ジャンルなら /ジャンル が、似顔絵なら /アバター が覚えます。学んだことはこのサーバーだけで使います。管理者に見えるのは、だれがいくつ渡したかだけです。ファイルそのものを見られるのは、ボットの運営者だけです。
consent-how-long = **いつまで** あなたが取り戻すまで、またはわたしがサーバーから外されるまで。
consent-take-back = **取り戻すには** ひとつずつなら /提供 返してもらう、すべてなら /プライバシー 削除 です。その場で消えます。すでに学んだモデルには印を付け、管理者に、それなしで教え直すよう伝えます。
consent-yours = **あなたが渡してよいものだけを** 自分で作ったもの、またはこのために使ってよいものだけを渡してください。
consent-version = この文章の第{ $version }版
consent-agree = 読みました。同意します
consent-changed = 開いているあいだに文章が変わりました。新しいものをお読みください。

contribute-song = ありがとうございます！「{ $title }」を{ $genre }として覚えました。残したのは響きの数値だけで、ファイルは残していません。
contribute-art = { $count ->
   *[other] ありがとうございます！「{ $title }」から顔を{ $count }つ受け取りました。
}
contribute-art-known = { $count ->
   *[other] ほかの{ $count }つは、もう受け取っていました。
}
contribute-art-refused = 使わなかったもの：{ $reasons }
contribute-takeback-done = 「{ $title }」を消しました。
contribute-takeback-marked = { $models } がこれから学んでいたので、印を付けました。「{ $title }」は今後のレッスンに使いません。
contribute-choice = { $title }（{ $what }）
contribute-choice-art = 絵

genre-wrong = ジャンルが違う？
genre-wrong-choose = 本当は何ですか？
genre-wrong-other = ほかのジャンル…
genre-wrong-other-about = 名前を入力します
genre-wrong-title = 本当は何ですか？
genre-wrong-name = ジャンル
genre-taught = このサーバーに教わったとおりに答えました（レッスン{ $number }）。

refused-no-face = 描かれた顔が見つからない（{ $count }）
refused-too-small = 小さすぎる（{ $count }）
refused-duplicate = もう見たもの（{ $count }）
refused-cut-off = 端で切れている（{ $count }）
refused-other = 使えない（{ $count }）
refused-older-ear = 前の耳で聴いたので、もう一度渡してほしい（{ $count }）
refused-gone = ファイルがない（{ $count }）

train-genre-heading = ジャンルのレッスン
train-avatar-heading = 似顔絵のレッスン
train-nothing = まだ何も渡されていません。/提供 曲 と /提供 絵 で、だれでも渡せます。
train-songs = { $count ->
   *[other] 学べる曲は{ $count }曲
}
train-pictures = { $count ->
   *[other] 学べる絵は{ $count }枚
}
train-group = { $name } { $count }
train-givers = 渡した人：{ $givers }
train-giver = { $member }（{ $count }）
train-duplicates = { $count ->
   *[other] 同じものが{ $count }つ重なっていたので、1つずつ数えます。
}
train-refused = 使わないもの：{ $reasons }
train-uneven = { $most }の曲が{ $least }の4倍より多くあります。{ $least }がもっとあると良くなります。
train-lacking = { $name }は今回使いません。{ $have ->
   *[other] { $have }曲
}あり、{ $need }曲必要です。
train-missing-genres = 5曲以上あるジャンルが{ $need }つ必要です。いまは{ $have ->
    [0] ひとつもありません
   *[other] { $have }つです
}。
train-missing-pictures = 絵が{ $need }枚以上必要です。いまは{ $have ->
    [0] 1枚もありません
   *[other] { $have }枚です
}。
train-marked = いま使っているモデルが学んだもののうち、{ $count ->
   *[other] { $count }つ
}がその後取り戻されました。このレッスンでは使いません。
train-left = 今日はあなたがあと{ $member }回、このサーバーであと{ $server }回始められます。
train-time-genre = 30秒ほどで終わります。だれも待たせません。
train-time-avatar = このマシンでは{ $minutes }ほどかかります。そのあいだも、ほかの答えは速いままです。
train-under-way = もうレッスンの最中です。
train-start = 始める
train-kept-nothing = 採用するまでは、何も変わりません。

lesson-genre = ジャンルを学んでいます
lesson-avatar = 似顔絵を学んでいます
lesson-waiting = { $ahead ->
    [0] 順番待ち：次です
   *[other] 順番待ち：前に{ $ahead }つのレッスンがあります
}
lesson-wait = 始まるのは{ $when }ごろです。
lesson-beginning = 始めています…
lesson-left = 残り約{ $time }
lesson-percent = { $percent }%
lesson-cancel = やめる
lesson-cancelling = やめます。途中のものは残りません。いままでどおり答えます。
lesson-over = もう終わっていました。
lesson-cancelled = やめました。いままでどおり答えます。
lesson-done-genre = 学びました：ジャンルのレッスン{ $number }
lesson-done-avatar = 学びました：似顔絵のレッスン{ $number }
lesson-failed-memory = レッスンに必要なメモリが、許された量（{ $limit } MB）を超えました。いままでどおり答えます。運営者は USAMIMI_LESSON_MEMORY_MB で増やせます。
lesson-failed-disk = ディスクの空きがなくなったため、レッスンは残せませんでした。いままでどおり答えます。運営者に伝えてください。
lesson-failed-damaged = レッスンの結果が読めなかったので、捨てました。いままでどおり答えます。もう一度始めてください。
lesson-failed-too-little = 途中で取り戻されたものがあり、学ぶものが足りなくなりました。いままでどおり答えます。
lesson-failed-unexpected = こちらの不具合で、レッスンはうまくいきませんでした。いままでどおり答えます。続くようなら、運営者に伝えてください：レッスン { $job }
lesson-score-genre = 聴いたことのない曲で：マクロF1 **{ $before } → { $after }**（95%区間 { $low }〜{ $high }、1が満点）
lesson-score-avatar = 見たことのない絵との距離：**{ $before } → { $after }**（小さいほど良い）
lesson-right = { $genre } { $percent }%
lesson-rights = 正しく答えた割合：{ $genres }
lesson-by-song = ひとりの作品だけのジャンルがあるので、成績は実際より良く見えているかもしれません。
lesson-decide = 採用するまでは使いません。
lesson-promote = 採用する
lesson-discard = 捨てる
lesson-promote-anyway = それでも採用する
lesson-really-worse = レッスン{ $number }は、いま使っているものより成績が悪いです（{ $before } → { $after }）。それでも使いますか？
lesson-promoted-genre = レッスン{ $number }を使い始めました。/ジャンル は{ $genres }がわかります。/モデル 元に戻す で戻せます。
lesson-promoted-avatar = レッスン{ $number }を使い始めました。/アバター は学んだ絵柄で描きます。/モデル 元に戻す で戻せます。
lesson-discarded = レッスン{ $number }を消しました。いままでどおり答えます。
lesson-curve-genre = よけておいた曲での誤差（5分の1ずつ）
lesson-curve-avatar = 見せていない絵との距離
lesson-curve-alt = レッスンの進みぐあい。始めから今までの誤差{ $sheet ->
    [yes] と、同じ8枚の似顔絵の、始めといまの姿
   *[no] {""}
}。

time-seconds = { $seconds ->
   *[other] { $seconds }秒
}

models-heading = このサーバーが教えたこと
models-none = まだ何も教わっていません。/レッスン で始められます。
models-genre = ジャンルのレッスン{ $number }
models-avatar = 似顔絵のレッスン{ $number }
models-serving = 使用中
models-candidate = 未決定
models-made = { $when }、{ $songs ->
   *[other] { $songs }点から
}、成績 { $score }
models-taken-back = { $count ->
   *[other] 学んだもののうち{ $count }点が取り戻されました。/レッスン でそれなしに教え直すか、消してください
}
models-retrain = それなしで教え直す
models-other-ear = 前の耳で学んだもので、いまの耳では使えません。曲をもう一度渡してもらう必要があります
models-retrain-ear = 教え直す
models-shipped-genre = はじめからのジャンル
models-shipped-avatar = はじめからの似顔絵
models-used = { $name }を使い始めました。
models-rolled-back = 元に戻しました。いま使っているもの：{ $name }
models-deleted = { $name }を消しました。

error-known-already = それはもうこのサーバーで受け取っています。
error-no-face = この絵には、学べる顔が見つかりませんでした：{ $reasons }。正面を向いた、幅128ピクセル以上の描かれた顔で試してください。
error-no-genre-name = ジャンルの名前は{ $limit }文字までで、文字をひとつ以上含めてください。
error-too-much-given = もう{ $limit }点受け取っていて、ひとりから受け取れる数いっぱいです。/提供 返してもらう で減らせます。
error-hearing-gone = その曲はもう覚えていません。もう一度 /ジャンル で聞いてから、教えてください。
error-too-little-to-learn = まだ学ぶものが足りません。何が足りないかは /レッスン でわかります。
error-no-lessons-left = { $everybody ->
    [yes] このサーバーでは今日もう{ $limit }回レッスンをしていて、これ以上は始められません。また明日お願いします。
   *[no] 今日はもう{ $limit }回レッスンを始めていて、これ以上は始められません。また明日お願いします。
}
error-lesson-queue-full = いま{ $waiting }つのレッスンが順番待ちで、これ以上受け付けられません。しばらくしてからお願いします。
error-already-teaching = 同じ内容のレッスンが、このサーバーでもう始まっています。
error-no-portrait-lessons = 似顔絵のモデルがないので、教わることができません。運営者に伝えてください。
error-no-such-model = そのモデルはありません。消されたのかもしれません。/モデル 一覧 で確かめられます。
error-model-damaged = レッスン{ $number }のファイルが壊れているので、何も変えていません。/モデル 消す で消して、教え直してください。
error-other-music-model = レッスン{ $number }は前の耳で学んだもので、いまの耳では使えません。教え直してください。
error-nothing-before = 戻す先がありません。はじめからのものをもう使っています。

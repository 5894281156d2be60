# 何が起きたか、上限、試せること。
error-too-large = このファイルは{ $size } MBあり、受け取れるのは{ $limit } MBまでです。もっと小さいファイルか、曲の一部で試してください。
error-too-long = この曲は{ $length }あり、聴けるのは{ $limit }までです。もっと短い曲で試してください。
error-not-audio = このファイルには音が見つかりませんでした。聴けるのはmp3、m4a、ogg、opus、flac、wav、webm、mp4です。
error-no-sound = このファイルには音がなく、映像だけでした。ファイルは合っていますか？
error-unknown-format = この曲の形式（{ $format }）は読めません。聴けるのはmp3、m4a、ogg、opus、flac、wav、webm、mp4です。
error-protected = この曲はコピー防止がかかっていて、購入したお店のプレーヤーでしか再生できません。かかっていないものでお願いします。
error-damaged = 曲のようですが、ファイルが壊れていて聴けませんでした。手元で再生できるか確かめて、もう一度投稿してみてください。
error-empty = このファイルは空です。アップロードが途中で切れたのかもしれません。もう一度投稿してみてください。
error-silent = 最後まで聴きましたが、無音でした。ファイルは合っていますか？
error-took-too-long = このファイルを開くのに{ $limit }以上かかったので、止めました。mp3やoggなど、別の形式で試してください。
error-nothing-to-hear = このメッセージには曲が付いていません。音声ファイル付きのメッセージを選ぶか、/{ command-genre } を使ってください。
error-too-busy = いま{ $waiting }曲が順番待ちで、これ以上受け付けられません。1分ほどしてから、もう一度お願いします。
error-stopping = ちょうど再起動するところです。1分ほどしてから、もう一度お願いします。
error-file-gone = ファイルを取得できませんでした。削除されたのかもしれません。もう一度投稿してみてください。
error-unexpected = ごめんなさい、こちらの不具合で答えられませんでした。失われたものはありません。続くようなら、運営者にこのコードを伝えてください：{ $reference }

seconds = { $seconds }秒
hours = { $hours }時間
minutes = { $minutes }分

# 何が起きたか、上限、試せること。
apology-too-large = このファイルは{ $size } MBあり、受け取れるのは{ $limit } MBまでです。もっと小さいファイルか、曲の一部で試してください。
apology-too-long = この曲は{ $minutes }あり、聴けるのは{ $limit }までです。もっと短い曲で試してください。
apology-not-audio = このファイルには音が見つかりませんでした。聴けるのはmp3、m4a、ogg、opus、flac、wav、webm、mp4です。
apology-damaged = 曲のようですが、ファイルが壊れていて聴けませんでした。手元で再生できるか確かめて、もう一度投稿してみてください。
apology-empty = このファイルは空です。アップロードが途中で切れたのかもしれません。もう一度投稿してみてください。
apology-silent = 最後まで聴きましたが、無音でした。ファイルは合っていますか？
apology-took-too-long = このファイルを開くのに{ $seconds }秒以上かかったので、止めました。mp3やoggなど、別の形式で試してください。
apology-nothing-to-hear = このメッセージには曲が付いていません。音声ファイル付きのメッセージを選ぶか、/{ $command } を使ってください。
apology-too-busy = いま{ $waiting }曲が順番待ちで、これ以上受け付けられません。1分ほどしてから、もう一度お願いします。
apology-stopping = ちょうど再起動するところです。1分ほどしてから、もう一度お願いします。
apology-gone = ファイルを取得できませんでした。削除されたのかもしれません。もう一度投稿してみてください。
apology-unexpected = ごめんなさい、こちらの不具合で答えられませんでした。失われたものはありません。続くようなら、運営者にこのコードを伝えてください：{ $reference }

minutes = { $minutes }分

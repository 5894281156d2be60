# コマンドの名前と説明。名前は小文字・空白なし・32文字まで、説明は100文字まで。
command-genre = ジャンル
    .description = 曲のジャンルを調べます
option-genre-file = ファイル
    .description = 調べたい曲（mp3、m4a、ogg、flac、wav、mp4など{ $limit ->
        [0] {""}
       *[other] 、{ $limit } MBまで
    }）
option-genre-link = リンク
    .description = ここのメッセージのリンク。何も指定しなければ、このチャンネルの最後の曲を調べます
option-genre-private = 自分だけ
    .description = 結果を自分だけに表示します
menu-genre = ジャンル

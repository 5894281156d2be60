# コマンドの名前と説明。名前は小文字・空白なし・32文字まで、説明は100文字まで。
command-genre = ジャンル
    .description = 曲を聴いて、ジャンルを答えます
option-genre-file = ファイル
    .description = 聴いてほしい曲（mp3、m4a、ogg、opus、flac、wav、webm、mp4）
option-genre-private = 自分だけ
    .description = 答えを自分だけに見せます
menu-genre = ジャンル

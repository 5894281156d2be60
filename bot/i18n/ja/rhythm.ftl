rhythm-tempo = { $bpm } BPM
rhythm-sparse = 音数は少なめ
rhythm-steady = 一定の刻み
rhythm-dense = 細かい刻み
rhythm-looped = 繰り返しが中心
rhythm-varied = 小節ごとに変化
rhythm-new = ほとんど繰り返さない
rhythm-none = はっきりした拍なし

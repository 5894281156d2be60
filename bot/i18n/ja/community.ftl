# /taste と週間まとめ。

command-taste = 好み
    .description = 自分が投稿する曲のジャンルと、好みの近い人を表示します
option-taste-member = メンバー
    .description = 好みを公開している人。省略すると自分の好みを表示します
taste-heading = { $member }さんが投稿する曲
taste-own-heading = あなたが投稿する曲
taste-alt = { $member }さんの好み
taste-moods = 雰囲気
taste-near = 好みの近い人
taste-neighbour = { $member }さん · { $near }
taste-neighbour-song = { $member }さん · { $near } · おすすめ：[{ $title }]({ $link })
taste-nobody = 好みを公開している人の中に、好みの近い人はまだいません。
taste-next = 自分の好みは /好み で見られます。
taste-not-shared = 自分の好みを公開すると、好みの近い人が表示されます。比べるのは、公開している人どうしだけです。
taste-share = 好みを公開する
taste-stop = 公開をやめる
taste-shared = このサーバーで好みを公開しました。ほかの人は /好み であなたがよく投稿するジャンルを見たり、好みの近い人としてあなたを見つけたりできます。「公開をやめる」か /プライバシー 削除 でいつでもやめられます。
taste-stopped = このサーバーでの好みの公開をやめました。

command-setup-weekly = 週間まとめ
    .description = 投稿された曲、好みの変化、もう一度聴きたい曲を、毎週月曜にまとめて投稿します
option-weekly-channel = チャンネル
    .description = まとめを投稿するチャンネル。省略すると停止します
weekly-on = 毎週 { $channel } にまとめを投稿します（初回は{ $when }）。載せるのは、そこにいる全員が見られる曲だけです。メンバーの好みに触れるのは、本人が /好み で公開している場合だけです。曲の投稿がなかった週は何も投稿しません。
weekly-off = 週間まとめの投稿をやめました。
weekly-was-off = 週間まとめは設定されていません。チャンネルを選ぶと始まります。
weekly-heading = 今週の{ $server }
weekly-counts = { $members }人が{ $songs }曲を投稿
weekly-more = … ほか{ $count }曲
weekly-moved = 新しい傾向
weekly-moved-text = { $member }さんが、これまでとは違う曲を投稿しました：[{ $title }]({ $link })
weekly-again = もう一度聴きたい曲
weekly-again-text = [{ $title }]({ $link })（{ $poster }さん、{ $when }）
weekly-alt = 今週投稿された曲：
error-no-taste-yet = この回答で使えるチャンネルには、{ $member }さんの曲がまだ{ $fewest }曲ないため、好みを判断できません。ソングブックに登録された曲が対象です。
error-taste-not-shared = { $member }さんは、ここでは好みを公開していません。公開は /好み の「好みを公開する」でできます。

# Too much at once, told kindly.
error-too-often = You have asked me a lot in the last minute. Please ask again in { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}, so that everybody gets a turn.
error-server-too-often = This server has asked me a lot in the last minute, and others are waiting too. Please ask again in { $seconds ->
    [one] 1 second
   *[other] { $seconds } seconds
}.
error-more-than-announced = That file is larger than Discord told me, so I stopped fetching it. Try posting it again.

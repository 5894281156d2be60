# Too much at once, told kindly.
error-too-often = { $everybody ->
    [yes] This server has asked me a lot in the last minute, and others are waiting too. Please ask again in { $wait }.
   *[no] You have asked me a lot in the last minute. Please ask again in { $wait }, so that everybody gets a turn.
}
error-more-than-announced = That file is larger than Discord told me, so I stopped fetching it. Try posting it again.

# Too many requests, said kindly.
error-too-often = { $everybody ->
    [yes] This server has sent me a lot of requests in the last minute, and others are waiting too. Please try again in { $wait }.
   *[no] You've sent me a lot of requests in the last minute. Please try again in { $wait }, so everyone gets a turn.
}
error-more-than-announced = That file is larger than Discord said, so I stopped downloading it. Try posting it again.

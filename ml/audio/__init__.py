"""From a file's bytes to what a model hears: sandboxed decoding, windows, log-mel."""

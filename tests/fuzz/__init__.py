"""Files as nobody would post them, through the real confined decoders; see benchmarks/fuzz.py."""

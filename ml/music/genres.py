"""The genres that the shipped model knows; by itself, so that a lesson need not load torch."""

GENRES = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)  # GTZAN's ten (Tzanetakis and Cook, 2002), in the order of the model's outputs

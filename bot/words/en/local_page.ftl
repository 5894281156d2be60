page-try = Open it, type /genre, choose a song and send. "Viewing as" makes you another member. Ctrl+C here stops.

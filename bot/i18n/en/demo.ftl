page-try = Open it, type /genre, choose a song and send; or /avatar and any word. "Viewing as" makes you another member. Ctrl+C here stops.

page-try = Open this address. Type /genre, choose a song and send it, or try /avatar with any word. Switch members with "Viewing as". Press Ctrl+C here to stop.

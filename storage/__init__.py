"""What the bot stores: a class a subject, values in and out.

SQL lives in this package and nowhere else, and every value in it is a bound parameter. Statements
are written for SQLite and for a second engine alike: `RETURNING`, `ON CONFLICT`, recursive queries
and row values are PostgreSQL's as well, ids come from the database, moments are integers, and rows
are read by name. SQLite alone knows what is gathered in few places: the pragmas of `database`,
`WITHOUT ROWID`, `AUTOINCREMENT` and `CREATE` statements (`migrations`), lists as one parameter
(`codecs.ID_LIST`), the index hints of `songs`, JSON and text functions (`songs.likeliest_genres`,
`song_queries`), and the copying of a file (`backup`).
"""

"""What the bot keeps: SQLite, one class a subject, values in and out."""

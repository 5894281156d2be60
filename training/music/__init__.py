"""Make the music model that ships."""

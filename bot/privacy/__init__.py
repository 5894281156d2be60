"""See, export and erase what is stored of a member, and erase what is gone from Discord."""

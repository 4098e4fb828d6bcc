"""Writing the city into the database, part by part; each part may be repeated and continues where it stopped."""

"""Short dates for the tables of the administration."""

DATE_FORMAT = "j b Y"
DATETIME_FORMAT = "j b Y, H:i"

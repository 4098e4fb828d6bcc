"""Finding a doctor: what people ask for (`DirectoryQuery`), what their words mean, and the page that answers."""

from doctors.directory.interpretation import Meaning, interpret
from doctors.directory.query import DirectoryQuery
from doctors.directory.results import Listing, search

__all__ = ["DirectoryQuery", "Listing", "Meaning", "interpret", "search"]

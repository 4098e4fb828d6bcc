"""Settings for one machine: embedded PostgreSQL and Valkey unless their URLs are given."""

from medai.settings.base import *

DEBUG = True

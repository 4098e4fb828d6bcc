"""The account pages; signing in itself is allauth's, in our templates."""

"""The staff's console: Django's admin with MedAI's name, look, dashboard and rules of access."""

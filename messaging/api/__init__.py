"""The notification centre and its settings, for apps."""

"""Every write of messaging: planning what is to be told, sending it, and what people do with it."""

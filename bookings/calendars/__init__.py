"""Bookings as calendar data (RFC 5545): attached to messages, and as private feeds that calendar apps read."""

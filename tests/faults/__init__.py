"""What happens when things go wrong: bounded runs on this machine that count what was lost."""

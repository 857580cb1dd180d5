"""Company x reliefs -> explained matches: what applies on a day, why, what it is worth, what to do."""

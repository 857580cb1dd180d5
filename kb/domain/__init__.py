"""Values and rules, pure: nothing here reads a file, a clock, a database or the network."""

"""Made-up sites on this machine that imitate how official ones are built, and how they break."""

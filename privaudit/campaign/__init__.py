"""What a campaign tool makes of a simulated world: presumed leanings, matches, a map."""
